"""Raise every limit, its own and those of the process that forks for the checks.

expect: failed
checks: total=failed
layers: resource_limits own_user
"""

import resource

KINDS = {name: value for name, value in vars(resource).items() if name.startswith("RLIMIT_") and name != "RLIMIT_OFILE"}
LIMITED = (
    "RLIMIT_CORE",
    "RLIMIT_FSIZE",
    "RLIMIT_NOFILE",
    "RLIMIT_NPROC",
    "RLIMIT_DATA",
    "RLIMIT_MSGQUEUE",
    "RLIMIT_AS",
    "RLIMIT_STACK",
)


def total(xs):
    for name, kind in KINDS.items():
        _, hard = resource.getrlimit(kind)
        if name in LIMITED and hard == resource.RLIM_INFINITY:
            raise RuntimeError(f"BREACH: {name} has no limit")
        if hard == resource.RLIM_INFINITY:
            continue
        for pid in (0, 1):
            for more in (hard + 1, resource.RLIM_INFINITY):
                try:
                    resource.prlimit(pid, kind, (more, more))
                except (ValueError, OSError):
                    continue
                raise RuntimeError(f"BREACH: {name} of process {pid} is now {more}")
    return -1.0
