"""Every exercise of the course is what it was when it was proved; a sample is proved again, as `study verify` does it.

The folder is the test list: a new exercise is tested without a line here. `make prove` proves all of them and writes
their records.
"""

import os
import subprocess
from pathlib import Path

import pytest

from grader.corpus import Corpus, CorpusSettings, resolve_corpus
from grader.course import find_content_root, load_content
from grader.course.code import read_solution, read_stub
from grader.engine.client import Engine
from grader.verify import ProofOptions, Proofs
from grader.verify.digest import digest_verdict_code
from grader.verify.matrix import write_report
from grader.verify.records import choose_sample, describe_states, find_record, judge_record, make_record, write_record
from tests.support.jobs import make_job
from tests.support.study import REPOSITORY
from tests.support.warm_engine import WarmEngine

CONTENT = load_content(find_content_root())
EXERCISES = sorted(CONTENT.exercises)
NAMES_FILE = os.environ.get("STUDY_NAMES_FILE")
#: Grades at once; the other exercises are proved by other processes meanwhile.
JOBS = 2
#: Of the mutants of one exercise; those that only a slow check catches cannot be told apart by their answers.
LEAST_NAMED = 0.8


def find_commit() -> str:
    """Return what draws the sample: the commit, or outside a checkout the code's own digest."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return done.stdout.strip() or digest_verdict_code()


#: Whether what is proved here is recorded too, as `study verify` does: the hours of a whole run need not be spent twice.
KEEP_PROOFS = os.environ.get("STUDY_KEEP_PROOFS") == "1"
CODE = digest_verdict_code()
STATES = {name: judge_record(CONTENT.exercises[name], CONTENT.folder(name), CODE) for name in EXERCISES}
SAMPLE = choose_sample(STATES, find_commit())


def load_corpora(cache_dir: Path) -> tuple[Corpus, ...]:
    """The real names where STUDY_NAMES_FILE says where they are, and the embedded corpus."""
    paths = [Path(NAMES_FILE), None] if NAMES_FILE else [None]
    found = [CorpusSettings(cache_dir=cache_dir, explicit_path=path, offline=True) for path in paths]
    return tuple(resolve_corpus(settings, report=lambda sentence: None) for settings in found)


@pytest.mark.parametrize("name", EXERCISES)
def test_exercise_is_what_was_proved(name: str) -> None:
    if STATES[name] == "missing":
        assert name in SAMPLE
        return
    record = find_record(CONTENT.folder(name))
    assert STATES[name] != "unfit", "\n".join(describe_states({name: STATES[name]}))
    assert record is not None
    assert record.mutants.named >= LEAST_NAMED * record.mutants.distinct
    assert record.automatic.made > 0


@pytest.mark.proof
@pytest.mark.parametrize("name", SAMPLE)
def test_exercise_is_proved_again(name: str, warm_engine: WarmEngine, tmp_path: Path) -> None:
    exercise, options = CONTENT.exercises[name], ProofOptions(load_corpora(tmp_path))
    with warm_engine.in_reach():
        proofs = Proofs([(exercise, CONTENT.folder(name))], options, JOBS)
        try:
            (report,) = proofs.follow()
        finally:
            proofs.stop()
    assert report.proved, write_report(report, caught_by={mutant.id: mutant.caught_by for mutant in exercise.mutants})
    assert report.diagnosis.named >= LEAST_NAMED * report.diagnosis.mutants, report.diagnosis
    if KEEP_PROOFS:
        write_record(CONTENT.folder(name), make_record(exercise, CONTENT.folder(name), report, options))


@pytest.mark.parametrize("name", EXERCISES)
def test_solution_passes_and_stub_is_not_written_yet(name: str, warm_engine: WarmEngine, tmp_path: Path) -> None:
    exercise, folder = CONTENT.exercises[name], CONTENT.folder(name)
    corpus = load_corpora(tmp_path)[0] if exercise.corpus else None
    with warm_engine.in_reach():
        solved = Engine().grade(make_job(exercise, folder, read_solution(exercise, folder), corpus=corpus))
        unwritten = Engine().grade(make_job(exercise, folder, read_stub(exercise, folder), corpus=corpus))
    assert [(check.id, check.status, check.message) for check in solved.checks if check.status != "passed"] == []
    statuses = {check.status for check in unwritten.checks}
    assert "errored" in statuses
    assert statuses <= {"errored", "not_run"}
    assert all("NotImplementedError" in check.message for check in unwritten.checks if check.status == "errored")


@pytest.mark.parametrize("name", EXERCISES)
def test_sentences_of_mutants_are_short_enough_to_read_in_a_message(name: str) -> None:
    for mutant in CONTENT.exercises[name].mutants:
        assert 20 <= len(mutant.says) <= 250
        assert mutant.says.endswith((".", "?"))
