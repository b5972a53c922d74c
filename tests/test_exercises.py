"""Every exercise of the course is proved, as `study verify` does it.

The folder is the test list: a new exercise is tested without a line here.
"""

import os
from pathlib import Path

import pytest

from grader.corpus import Corpus, CorpusSettings, resolve_corpus
from grader.course import find_content_root, load_content
from grader.verify import Manner, Proofs
from grader.verify.matrix import write_report
from tests.warm_engine import WarmEngine

CONTENT = load_content(find_content_root())
EXERCISES = sorted(CONTENT.exercises)
NAMES_FILE = os.environ.get("STUDY_NAMES_FILE")
#: Grades at once; the other exercises are proved by other processes meanwhile.
JOBS = 2
#: Of the mutants of one exercise; those that only a slow check catches cannot be told apart by their answers.
LEAST_NAMED = 0.8


def load_corpora(cache_dir: Path) -> tuple[Corpus, ...]:
    """The real names where STUDY_NAMES_FILE says where they are, and the embedded corpus."""
    paths = [Path(NAMES_FILE), None] if NAMES_FILE else [None]
    found = [CorpusSettings(cache_dir=cache_dir, explicit_path=path, offline=True) for path in paths]
    return tuple(resolve_corpus(settings, report=lambda sentence: None) for settings in found)


@pytest.mark.parametrize("name", EXERCISES)
def test_exercise_is_proved(name: str, warm_engine: WarmEngine, tmp_path: Path) -> None:
    exercise = CONTENT.exercises[name]
    with warm_engine.in_reach():
        proofs = Proofs([(exercise, CONTENT.folder(name))], Manner(load_corpora(tmp_path)), JOBS)
        try:
            (report,) = proofs.follow()
        finally:
            proofs.stop()
    assert report.proved, write_report(report, caught_by={mutant.id: mutant.caught_by for mutant in exercise.mutants})
    assert report.diagnosis.named >= LEAST_NAMED * report.diagnosis.mutants, report.diagnosis


@pytest.mark.parametrize("name", EXERCISES)
def test_sentences_of_mutants_are_short_enough_to_read_in_a_message(name: str) -> None:
    for mutant in CONTENT.exercises[name].mutants:
        assert 20 <= len(mutant.says) <= 250
        assert mutant.says.endswith((".", "?"))
