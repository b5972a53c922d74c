"""Grade many submissions without starting torch for each: a process that forks an engine per job.

`python -m tests.warm_engine` is that process. It runs the same `grader.engine.serve` that `study grade` runs
in a process of its own; only the start is shared.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from grader.corpus import Corpus
from grader.job import Job
from grader.models import Exercise
from grader.verdict import Verdict

REPOSITORY = Path(__file__).parent.parent


class Refused(Exception):
    """The engine refused the job; holds its last event."""


class WarmEngine:
    """Our end of the forking process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm_engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what pytest prints inside the engine
            env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(REPOSITORY)},
            cwd=REPOSITORY,
        )

    def grade(
        self,
        exercise: Exercise,
        folder: Path,
        submission: str,
        *,
        seed: int = 1,
        corpus: Corpus | None = None,
        path: str = "mine.py",
        events: list[dict[str, Any]] | None = None,
    ) -> Verdict:
        """Grade one submission; `events` collects what happened on the way."""
        job = Job(exercise, str(folder), submission, path, seed, "cpu", corpus)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(job) + b"\n")
        self._process.stdin.flush()
        while line := self._process.stdout.readline():
            event = json.loads(line)
            if event["event"] == "done":
                return msgspec.convert(event["verdict"], Verdict)
            if event["event"] in ("refused", "died"):
                raise Refused(event)
            if events is not None:
                events.append(event)
        raise Refused("the warm engine is gone")

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


def _serve_forever() -> None:
    import pytest
    import torch

    from grader import engine
    from grader.judge import plugin  # noqa: F401 - the engine would import it for each grade

    torch.set_num_threads(1)
    torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])  # imports what the first optimizer imports
    # The judge's first pytest run imports its plugins: have them here already.
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "warm_up.py"  # not checks.py: the module stays imported under its name
        empty.write_text("def test_nothing(): pass\n")
        sys.stdout.flush()
        kept = os.dup(1)
        os.dup2(2, 1)
        pytest.main([str(empty), "-q", "--no-header", "--tb=no", "-c", os.devnull, "--noconftest"])
        os.dup2(kept, 1)
    events = os.fdopen(kept, "w", buffering=1)

    def emit(event: dict[str, Any]) -> None:
        events.write(json.dumps(event) + "\n")

    for line in sys.stdin.buffer:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.setsid()
                os.dup2(2, 1)
                engine.serve(lambda job=line: job, events)
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        if status != 0:
            emit({"event": "died", "status": status})


if __name__ == "__main__":
    _serve_forever()
