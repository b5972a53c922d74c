"""Write the notebook of an exercise: what it asks for, its stub in cells, a cell to try things, a cell that grades."""

import ast
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from grader.core.models import Exercise
from grader.course.formulas import find_fault
from grader.notebook.names import Definition

_CODE = re.compile(r"(`+)(?:.|\n)*?\1")
_FORMAT_MINOR = 5
_SCRATCH = "# A cell to try things in: it is never graded. Run the cells above first.\n"


class Link(Struct, frozen=True):
    """Something to read or watch before: its words, and its address if it has one."""

    text: str
    url: str | None


def write_notebook(exercise: Exercise, stub: str, sources: Sequence[Link]) -> str:
    """Return the text of a new notebook of nbformat 4.5; the same exercise gives the same text."""
    import nbformat  # 125 ms, for a seldom thing

    cells = [
        _markdown("statement", _state(exercise, sources)),
        *(_code(f"stub-{number}", part) for number, part in enumerate(split_stub(stub), 1)),
        _code("scratch", _SCRATCH, tags=["scratch"]),
        _code("grade", f"%load_ext grader\n%study grade {exercise.id}"),
    ]
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": _FORMAT_MINOR,
    }
    nbformat.validate(notebook)
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def split_stub(stub: str) -> list[str]:
    """Cut a stub into the texts of cells: each function and class its own, what is between them together.

    Comments go with what follows them. Joined again, the cells say what the stub says.
    """
    lines = stub.splitlines(keepends=True)
    parts: list[str] = []
    begin, own = 0, False
    for last, is_definition in _extents(stub):
        if not parts or is_definition or own:
            parts.append("")
        parts[-1] += "".join(lines[begin:last])
        begin, own = last, is_definition
    if not parts:
        parts.append("")
    parts[-1] += "".join(lines[begin:])
    return [part.strip("\n") for part in parts]


def _extents(stub: str) -> Iterator[tuple[int, bool]]:
    """Yield the last line of each statement, and whether it is a function or a class."""
    for node in ast.parse(stub).body:
        yield node.end_lineno or node.lineno, isinstance(node, Definition)


def _state(exercise: Exercise, sources: Sequence[Link]) -> str:
    lines = [f"# {_escape(exercise.title)}", "", _escape(exercise.statement.rstrip()), ""]
    for formula in exercise.formulas:
        lines += [_display(formula), ""]
    if sources:
        lines += ["**To read**", ""]
        lines += [f"- [{_bracket(one.text)}](<{one.url}>)" if one.url else f"- {_escape(one.text)}" for one in sources]
        lines.append("")
    lines.append(
        f"About {exercise.minutes} minutes, difficulty {exercise.difficulty} of 5. Fill in the cells below, save the"
        f" notebook, then run the last cell. Stuck: `%study hint {exercise.id}`"
    )
    return "\n".join(lines)


def _display(formula: str) -> str:
    """Write a formula as mathematics; one that could be more than that is not repeated, in no form."""
    if find_fault(formula):
        return "*A formula that should be here cannot be shown; `study lint` says why.*"
    return f"$${formula.strip()}$$"


def _escape(text: str) -> str:
    """Keep words such as <E> from being taken for HTML; code stays as it is."""
    parts: list[str] = []
    at = 0
    for match in _CODE.finditer(text):
        parts += [text[at : match.start()].replace("<", "&lt;"), match[0]]
        at = match.end()
    return "".join([*parts, text[at:].replace("<", "&lt;")])


def _bracket(text: str) -> str:
    return _escape(text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]"))


def _markdown(cell_id: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": cell_id, "metadata": {}, "source": _lines(text)}


def _code(cell_id: str, text: str, tags: Sequence[str] = ()) -> dict[str, Any]:
    metadata = {"tags": list(tags)} if tags else {}
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell_id,
        "metadata": metadata,
        "outputs": [],
        "source": _lines(text),
    }


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
