"""Change one place of a file and leave every other character as it is."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml
from msgspec import structs

from grader.core.models import Course
from grader.course.conform import read_model
from grader.course.yaml_tree import parse_text
from grader.files.replacing import replacing

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def quote(text: str) -> str:
    """Write a text as a YAML scalar of one line."""
    return json.dumps(text, ensure_ascii=False)


def replace_values(text: str, values: dict[str, str]) -> str:
    """Replace the values of top-level keys, each of which is there and holds one scalar.

    Args:
        text: A file that has been loaded as part of a course, so it has no anchors and no doubled keys.
        values: What to write, as YAML, by key.
    """
    nodes = _compose(text)
    spans = sorted(((nodes[key].start_mark.index, nodes[key].end_mark.index, key) for key in values), reverse=True)
    for start, end, key in spans:
        text = text[:start] + values[key] + text[end:]
    return text


def add_to_unit(text: str, unit_id: str, exercise_id: str) -> str | None:
    """Add an exercise at the end of a unit of a curriculum file.

    Returns:
        The new text, or None if the file does not hold the unit, or is written in a way that cannot be changed
        with certainty: what is returned has been read again, and says what was meant.
    """
    return _add_to_unit(text, unit_id, "exercises", [exercise_id])


def add_readings_to_unit(text: str, unit_id: str, reading_ids: Sequence[str]) -> str | None:
    """Add readings at the end of a unit; see `add_to_unit`."""
    return _add_to_unit(text, unit_id, "readings", reading_ids)


def _add_to_unit(text: str, unit_id: str, key: str, names: Sequence[str]) -> str | None:
    before = _read_course(text)
    if before is None or unit_id not in {unit.id for unit in before.units}:
        return None
    units = tuple(
        structs.replace(unit, **{key: (*getattr(unit, key), *names)}) if unit.id == unit_id else unit
        for unit in before.units
    )
    changed = _insert(text, unit_id, key, names)
    return changed if _read_course(changed) == structs.replace(before, units=units) else None


def append_item(text: str, key: str, render: Callable[[str], str]) -> str | None:
    """Add items at the end of the list of a top-level key, below the last one and above the comments behind it.

    Args:
        text: A file that has been loaded as part of a course.
        key: The key of the list.
        render: Gives the items as lines of YAML, when given what comes before each dash.

    Returns:
        The new text, or None if the list is written inside of [ ].
    """
    listed = _compose(text).get(key)
    if not isinstance(listed, yaml.SequenceNode) or listed.flow_style or not listed.value:
        return None
    first = listed.value[0].start_mark.index
    start = text.rfind("\n", 0, first) + 1
    indent = text[start : text.index("-", start)]
    return _insert_line(text, _end_of(listed), render(indent).removesuffix("\n"))


def _read_course(text: str) -> Course | None:
    return read_model(parse_text(text, "curriculum"), Course)


def _compose(text: str) -> dict[str, Any]:
    """Return the values of the top-level keys, with the places where they start and end."""
    root: Any = yaml.compose(text, Loader=_Loader)
    return {key.value: value for key, value in root.value}


def _insert(text: str, unit_id: str, key: str, names: Sequence[str]) -> str:
    root = _compose(text)
    joined = ", ".join(names)
    for unit in root["units"].value:
        keys = {name.value: (name, value) for name, value in unit.value}
        if keys["id"][1].value != unit_id:
            continue
        if key not in keys:
            name, _ = keys["id"]
            return _insert_line(text, _end_of(unit), " " * name.start_mark.column + f"{key}: [{joined}]")
        listed = keys[key][1]
        if not listed.value:  # []
            return text[: listed.start_mark.index] + f"[{joined}]" + text[listed.end_mark.index :]
        last = listed.value[-1]
        if listed.flow_style:
            return text[: last.end_mark.index] + f", {joined}" + text[last.end_mark.index :]
        start = text.rfind("\n", 0, last.start_mark.index) + 1
        dash = text[start : last.start_mark.index]
        return _insert_line(text, last.end_mark.index, "\n".join(dash + name for name in names))
    return text


def _end_of(node: Any) -> int:
    """Return where the last scalar of a node ends: the node's own end lies behind the comments that follow."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    end: int = node.end_mark.index
    return end


def _insert_line(text: str, behind: int, line: str) -> str:
    """Insert a line below the one that holds the character before `behind`, with the same line end."""
    if text[behind - 1] == "\n":  # a block of text, which ends with its line
        behind -= 1
    found = re.compile(r"\r?\n").search(text, behind)
    if found is None:
        return f"{text}\n{line}\n"
    return text[: found.end()] + line + found[0] + text[found.end() :]


def replace_file(file: Path, text: str) -> None:
    """Write a file so that either the old or the new one is there, whatever happens."""
    mode = file.stat().st_mode & 0o777 if file.exists() else None
    with replacing(file, mode=mode) as out:
        out.write(text.encode())
