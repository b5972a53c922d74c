"""A limit on the judge's own memory: what comes back is compared here, and can be large."""

import resource
import sys
from contextlib import suppress
from pathlib import Path

#: Whatever the exercise allows its learners: the reference runs here, and pytest.
MIN_MIB = 1024


def limit_own_memory(mib: int) -> None:
    """Limit what this process may take from now on; beyond it a MemoryError is raised (Linux only).

    The limit may be raised again by whatever is forked from here, which has limits of its own.
    """
    if sys.platform != "linux":
        return
    with suppress(OSError, ValueError):  # no /proc, or a lower limit that was set for us: then that one holds
        fields = Path("/proc/self/status").read_text().split()
        held_kib = int(fields[fields.index("VmData:") + 1])
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = (held_kib << 10) + (max(mib, MIN_MIB) << 20)
        resource.setrlimit(
            resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )


def is_limited_from_outside() -> bool:
    """Tell whether another program limits this process, as `ulimit -v` does."""
    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY
