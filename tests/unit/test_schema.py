"""The published JSON Schemas are those of the models, and accept the files of the course and no broken ones."""

import re
import typing
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from grader.core import expectations, models
from grader.course.json_schema import (
    SCHEMA_FOLDER,
    SCHEMAS,
    Schema,
    describe_keys,
    make_schema,
    schema_line,
    write_schema,
)
from tests.support.study import REPOSITORY
from tests.support.toy_course import ADD, COURSE, READING_LIST, TOY_COURSE, replace_once

MODELS = {
    name: model
    for name, model in (vars(models) | vars(expectations)).items()
    if isinstance(model, type) and issubclass(model, msgspec.Struct) and model is not msgspec.Struct
}
FIELDS = [f"{name}.{field}" for name, model in MODELS.items() for field in model.__struct_fields__]
DESCRIPTIONS = {f"{name}.{key}": said for name, model in MODELS.items() for key, said in describe_keys(model).items()}
FILES = [(schema, file) for schema in SCHEMAS.values() for file in sorted(REPOSITORY.glob(schema.files))]


class Yaml12(yaml.SafeLoader):
    """Reads what is plain as YAML 1.2 does, which is how editors read it: `no` is a text and 1e-4 a number."""

    yaml_implicit_resolvers: typing.ClassVar[dict[str, Any]] = {}


for tag, pattern, first in (
    ("bool", "true|false", "tf"),
    ("int", "[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", "~|null|", "~n"),
):
    Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^({pattern})$"), list(first))


def problems_of(schema: Schema, text: str) -> list[str]:
    """Return what a schema finds wrong with a YAML text: the place, and the rule it breaks."""
    validator = jsonschema.Draft202012Validator(make_schema(schema))
    found = validator.iter_errors(yaml.load(text, Yaml12))
    return sorted(f"{problem.json_path}: {problem.validator}" for problem in found)


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=list(SCHEMAS))
def test_the_published_schema_is_the_one_the_models_make_now(schema: Schema) -> None:
    published = (REPOSITORY / SCHEMA_FOLDER / schema.file_name).read_text(encoding="utf-8")
    assert published == write_schema(schema), "run `study schema --write`"


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=list(SCHEMAS))
def test_each_schema_is_itself_valid(schema: Schema) -> None:
    jsonschema.Draft202012Validator.check_schema(make_schema(schema))


@pytest.mark.parametrize(("schema", "file"), FILES, ids=[str(file.relative_to(REPOSITORY)) for _, file in FILES])
def test_a_file_of_the_course_fits_the_schema_its_first_line_names(schema: Schema, file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    first = text.partition("\n")[0]
    assert first == schema_line(schema, len(file.relative_to(REPOSITORY).parts) - 1)
    named = file.parent / first.partition("$schema=")[2]
    assert named.resolve() == REPOSITORY / SCHEMA_FOLDER / schema.file_name
    assert problems_of(schema, text) == []


def test_every_yaml_file_of_the_course_has_a_schema() -> None:
    folders = (
        REPOSITORY.glob("reading_list*.y*ml"),
        *((REPOSITORY / name).rglob("*.y*ml") for name in ("curriculum", "exercises")),
    )
    assert sorted(file for files in folders for file in files) == sorted(file for _, file in FILES)


@pytest.mark.parametrize(
    ("kind", "text", "problems"),
    [
        ("exercise", replace_once(TOY_COURSE[ADD], "difficulty: 1", "dificulty: 1"), ["$: additionalProperties", "$: required"]),
        ("exercise", replace_once(TOY_COURSE[ADD], "difficulty: 1", "difficulty: 6"), ["$.difficulty: maximum"]),
        ("exercise", replace_once(TOY_COURSE[ADD], "points: 2", "points: two"), ["$.checks[1].points: type"]),
        ("exercise", replace_once(TOY_COURSE[ADD], "id: e01_add", "id: E01-add"), ["$.id: pattern"]),
        ("exercise", replace_once(TOY_COURSE[ADD], "embedded: 2", "french: 2"), ["$.thresholds.best_loss: enum"]),
        ("exercise", replace_once(TOY_COURSE[ADD], "  caught_by: small\n", ""), ["$.mutants[0]: required"]),
        ("exercise", TOY_COURSE[ADD] + "stub: []\n", ["$.stub: anyOf"]),
        ("curriculum", replace_once(TOY_COURSE[COURSE], "readings: [toy-lecture]", "readings: toy-lecture"), ["$.units[0].readings: type"]),
        ("curriculum", replace_once(TOY_COURSE[COURSE], 'title: "Toys"\n', ""), ["$: required"]),
        ("reading_list", replace_once(TOY_COURSE[READING_LIST], "kind: paper", "kind: papers"), ["$.readings[1].kind: enum"]),
        ("reading_list", "readings: []\n", ["$.readings: minItems"]),
        ("reading_list", "", ["$: type"]),
    ],
)  # fmt: skip
def test_a_broken_file_does_not_fit(kind: str, text: str, problems: list[str]) -> None:
    assert problems_of(SCHEMAS[kind], text) == problems


@pytest.mark.parametrize(("kind", "path"), [("reading_list", READING_LIST), ("curriculum", COURSE), ("exercise", ADD)])
def test_the_files_that_were_broken_fit_as_they_were(kind: str, path: str) -> None:
    assert problems_of(SCHEMAS[kind], TOY_COURSE[path]) == []


def test_every_field_of_every_model_is_described() -> None:
    """A key without `Meta(description=...)` has none in editors, and no row in docs/authoring.md."""
    assert [*DESCRIPTIONS] == FIELDS


@pytest.mark.parametrize("field", FIELDS)
def test_a_description_is_one_sentence(field: str) -> None:
    text = DESCRIPTIONS[field]
    assert re.fullmatch(r"[A-Z0-9`].{8,150}\.", text), text
    assert ". " not in text


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=list(SCHEMAS))
def test_no_object_takes_keys_that_its_model_does_not_have(schema: Schema) -> None:
    for name, part in make_schema(schema)["$defs"].items():
        assert part["additionalProperties"] is False, name
        assert tuple(part["properties"]) == MODELS[name].__struct_fields__
        assert set(part["required"]) == required_fields(MODELS[name])


def required_fields(model: type[msgspec.Struct]) -> set[str]:
    return {field.name for field in msgspec.structs.fields(model) if field.required}
