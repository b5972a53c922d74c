"""Have children whose processor time is charged to nobody: ignore their end, by every name of the call.

expect: failed
checks: total=failed tally=failed
layers: seccomp
"""

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
import time

RT_SIGACTION = {"x86_64": 13, "aarch64": 134}[platform.machine()]
SA_NOCLDWAIT = 2
libc = ctypes.CDLL(None, use_errno=True)


def charged_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def refuse_to_hide(how):
    """Let a child spend time: where its end is ignored, that is charged to nobody."""
    before_s = charged_s()
    pid = os.fork()
    if pid == 0:
        until_s = time.process_time() + 0.1
        while time.process_time() < until_s:
            pass
        os._exit(0)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
    if charged_s() - before_s < 0.05:
        raise RuntimeError(f"BREACH: the time of a child is gone, {how}")


def total(xs):
    with contextlib.suppress(OSError):
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    refuse_to_hide("by signal")
    return -1.0


def tally(text):
    # Handler, flags, restorer, mask: as the kernel has it on both machines, as far as it matters here.
    for handler, flags in ((1, 0), (0, SA_NOCLDWAIT)):
        action = struct.pack("QQQQ", handler, flags, 0, 0)
        for number in (signal.SIGCHLD, signal.SIGCHLD | 1 << 32, signal.SIGCHLD | 1 << 63):
            libc.syscall(ctypes.c_long(RT_SIGACTION), ctypes.c_ulong(number), action, None, ctypes.c_size_t(8))
    refuse_to_hide("by the bare call")
    return {}
