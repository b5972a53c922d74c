"""JSON Schemas of the YAML files of a course, made from the models, for editors that complete and check."""

import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from grader.core.models import Course, Exercise, ReadingList
from grader.course.edit import replace_file

DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: Where a course keeps its schemas, and where its YAML files look for them.
SCHEMA_FOLDER = "docs/schema"


class Schema(Struct, frozen=True):
    """One kind of YAML file: `files` are those of a course that are of this kind."""

    name: str
    model: type[Struct]
    files: str

    @property
    def file_name(self) -> str:
        """The name under which it is published."""
        return f"{self.name}.schema.json"


SCHEMAS: Mapping[str, Schema] = {
    schema.name: schema
    for schema in (
        Schema("reading_list", ReadingList, "reading_list.yaml"),
        Schema("curriculum", Course, "curriculum/*.yaml"),
        Schema("exercise", Exercise, "exercises/*/exercise.yaml"),
    )
}


def make_schema(schema: Schema) -> dict[str, Any]:
    """Make the JSON Schema of one kind of file, every key with its description."""
    made = msgspec.json.schema(schema.model)
    for part in made["$defs"].values():
        if part.get("type") == "object":
            part["description"] = _unwrap(part["description"])
    return {"$schema": DIALECT, "title": schema.files, **made}


def describe_keys(model: type[Struct]) -> dict[str, str]:
    """Return what each key of a model is for, as its `Meta` says it."""
    _, parts = msgspec.json.schema_components([model])
    properties = parts[model.__name__]["properties"]
    return {name: properties[name]["description"] for name in properties}


def write_schema(schema: Schema) -> str:
    """Return the text of the published file."""
    return json.dumps(make_schema(schema), indent=2, ensure_ascii=False) + "\n"


def write_schemas(folder: Path) -> list[Path]:
    """Write all schemas into a folder, each so that either the old or the new one is there."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for schema in SCHEMAS.values():
        replace_file(folder / schema.file_name, write_schema(schema))
        files.append(folder / schema.file_name)
    return files


def schema_line(schema: Schema, up: int) -> str:
    """Return the comment that leads an editor from a file to its schema.

    Args:
        schema: The schema of the file.
        up: How many folders the file lies below its course.
    """
    return f"# yaml-language-server: $schema={'../' * up}{SCHEMA_FOLDER}/{schema.file_name}"


def _unwrap(docstring: str) -> str:
    """Join the lines of each paragraph, as editors break them again."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(docstring).split("\n\n"))
