"""Ask for what the kernel has learned in the last years, and for what it may learn in the next.

expect: failed
checks: total=failed
layers: seccomp
"""

import ctypes
import errno
import os

#: The same on every machine. A libseccomp that is older than they are has no names for them.
NEW = {
    **{"pidfd_send_signal": 424, "quotactl_fd": 443, "landlock_create_ruleset": 444, "landlock_add_rule": 445},
    **{"landlock_restrict_self": 446, "process_mrelease": 448, "set_mempolicy_home_node": 450, "cachestat": 451},
    **{"map_shadow_stack": 453, "statmount": 457, "listmount": 458, "lsm_get_self_attr": 459, "lsm_set_self_attr": 460},
    **{"lsm_list_modules": 461, "mseal": 462, "setxattrat": 463, "getxattrat": 464, "listxattrat": 465},
    **{"removexattrat": 466, "open_tree_attr": 467, "file_getattr": 468, "file_setattr": 469, "listns": 470},
}
FUTURE = range(471, 512)


def total(xs):
    libc = ctypes.CDLL(None, use_errno=True)
    for name, number in (NEW | {f"call {n}": n for n in FUTURE}).items():
        ctypes.set_errno(0)
        result = libc.syscall(ctypes.c_long(number), 0, 0, 0, 0, 0, 0)
        # Any other reason would be the kernel's own, which has then looked at what was asked.
        allowed = errno.EPERM if name in NEW else errno.ENOSYS
        if result >= 0 or ctypes.get_errno() != allowed:
            raise RuntimeError(f"BREACH: {name} reached the kernel: {os.strerror(ctypes.get_errno())}")
    return -1.0
