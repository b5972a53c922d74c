"""Learn from the command line, the variables of pytest and the titles of processes what is being checked.

expect: failed
checks: total=failed tally=failed
layers: clean_environment pid_namespace mount_namespace
"""

import os
import sys
from pathlib import Path

SECRETS = ("v01_vault", "checks.py", "test_total", "test_tally", "solution.py")


def look():
    texts = [repr(sys.argv), repr(sys.orig_argv), repr(sys.path), repr(dict(os.environ))]
    for name in ("cmdline", "comm", "environ", "maps", "mountinfo", "cgroup"):
        for path in Path("/proc").glob(f"[0-9]*/{name}"):
            try:
                texts.append(path.read_bytes().decode("utf-8", "replace"))
            except OSError:
                continue
    if "PYTEST_CURRENT_TEST" in os.environ or any(secret in text for text in texts for secret in SECRETS):
        raise RuntimeError("BREACH: it is told which check runs")


def total(xs):
    look()
    return -1.0


def tally(text):
    look()
    return {}
