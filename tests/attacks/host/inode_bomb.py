"""Make files without end, folders inside folders, and links to them.

expect: failed
checks: total=failed
layers: tmp_size own_user
"""

import contextlib
import os

MOST = 20_000
ALLOWED = 10_000


def refuse_outside_a_sandbox():
    if os.getuid() == 0 or sum(name.isdigit() for name in os.listdir("/proc")) > 8:
        raise RuntimeError("BREACH: no sandbox")


def total(xs):
    refuse_outside_a_sandbox()
    made = 0
    with contextlib.suppress(OSError):
        for _ in range(1_500):
            os.mkdir("deeper")
            os.chdir("deeper")
            made += 1
    with contextlib.suppress(OSError):
        while made < MOST:
            os.close(os.open(f"file-{made}", os.O_CREAT | os.O_WRONLY))
            made += 1
    if made > ALLOWED:
        raise RuntimeError(f"BREACH: {made} files")
    return -1.0
