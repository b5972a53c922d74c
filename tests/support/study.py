"""Where the repository and the toy course lie, what learners hand in there, and the type of the fixture `study`."""

import subprocess
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
TOY_COURSE = REPOSITORY / "tests" / "toys" / "course"

RIGHT = "def double(x):\n    return 2 * x\n"
WRONG = "def double(x):\n    return 3 * x\n"

Study = Callable[..., subprocess.CompletedProcess[str]]
