"""Read the code cells of a notebook, which a stranger may have made: JSON of nbformat 4, looked at and never run."""

import json
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader.core.errors import SubmissionUnreadable
from grader.files.workspace import MAX_SUBMISSION_BYTES, read_submission

SUFFIX = ".ipynb"
#: Outputs, with pictures in them, are most of a notebook.
MAX_NOTEBOOK_BYTES = 20 * 2**20
MAX_CELLS = 2000
MAX_TAGS = 100
_RESTORE = "open it in Jupyter and save it again, or begin again: study start ID --notebook --force"


class Cell(Struct, frozen=True):
    """One code cell: what it is called in messages, its text, and whether its author has set it apart.

    `row` is the number of the text's first line in the cell.
    """

    name: str
    text: str
    scratch: bool = False
    row: int = 1


def is_notebook(path: Path) -> bool:
    """Tell by its name whether a file is meant as a notebook."""
    return path.suffix.lower() == SUFFIX


def read_notebook(path: Path, exercise_id: str = "ID") -> tuple[Cell, ...]:
    """Read a notebook's code cells; they are numbered among all cells, from 1.

    Args:
        path: The file.
        exercise_id: What it answers, for the next step.

    Raises:
        SubmissionUnreadable: If it is not a Python notebook of nbformat 4; the message names the file and the place.
    """
    text = read_submission(
        path,
        max_bytes=MAX_NOTEBOOK_BYTES,
        too_large="clear its outputs (Jupyter: Edit, Clear Outputs of All Cells), then save it",
        exercise_id=exercise_id,
    )
    return parse_notebook(text, str(path))


def parse_notebook(text: str, name: str) -> tuple[Cell, ...]:
    """Take the code cells out of a notebook's text.

    Args:
        text: The file.
        name: What to call it in messages.

    Raises:
        SubmissionUnreadable: As `read_notebook` does.
    """
    found = _parse_json(text, name)
    if not isinstance(found, dict):
        raise _not_a_notebook(name, f"it holds {_kind(found)}, where an object with `cells` belongs")
    _check_format(found, name)
    _check_language(found, name)
    cells = found.get("cells")
    if not isinstance(cells, list):
        raise _not_a_notebook(name, f"its `cells` is {_kind(cells)}, not a list")
    if len(cells) > MAX_CELLS:
        raise SubmissionUnreadable(
            f"{name} has {len(cells):,} cells; at most {MAX_CELLS:,} are looked at",
            hint="move what is not needed for this exercise into another notebook",
        )
    code = [found for number, cell in enumerate(cells, 1) if (found := _read_cell(cell, number, name)) is not None]
    if not code:
        raise SubmissionUnreadable(
            f"{name} has no code cell", hint="write your functions into code cells, not into Markdown"
        )
    size = sum(len(cell.text) for cell in code)
    if size > MAX_SUBMISSION_BYTES:
        raise SubmissionUnreadable(
            f"the code cells of {name} hold {size:,} characters; at most {MAX_SUBMISSION_BYTES:,} are read",
            hint="keep data and weights out of it; an exercise is a few hundred lines",
        )
    return tuple(code)


class _Doubled(ValueError):
    """A key is there twice in one object: programs disagree about which counts."""


def _parse_json(text: str, name: str) -> Any:
    if not text.strip():
        raise _not_a_notebook(name, "it is empty")
    try:
        return json.loads(text, object_pairs_hook=_make_object)
    except json.JSONDecodeError as error:
        where = f"{name}:{error.lineno}:{error.colno}"
        raise SubmissionUnreadable(f"{where}: not a notebook, for it is not JSON: {error.msg}", hint=_RESTORE) from None
    except _Doubled as error:
        raise _not_a_notebook(name, str(error)) from None
    except RecursionError:
        raise _not_a_notebook(name, "its JSON is nested too deeply") from None
    except ValueError:  # an integer of thousands of digits
        raise _not_a_notebook(name, "it holds a number that is far too long") from None


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        doubled = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Doubled(f"the key `{doubled[:60]}` is there twice in one object")
    return made


def _check_format(found: dict[str, Any], name: str) -> None:
    major = found.get("nbformat")
    if type(major) is not int:
        what = "it does not say its `nbformat`" if major is None else f"its `nbformat` is {_kind(major)}, not 4"
        raise _not_a_notebook(name, what)
    if major < 4:
        raise SubmissionUnreadable(
            f"{name} is a notebook of the old format {major}; format 4 is read", hint=_convert_hint(name)
        )
    if major > 4:
        raise SubmissionUnreadable(
            f"{name} is a notebook of format {major}; study reads format 4",
            hint="save it as nbformat 4, or grade a Python file: --submission FILE.py",
        )


def _check_language(found: dict[str, Any], name: str) -> None:
    metadata = found.get("metadata")
    if not isinstance(metadata, dict):
        return
    for part, key in (("language_info", "name"), ("kernelspec", "language")):
        described = metadata.get(part)
        language = described.get(key) if isinstance(described, dict) else None
        if isinstance(language, str) and language.strip() and "python" not in language.lower():
            raise SubmissionUnreadable(
                f"{name} is a notebook of the language {language[:40]}; exercises are solved in Python",
                hint="choose a Python kernel (Jupyter: Kernel, Change Kernel), then save it",
            )


def _read_cell(cell: Any, number: int, name: str) -> Cell | None:
    if not isinstance(cell, dict):
        raise _not_a_notebook(name, f"cell {number} is {_kind(cell)}, not an object")
    if cell.get("cell_type") != "code":
        return None
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(part, str) for part in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise _not_a_notebook(name, f"the `source` of cell {number} is neither text nor a list of texts")
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    for row, line in enumerate(source.split("\n"), 1):
        if "\0" in line:
            raise _odd_character(name, number, row, "a NUL character")
        if not line.isascii() and any("\ud800" <= character <= "\udfff" for character in line):
            raise _odd_character(name, number, row, "half a character (a lone surrogate)")
    return Cell(f"cell {number}", source, "scratch" in _read_tags(cell))


def _read_tags(cell: dict[str, Any]) -> list[str]:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return [tag for tag in tags[:MAX_TAGS] if isinstance(tag, str)] if isinstance(tags, list) else []


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "missing"}
    return kinds.get(type(value), "a number that is not whole" if isinstance(value, float) else "a number")


def _odd_character(name: str, number: int, row: int, what: str) -> SubmissionUnreadable:
    return SubmissionUnreadable(f"{name} cell {number} line {row}: {what}", hint="delete it, then save the notebook")


def _not_a_notebook(name: str, why: str) -> SubmissionUnreadable:
    return SubmissionUnreadable(f"{name} is not a notebook: {why}", hint=_RESTORE)


def _convert_hint(name: str) -> str:
    new = Path(name).with_name(f"{Path(name).stem}-4{SUFFIX}")
    code = f"import nbformat; nbformat.write(nbformat.read({name!r}, 4), {str(new)!r})"
    return f'python -c "{code}"   writes it again as {new.name}'
