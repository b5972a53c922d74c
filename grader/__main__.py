"""`study`, and `python -m grader`: the same command."""

import gc

# A command lives for a moment and frees its memory by ending: collections would cost a fifth of its start.
gc.disable()

from grader.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
