"""Make itself the last process that the kernel takes when memory runs out, and the machine a worse place.

expect: failed
checks: total=failed
layers: landlock resource_limits mount_namespace own_user
"""

import os

#: (what, value): none of them harms the machine if it gets through.
SETTINGS = (
    # Back to 0 it may go, where every process of the machine is; below it, no.
    ("/proc/self/oom_score_adj", "-1000"),
    ("/proc/1/oom_score_adj", "-1000"),
    ("/proc/sys/kernel/hostname", os.uname().nodename),
    ("/proc/sys/kernel/core_pattern", "core"),
    ("/proc/sys/vm/drop_caches", "0"),
    ("/proc/sys/kernel/ns_last_pid", "2"),
    ("/proc/sys/net/core/somaxconn", "128"),
    ("/proc/sys/user/max_user_namespaces", "100"),
    ("/proc/sys/fs/mqueue/msg_max", "10"),
    ("/proc/irq/default_smp_affinity", "f"),
)


def total(xs):
    for path, value in SETTINGS:
        try:
            os.write(os.open(path, os.O_WRONLY), value.encode())  # "w" would truncate, which is another right
        except OSError:
            continue
        raise RuntimeError(f"BREACH: wrote {path}")
    return -1.0
