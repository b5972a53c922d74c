"""Many mutants in one run: each is judged as by a grade of its own, whatever those before it did."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from grader.core.job import Job, Variant
from grader.core.verdict import Verdict
from grader.course import load_content
from grader.engine.client import Engine
from tests.support.jobs import make_job
from tests.support.toy_course import DOUBLE, TOY_COURSE, replace_once, write_toy_course
from tests.support.warm_engine import WarmEngine

FOLDER = "exercises/e02_double"
ONE = '- {id: doubled, title: "The double"}\n'
MORE = ONE + '- {id: zero, title: "The double of zero"}\n- {id: half, title: "Half of it", needs: [zero]}\n'
CHECKS = TOY_COURSE[f"{FOLDER}/checks.py"] + (
    "\n\ndef test_zero(submission):\n    assert submission.double(0) == 0\n"
    "\n\ndef test_half(submission):\n    assert submission.double(0.5) == 1\n"
)
RIGHT = "def double(a):\n    return a + a\n"
SQUARES = "def double(a):\n    return a * a\n"
ONE_MORE = "def double(a):\n    return 2 * a + 1\n"
ALL = ("doubled", "zero", "half")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    mutant = '\n- {id: one_more, says: "It adds one.", caught_by: zero, code: "def double(a): return 2 * a + 1"}'
    yaml = replace_once(replace_once(TOY_COURSE[DOUBLE], ONE, MORE), "\nforbid:", f"{mutant}\nforbid:")
    content = load_content(write_toy_course(tmp_path, {DOUBLE: yaml, f"{FOLDER}/checks.py": CHECKS}))
    return make_job(content.exercises["e02_double"], tmp_path / FOLDER, RIGHT)


def survey(
    warm_engine: WarmEngine, job: Job, variants: Sequence[Variant], *, stop_early: bool = False
) -> list[Verdict]:
    wanted = {name: getattr(job, name) for name in job.__struct_fields__}
    with warm_engine.in_reach():
        engine = Engine()
    try:
        engine.submit(Job(**wanted | {"variants": tuple(variants), "stop_early": stop_early}))
        return list(engine.follow_survey())
    finally:
        engine.stop()


def statuses(verdict: Verdict) -> dict[str, str]:
    return {check.id: check.status for check in verdict.checks if check.status != "not_run"}


def test_variants_are_told_what_a_grade_of_their_own_tells(warm_engine: WarmEngine, job: Job) -> None:
    exercise, folder = job.exercise, Path(job.folder)
    texts = {"squares": SQUARES, "one_more": ONE_MORE, "": RIGHT, "unwritten": "def double(a):\n    return b\n"}
    variants = [Variant(text, ALL, mutant="" if name == "unwritten" else name) for name, text in texts.items()]
    found = survey(warm_engine, job, variants)
    for text, verdict in zip(texts.values(), found, strict=True):
        alone = warm_engine.grade(exercise, folder, text)
        told = [(check.id, check.status, check.message, check.cause) for check in verdict.checks]
        assert told == [(check.id, check.status, check.message, check.cause) for check in alone.checks]
    assert [verdict.verdict for verdict in found] == ["failed", "failed", "passed", "failed"]
    assert found[0].checks[0].cause == "It squares."
    assert found[1].checks[1].cause == "It adds one."


def test_checks_run_in_the_wanted_order_until_one_fails(warm_engine: WarmEngine, job: Job) -> None:
    variants = [
        Variant(SQUARES, ("zero", "half", "doubled")),
        Variant(ONE_MORE, ALL),
        Variant(RIGHT, ("zero", "half", "doubled")),
    ]
    found = [statuses(verdict) for verdict in survey(warm_engine, job, variants, stop_early=True)]
    assert found == [
        {"zero": "passed", "half": "failed"},
        {"doubled": "failed"},
        {"doubled": "passed", "zero": "passed", "half": "passed"},
    ]


def test_what_a_variant_leaves_reaches_no_other(warm_engine: WarmEngine, job: Job) -> None:
    leaves = (
        "import builtins, os\n\nbuiltins.seen = True\nos.makedirs('left/there')\nopen('left/file', 'w').close()\n"
        "open('file', 'w').close()\n\n\ndef double(a):\n    return a + a\n"
    )
    looks = (
        "import builtins, os\n\n\ndef double(a):\n"
        "    return -1 if hasattr(builtins, 'seen') or os.listdir() else a + a\n"
    )
    found = survey(warm_engine, job, [Variant(text, ALL) for text in (leaves, looks, leaves)])
    assert [verdict.verdict for verdict in found] == ["passed", "passed", "passed"]


def test_variant_that_ends_or_hangs_its_process_spoils_no_other(warm_engine: WarmEngine, job: Job) -> None:
    ends = "import os\n\n\ndef double(a):\n    os._exit(3)\n"
    broken = "def double(a:\n"
    raises = "1 / 0\n"
    forbidden = "import torch\n\n\ndef double(a):\n    return torch.nn.Linear(1, 1)\n"
    texts = (ends, RIGHT, broken, RIGHT, raises, RIGHT, forbidden, RIGHT)
    found = [statuses(verdict)["doubled"] for verdict in survey(warm_engine, job, [Variant(t, ALL) for t in texts])]
    assert found[1::2] == ["passed"] * 4
    assert found[:6:2] == ["crashed", "errored", "errored"]
    assert found[6] != "passed"
