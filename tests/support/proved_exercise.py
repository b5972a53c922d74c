"""The exercise e02_double of the toy course, to be proved with something changed."""

from tests.support.toy_course import DOUBLE, TOY_COURSE, replace_once

FOLDER = "exercises/e02_double"
CHECKS_FILE = f"{FOLDER}/checks.py"
CHECKS = TOY_COURSE[f"{FOLDER}/checks.py"]
YAML = TOY_COURSE[DOUBLE]
ONE = '- {id: doubled, title: "The double"}\n'
ZERO = ONE + '- {id: zero, title: "The double of zero"}\n'
CHECKS_WITH_ZERO = CHECKS + "\n\ndef test_zero(submission):\n    assert submission.double(0) == 0\n"


def in_yaml(old: str, new: str) -> str:
    return replace_once(YAML, old, new)
