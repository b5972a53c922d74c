"""`study`, and `python -m grader`: the same command."""

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

# A command lives for a moment and frees its memory by ending: collections would cost a fifth of its start.
gc.disable()

from grader.cli import main as run  # noqa: E402


def main() -> NoReturn:
    """Run one command, and end without taking the interpreter apart, which takes as long as a small grade."""
    try:
        run()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # its reader is gone, or the disk is full: `run` has dealt with that
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
