"""Attach to other processes and read their memory with ptrace and process_vm_readv.

expect: failed
checks: total=failed
layers: seccomp
"""

import ctypes
import errno
import os
import platform

ATTACH, SEIZE, TRACEME = 16, 0x4206, 0
NUMBERS = {
    "x86_64": {"ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312},
    "aarch64": {"ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272},
}[platform.machine()]
libc = ctypes.CDLL(None, use_errno=True)


class Piece(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("size", ctypes.c_size_t))


def try_call(name, *arguments):
    ctypes.set_errno(0)
    if libc.syscall(NUMBERS[name], *arguments) >= 0:
        raise RuntimeError(f"BREACH: {name} is allowed")
    if ctypes.get_errno() != errno.EPERM:
        raise RuntimeError(f"BREACH: {name} reached the kernel: {os.strerror(ctypes.get_errno())}")


def total(xs):
    room = ctypes.create_string_buffer(64)
    here = Piece(ctypes.addressof(room), 64)
    for pid in (1, os.getppid(), os.getpid(), 2):
        for request in (ATTACH, SEIZE, TRACEME):
            try_call("ptrace", request, pid, None, None)
        for name in ("process_vm_readv", "process_vm_writev"):
            try_call(name, pid, ctypes.byref(here), ctypes.c_ulong(1), ctypes.byref(here), ctypes.c_ulong(1), 0)
        try_call("kcmp", pid, os.getpid(), 0, 0, 0)
    return -1.0
