"""The JSON Schema of what `study grade --json` prints, made from the models."""

import inspect
import json
from typing import Any

import msgspec

from grader.verdict import Verdict

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def make_verdict_schema() -> dict[str, Any]:
    """Make the schema; further keys are allowed, for a later version may tell more."""
    made = msgspec.json.schema(Verdict)
    for part in made["$defs"].values():
        if "description" in part:  # their lines are broken as the source has them
            part["description"] = " ".join(inspect.cleandoc(part["description"]).split())
    return {"$schema": DIALECT, "title": "A verdict of study", **made}


def write_verdict_schema() -> str:
    """Return its text."""
    return json.dumps(make_verdict_schema(), indent=2, ensure_ascii=False) + "\n"
