"""`study schema` writes the JSON Schemas, and says when those in the course are not the newest."""

import json
from pathlib import Path

from grader.course.json_schema import (
    SCHEMA_FOLDER,
    SCHEMAS,
    write_schema,
)
from tests.support.study import Study
from tests.support.toy_course import READING_LIST, TOY_COURSE


def test_schema_lists_the_three_kinds_of_files(study: Study) -> None:
    assert study("schema").stdout == (
        "reading_list  reading_list.yaml           study schema reading_list\n"
        "curriculum    curriculum/*.yaml           study schema curriculum\n"
        "exercise      exercises/*/exercise.yaml   study schema exercise\n"
    )
    assert json.loads(study("schema", "--json").stdout)["schemas"][0] == {
        "name": "reading_list",
        "files": "reading_list.yaml",
    }


def test_schema_prints_one_of_them(study: Study) -> None:
    assert study("schema", "exercise").stdout == write_schema(SCHEMAS["exercise"])


def test_schema_writes_all_of_them_into_the_course_or_a_folder(study: Study, home: Path) -> None:
    (home / "mine").mkdir()
    (home / "mine" / READING_LIST).write_text(TOY_COURSE[READING_LIST])
    done = study("schema", "--write", toy=False, STUDY_COURSE=str(home / "mine"))
    names = [schema.file_name for schema in SCHEMAS.values()]
    assert done.stdout == "".join(f"wrote  mine/{SCHEMA_FOLDER}/{name}\n" for name in names)
    assert sorted(path.name for path in (home / "mine" / SCHEMA_FOLDER).iterdir()) == sorted(names)
    elsewhere = json.loads(study("schema", "--write", "here", "--json").stdout)
    assert elsewhere == {"files": [str(home / "here" / name) for name in names]}
    assert (home / "here" / names[2]).read_text() == write_schema(SCHEMAS["exercise"])


def test_schema_cannot_write_where_a_file_lies(study: Study, home: Path) -> None:
    (home / "file").touch()
    refused = study("schema", "--write", "file")
    assert (refused.returncode, refused.stderr) == (
        2,
        f"study: {home}/file cannot be written: File exists\nnext: name another folder: study schema --write FOLDER\n",
    )


def test_schema_prints_or_writes(study: Study) -> None:
    refused = study("schema", "exercise", "--write")
    assert (refused.returncode, refused.stderr) == (
        2,
        "study: --write writes all schemas\nnext: study schema --write, or: study schema exercise\n",
    )
