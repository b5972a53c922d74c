"""Become another user, in itself and in its children, by every call for that.

expect: failed
checks: total=failed
layers: own_user
"""

import ctypes
import os
import platform

CALLS = {
    "x86_64": {"setuid": 105, "setgid": 106, "setreuid": 113, "setresuid": 117, "setfsuid": 122, "setgroups": 116},
    "aarch64": {"setuid": 146, "setgid": 144, "setreuid": 145, "setresuid": 147, "setfsuid": 151, "setgroups": 159},
}[platform.machine()]
CAPSET = {"x86_64": 126, "aarch64": 91}[platform.machine()]


def total(xs):
    libc = ctypes.CDLL(None, use_errno=True)
    own = os.getresuid() + os.getresgid()
    for name, number in CALLS.items():
        if name != "setgroups":
            libc.syscall(ctypes.c_long(number), 0, 0, 0)
            libc.syscall(ctypes.c_long(number), 65534, 65534, 65534)
        elif libc.syscall(ctypes.c_long(number), 1, (ctypes.c_uint * 1)(0)) == 0:
            raise RuntimeError("BREACH: it is of another group")
        if os.getresuid() + os.getresgid() != own:
            raise RuntimeError(f"BREACH: another user by {name}")
    with open("/proc/self/status") as status:
        held = [line.split()[1] for line in status if line.startswith(("CapEff", "CapPrm", "CapInh", "CapAmb"))]
    if any(int(part, 16) for part in held):
        raise RuntimeError("BREACH: it holds capabilities")
    return -1.0
