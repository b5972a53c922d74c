"""What a single value in the YAML of a course may be, and what `is` says it has to be. Imports nothing of ours but names.

`is`, in the `extra` of a type's `Meta`, names what a text has to be beyond its form; `grader.course` checks that.
"""

from typing import Annotated, Literal, get_args

from msgspec import Meta

from grader.core.corpus import CorpusName

#: Ids are file names, Python names and words typed at a prompt: lower case, digits, and one kind of joint.
ExerciseId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=60)]
ReadingId = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=60)]
Text = Annotated[str, Meta(min_length=1)]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s/$.?#][^\s]*$", max_length=500)]
Minutes = Annotated[int, Meta(ge=1, le=6000)]
Seconds = Annotated[float, Meta(gt=0, le=3600)]

#: LaTeX without dollar signs; see grader/course/formulas.py for what it may hold.
Formula = Annotated[str, Meta(min_length=1, max_length=300)]

Factor = Annotated[float, Meta(gt=0, le=1000)]
#: A small part of Python, see grader/expressions; it is never run as Python.
Expression = Annotated[str, Meta(min_length=1, max_length=1000, extra={"is": "expression"})]
Variable = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=60)]
#: One of the variables that a check's `given` names.
Input = Annotated[Variable, Meta(extra={"is": "input"})]
ExceptionName = Annotated[str, Meta(pattern=r"^[A-Z][A-Za-z]*$", max_length=60, extra={"is": "exception"})]
#: A regular expression.
Pattern = Annotated[str, Meta(min_length=1, extra={"is": "pattern"})]
#: A key of the exercise's `thresholds`.
ThresholdName = Annotated[Name, Meta(extra={"is": "threshold"})]

ReadingKind = Literal["lecture", "paper", "post", "topic", "repo", "notebook", "book", "course", "video"]
Device = Literal["cpu", "cuda", "mps"]
#: msgspec leaves out of a schema which keys a mapping takes.
ByCorpus = Annotated[
    dict[CorpusName, float], Meta(extra_json_schema={"propertyNames": {"enum": list(get_args(CorpusName))}})
]
