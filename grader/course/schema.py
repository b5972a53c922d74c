"""JSON Schemas of the YAML files of a course, made from the models, for editors that complete and check."""

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.inspect import DictType, LiteralType, Type
from msgspec.inspect import type_info as inspect_type

from grader.core import models
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

#: What a key is for, in one sentence, where its line in grader/core/models.py has no `#:` comment.
DESCRIPTIONS: Mapping[str, str] = {
    "Chapter.t": "Where the chapter starts, in whole seconds.",
    "Chapter.title": "The chapter's title, as the video shows it.",
    "Reading.id": "The name by which courses and exercises refer to this reading: lower-case words joined by -.",
    "Reading.kind": "What sort of thing it is.",
    "Reading.title": "Its title as published.",
    "Reading.track": "The topic it is listed under: lower-case words joined by -.",
    "Reading.minutes": "How long it takes to read or watch.",
    "Reading.authors": "Who made it, in the order given there.",
    "Reading.year": "When it was published.",
    "Reading.url": "Where to find it: a whole address.",
    "Reading.video_id": "The 11 characters behind watch?v= in the address of a YouTube video.",
    "Reading.note": "What a learner should know before opening it.",
    "Reading.chapters": "The chapters of a recorded lecture, by rising start.",
    "ReadingRef.id": "The id of a reading in reading_list.yaml.",
    "ReadingRef.chapter": "The start of the chapter to watch, in seconds, as in that reading's `chapters`.",
    "Budget.operations": "At most so many times the tensor operations of the reference.",
    "Budget.bytes": "At most so many times the memory of the reference.",
    "Budget.seconds": "At most so many times the time of the reference.",
    "LossUnder.of": "The loss in nats: an expression over `result` and the inputs.",
    "LossUnder.threshold": "The name of the bound, one of `thresholds`.",
    "Expectation.equals": "The result is close to this expression, usually `reference`: what the solution returns in float64.",
    "Expectation.shape": "The result's shape is this tuple.",
    "Expectation.dtype": "The result's dtype is this one.",
    "Expectation.holds": "This expression over `result`, `reference` and the inputs is true, everywhere if it is a tensor.",
    "Expectation.raises": "The call raises an exception of this class.",
    "Expectation.gradient": "The gradients with respect to these inputs agree with those of the reference and with finite differences.",
    "Expectation.unchanged": "These inputs are after the call what they were before it.",
    "Expectation.deterministic": "Two equal calls give the same result, bit by bit.",
    "Expectation.simulated_cuda": "The call also works with its inputs on a simulated CUDA device, so it makes no tensor on the CPU.",
    "Expectation.operators_forbidden": "No torch operator runs whose name contains one of these parts.",
    "Expectation.operators_required": "For each of these parts a torch operator runs whose name contains it.",
    "Expectation.at_most": "What the call may cost, relative to the reference.",
    "Expectation.loss_under": "A loss made from the result is below a threshold of the corpus in use.",
    "Drawing.title": "What the picture shows.",
    "Drawing.lines": "The lines by label: each a list of numbers, an expression over `result`, `reference` and the inputs.",
    "Drawing.x": "The list of x values of all lines; by default their points are numbered.",
    "Drawing.x_label": "What the x axis is.",
    "Drawing.y_label": "What the y axis is.",
    "Drawing.log_x": "Whether the x axis is logarithmic.",
    "Drawing.log_y": "Whether the y axis is logarithmic.",
    "Check.id": "The check's name; without `call` it is the function `test_<id>` of checks.py.",
    "Check.title": "What the learner reads beside ✓ or ✗.",
    "Check.points": "Its weight in the score.",
    "Check.needs": "Checks that must pass first; else this one is not run.",
    "Check.continues": "The check whose worker process this one goes on using, with everything trained there.",
    "Check.timeout_s": "How many seconds the learner's code may take in this check.",
    "Check.hidden": "Whether the title is kept from the learner until the check has run.",
    "Check.given": "The inputs by name: expressions, drawn in this order from the check's seed.",
    "Check.call": "The call of the submission: a name of the stub and its arguments.",
    "Check.cases": "Further sets of inputs, each on top of `given`.",
    "Check.expect": "What must hold of every call.",
    "Check.seeds": "For how many seeds all of it is done.",
    "Check.devices": "For which devices it is, by default for all; on another it is left out of the grade.",
    "Check.picture": "Lines to draw of the first call's result, for the learner to see after the grade.",
    "Mutant.id": "The mistake's name, and that of mutants/<id>.py.",
    "Mutant.says": "What to tell a learner whose answers are those of this mutant.",
    "Mutant.caught_by": "The check that must fail for it.",
    "Mutant.code": "Its code, if there is no mutants/<id>.py: it redefines names of the solution.",
    "Alternative.id": "Its name, and that of accept/<id>.py.",
    "Alternative.code": "Its code, if there is no accept/<id>.py: a whole file.",
    "Equivalent.change": "The automatic change, in the words of `study verify`.",
    "Equivalent.why": "Why the changed solution is right too.",
    "Exercise.id": "The exercise's name: that of its folder, and of the learner's file.",
    "Exercise.title": "One line that says what is to be done.",
    "Exercise.readings": "The readings it belongs to.",
    "Exercise.difficulty": "From 1 (easy) to 5 (hard).",
    "Exercise.minutes": "How long it takes somebody who knows the readings.",
    "Exercise.statement": "The task: what to write, what counts, and its source.",
    "Exercise.formulas": "The statement's formulas in LaTeX without dollar signs, shown below it in notebooks.",
    "Exercise.hints": "Hints from vague to plain, shown one at a time.",
    "Exercise.checks": "The scored checks, from easy to hard; all must pass.",
    "Exercise.mutants": "Typical mistakes: they prove the checks, and tell a learner what went wrong.",
    "Exercise.taught": "What it taught, shown after a pass: the idea, the figure that proves it, where it comes back.",
    "Exercise.questions": "Open questions that are asked once the exercise is solved.",
    "Exercise.prerequisites": "Exercises to be solved first.",
    "Exercise.stub": "What the learner gets, if there is no stub.py.",
    "Exercise.solution": "The reference, if there is no solution.py.",
    "Exercise.accept": "Other right answers, which have to pass.",
    "Exercise.equivalent": "Automatic changes of the solution that are right too, so that no check can catch them.",
    "Exercise.forbid": "Names that may not be written, such as torch.softmax, or .mul_ for a method.",
    "Exercise.forbid_operators": "Parts of the names of torch operators that may not run.",
    "Exercise.corpus": "Whether the checks use the names corpus.",
    "Exercise.thresholds": "Named bounds, each with one number for every corpus.",
    "Exercise.import_timeout_s": "How many seconds importing the learner's file may take.",
    "Exercise.memory_mib": "How much memory the learner's code may use, in MiB.",
    "Question.id": "Its name: lower-case words joined by _.",
    "Question.asks": "The question.",
    "Question.points": "What a good answer says; shown to the learner after their own.",
    "Question.number": "The number that a right answer holds, if it holds one.",
    "Question.within": "How far from it the learner's number may be.",
    "Unit.id": "The unit's name: lower-case words joined by -.",
    "Unit.title": "Its title.",
    "Unit.summary": "What a learner can do at its end.",
    "Unit.readings": "Ids of readings, in the order they are meant to be read.",
    "Unit.exercises": "Ids of exercises, in the order they are meant to be solved.",
    "Course.id": "The course's name: lower-case words joined by -.",
    "Course.title": "Its title.",
    "Course.summary": "What the course is about.",
    "Course.units": "Its units, in their order.",
    "ReadingList.readings": "Everything there is to read and watch.",
}


def make_schema(schema: Schema) -> dict[str, Any]:
    """Make the JSON Schema of one kind of file, every key with its description."""
    made = msgspec.json.schema(schema.model)
    described = {**DESCRIPTIONS, **read_comments(inspect.getsource(models))}
    for name, part in made["$defs"].items():
        if part.get("type") != "object":
            continue
        part["description"] = _unwrap(part["description"])
        for field in msgspec.structs.fields(getattr(models, name)):
            value = part["properties"][field.name]
            value["description"] = described[f"{name}.{field.name}"]
            _restrict_keys(value, inspect_type(field.type))
    return {"$schema": DIALECT, "title": schema.files, **made}


def _restrict_keys(part: dict[str, Any], expected: Type) -> None:
    """Say which keys a mapping takes where its model lists them, which msgspec leaves out."""
    if isinstance(expected, DictType):
        if isinstance(expected.key_type, LiteralType):
            part["propertyNames"] = {"enum": list(expected.key_type.values)}
        _restrict_keys(part["additionalProperties"], expected.value_type)


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


def read_comments(source: str) -> dict[str, str]:
    """Read the `#:` comments above the fields of the models: {"Expectation.message": ...}."""
    return dict(_comments(source))


def _comments(source: str) -> Iterator[tuple[str, str]]:
    model, said = "", list[str]()
    for line in source.splitlines():
        if opened := re.match(r"class (\w+)", line):
            model = opened[1]
        if comment := re.match(r"    #: (.*)", line):
            said.append(comment[1])
        elif said:
            if field := re.match(r"    (\w+):", line):
                yield f"{model}.{field[1]}", " ".join(said)
            said = []


def _unwrap(docstring: str) -> str:
    """Join the lines of each paragraph, as editors break them anew."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(docstring).split("\n\n"))
