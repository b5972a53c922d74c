"""Every exercise of the course is proved: its stub fails, its solution passes, its mutants are caught.

The folder is the test list: a new exercise is tested without a line here.
"""

import os
from pathlib import Path

import pytest

from grader.corpus import Corpus, CorpusSettings, resolve_corpus
from grader.course import find_content_root, load_content
from grader.models import Exercise
from grader.verdict import Verdict
from tests.warm_engine import WarmEngine

CONTENT = load_content(find_content_root())
EXERCISES = sorted(CONTENT.exercises)
MUTANTS = [(name, mutant.id) for name in EXERCISES for mutant in CONTENT.exercises[name].mutants]
SEEDS = (1, 2, 3, 4, 5)
NAMES_FILE = os.environ.get("STUDY_NAMES_FILE")


def load_corpus(cache_dir: Path, *, real: bool) -> Corpus:
    explicit = Path(NAMES_FILE) if real and NAMES_FILE else None
    settings = CorpusSettings(cache_dir=cache_dir, explicit_path=explicit, offline=True)
    return resolve_corpus(settings, report=lambda sentence: None)


@pytest.fixture(scope="session")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Corpus]:
    """The embedded corpus, and the real names where STUDY_NAMES_FILE says where they are."""
    cache_dir = tmp_path_factory.mktemp("corpus")
    found = {"embedded": load_corpus(cache_dir, real=False)}
    if NAMES_FILE:
        found["names"] = load_corpus(cache_dir, real=True)
    return found


@pytest.fixture
def grade(warm_engine: WarmEngine, corpora: dict[str, Corpus]):
    def run(exercise: Exercise, source: str, *, seed: int = 1, corpus: str | None = None) -> Verdict:
        chosen = corpora.get(corpus or ("names" if "names" in corpora else "embedded"))
        return warm_engine.grade(
            exercise, CONTENT.folder(exercise.id), source, seed=seed, corpus=chosen if exercise.corpus else None
        )

    return run


def read(exercise: Exercise, name: str) -> str:
    return (CONTENT.folder(exercise.id) / name).read_text(encoding="utf-8")


def explain(verdict: Verdict) -> str:
    return "\n".join(f"{c.id}: {c.status}\n{c.message}\n{c.cause}" for c in verdict.checks if c.status != "passed")


@pytest.mark.parametrize("name", EXERCISES)
def test_stub_fails_every_check_by_not_implemented_error(name: str, grade) -> None:
    exercise = CONTENT.exercises[name]
    verdict = grade(exercise, read(exercise, "stub.py"))
    assert verdict.score == 0
    for check in verdict.checks:
        assert check.status in ("errored", "not_run"), explain(verdict)
        if check.status == "errored":
            assert check.message.splitlines()[0].endswith("is not written yet: it raises NotImplementedError")
    assert verdict.checks[0].status == "errored"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", EXERCISES)
def test_solution_passes_on_every_seed(name: str, seed: int, grade) -> None:
    exercise = CONTENT.exercises[name]
    verdict = grade(exercise, read(exercise, "solution.py"), seed=seed)
    assert verdict.verdict == "passed", explain(verdict)
    assert verdict.score == verdict.max_score


@pytest.mark.parametrize("name", [name for name in EXERCISES if CONTENT.exercises[name].corpus])
def test_solution_passes_on_the_embedded_corpus(name: str, grade) -> None:
    exercise = CONTENT.exercises[name]
    verdict = grade(exercise, read(exercise, "solution.py"), corpus="embedded")
    assert verdict.verdict == "passed", explain(verdict)
    assert verdict.corpus == "embedded"


@pytest.mark.parametrize(("name", "mutant_id"), MUTANTS)
def test_mutant_fails_at_the_check_it_names(name: str, mutant_id: str, grade) -> None:
    exercise = CONTENT.exercises[name]
    mutant = next(m for m in exercise.mutants if m.id == mutant_id)
    source = read(exercise, "solution.py") + "\n\n" + read(exercise, f"mutants/{mutant_id}.py")
    verdict = grade(exercise, source)
    by_id = {check.id: check for check in verdict.checks}
    assert by_id[mutant.caught_by].status not in ("passed", "not_run", "grader_fault"), explain(verdict)
    assert verdict.verdict == "failed"


UNNAMED = [
    (name, check.id)
    for name in EXERCISES
    for check in CONTENT.exercises[name].checks
    if check.id not in {mutant.caught_by for mutant in CONTENT.exercises[name].mutants}
]


@pytest.mark.parametrize(("name", "check_id"), UNNAMED)
def test_check_that_no_mutant_names_catches_one_all_the_same(name: str, check_id: str, grade) -> None:
    exercise = CONTENT.exercises[name]
    for mutant in exercise.mutants:
        verdict = grade(exercise, read(exercise, "solution.py") + "\n\n" + read(exercise, f"mutants/{mutant.id}.py"))
        if next(check for check in verdict.checks if check.id == check_id).status in ("failed", "errored"):
            return
    pytest.fail(f"no mutant fails {check_id}: a check that cannot fail checks nothing")


@pytest.mark.parametrize("name", EXERCISES)
def test_sentences_of_mutants_are_short_enough_to_read_in_a_message(name: str) -> None:
    for mutant in CONTENT.exercises[name].mutants:
        assert 20 <= len(mutant.says) <= 250
        assert mutant.says.endswith((".", "?"))
