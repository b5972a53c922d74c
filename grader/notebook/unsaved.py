"""Find what a learner ran in a kernel and did not save."""

import ast
from collections.abc import Sequence

from grader.notebook.bounded import gather
from grader.notebook.names import Definition
from grader.notebook.reading import Cell

#: The newest inputs of a long session are enough.
MAX_INPUTS = 500


def find_unsaved(history: Sequence[str], source: str, exercise_id: str) -> list[str]:
    """Return the functions and classes whose last run definition differs from the one in `source`.

    Args:
        history: What the kernel ran, the newest last.
        source: What was gathered from the saved notebook.
        exercise_id: Whose `%%study` cells count.
    """
    ran: dict[str, str] = {}
    for number, text in enumerate(history[-MAX_INPUTS:]):
        ran |= _dump_definitions(gather([Cell(f"In [{number}]", text)], exercise_id).source)
    saved = _dump_definitions(source)
    return [name for name, dumped in saved.items() if name in ran and ran[name] != dumped]


def _dump_definitions(source: str) -> dict[str, str]:
    try:
        return {node.name: ast.dump(node) for node in ast.parse(source).body if isinstance(node, Definition)}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
