"""Where this package is installed: what reads its own files, or hides them, starts here."""

from pathlib import Path

#: The folder `grader/`; the checkout, or site-packages, is its parent.
PACKAGE = Path(__file__).resolve().parent.parent
