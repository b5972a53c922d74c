"""`study schema --verdict` prints the schema that verdicts have."""

import json

import jsonschema
from msgspec import to_builtins

from grader.formats.verdict_schema import write_verdict_schema
from tests.support.study import Study
from tests.support.verdicts import make_check, make_verdict


def test_the_schema_of_verdicts_is_printed_and_refuses_what_is_none(study: Study) -> None:
    text = study("schema", "--verdict").stdout
    assert text == write_verdict_schema()
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    wrong = to_builtins(make_verdict(make_check())) | {"verdict": "nearly"}
    assert not jsonschema.Draft202012Validator(schema).is_valid(wrong)
    refused = study("schema", "exercise", "--verdict")
    assert (refused.returncode, refused.stderr) == (
        2,
        "study: --verdict prints one schema of its own\nnext: study schema --verdict\n",
    )
