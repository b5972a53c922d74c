"""Restart the machine, rename it, set its clock, load code into its kernel.

expect: failed
checks: total=failed
layers: seccomp own_user
"""

import ctypes
import errno
import os
import platform

#: With arguments that change nothing even where they are allowed.
NAME = os.uname().nodename.encode()
NUMBERS = {
    "x86_64": {
        **{"reboot": 169, "sethostname": 170, "setdomainname": 171, "settimeofday": 164, "clock_settime": 227},
        **{"adjtimex": 159, "clock_adjtime": 305, "swapon": 167, "swapoff": 168, "kexec_load": 246, "vhangup": 153},
        **{"init_module": 175, "finit_module": 313, "delete_module": 176, "kexec_file_load": 320},
    },
    "aarch64": {
        **{"reboot": 142, "sethostname": 161, "setdomainname": 162, "settimeofday": 170, "clock_settime": 112},
        **{"adjtimex": 171, "clock_adjtime": 266, "swapon": 224, "swapoff": 225, "kexec_load": 104, "vhangup": 58},
        **{"init_module": 105, "finit_module": 273, "delete_module": 106, "kexec_file_load": 294},
    },
}[platform.machine()]
ARGUMENTS = {"sethostname": (NAME, len(NAME)), "delete_module": (b"vault", 0), "swapon": (b"/nowhere", 0)}


def refuse_outside_a_sandbox():
    if os.getuid() == 0 or sum(name.isdigit() for name in os.listdir("/proc")) > 8:
        raise RuntimeError("BREACH: no sandbox")


def total(xs):
    refuse_outside_a_sandbox()
    libc = ctypes.CDLL(None, use_errno=True)
    for name, number in NUMBERS.items():
        ctypes.set_errno(0)
        result = libc.syscall(ctypes.c_long(number), *ARGUMENTS.get(name, (0, 0, 0, 0)))
        if result >= 0 or ctypes.get_errno() != errno.EPERM:
            raise RuntimeError(f"BREACH: {name} reached the kernel: {os.strerror(ctypes.get_errno())}")
    return -1.0
