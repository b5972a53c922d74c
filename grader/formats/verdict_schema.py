"""The JSON Schema of what `study grade --json` prints, made from the models."""

import inspect
import json
from typing import Any

import msgspec

from grader.core.verdict import Verdict

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def make_verdict_schema() -> dict[str, Any]:
    """Make the schema; further keys are allowed, for a later version may tell more."""
    made = msgspec.json.schema(Verdict)
    for part in made["$defs"].values():
        if "description" in part:  # their lines are broken as the source has them
            part["description"] = " ".join(inspect.cleandoc(part["description"]).split())
    _sort_choices(made)
    return {"$schema": DIALECT, "title": "A verdict of study", **made}


def _sort_choices(part: Any) -> None:
    """Put the kinds of pictures into an order: msgspec takes them from a set, so that it changes from run to run."""
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _sort_choices(value)
    if isinstance(part, dict):
        if isinstance(part.get("anyOf"), list):
            part["anyOf"].sort(key=json.dumps)
        if isinstance(part.get("mapping"), dict):
            part["mapping"] = dict(sorted(part["mapping"].items()))


def write_verdict_schema() -> str:
    """Return its text."""
    return json.dumps(make_verdict_schema(), indent=2, ensure_ascii=False) + "\n"
