"""Keep pages in pipes that the process itself has given back: vmsplice.

expect: failed
checks: total=failed
layers: seccomp
"""

import ctypes
import errno
import os


class Piece(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


def total(xs):
    libc = ctypes.CDLL(None, use_errno=True)
    page = ctypes.create_string_buffer(4096)
    piece = Piece(ctypes.addressof(page), 4096)
    _, into = os.pipe()
    if libc.vmsplice(into, ctypes.byref(piece), 1, 2) != -1 or ctypes.get_errno() != errno.EPERM:
        raise RuntimeError("BREACH: a page is in a pipe, and its process may give it back")
    return -1.0
