"""Open a log with one migration too many, and die by SIGKILL in the middle of it; run by the tests."""

import os
import signal
import sys
from collections.abc import Iterable

from grader.progress import ProgressStore, schema
from grader.progress.dialect import Dialect


def _die_halfway(dialect: Dialect) -> Iterable[str]:
    yield "CREATE TABLE halfway (id BIGINT)"
    os.kill(os.getpid(), signal.SIGKILL)


schema.MIGRATIONS += (schema.Migration("die halfway", _die_halfway),)
ProgressStore.open(sys.argv[1])
