"""Records of proofs: what they say, when they no longer hold, and what is proved again."""

from pathlib import Path

import msgspec
import pytest

from grader.corpus import CorpusSettings, resolve_corpus
from grader.course import load_content
from grader.verify import ProofOptions, ProofReport
from grader.verify.digest import digest_folder, digest_verdict_code, list_verdict_code, strip_words
from grader.verify.findings import Automatic, Diagnosis
from grader.verify.records import (
    ProofRecord,
    choose_sample,
    describe_states,
    find_record,
    judge_record,
    make_record,
    write_record,
)
from tests.support.study import TOY_COURSE

CONTENT = load_content(TOY_COURSE)
NAME = next(iter(CONTENT.exercises))
EXERCISE = CONTENT.exercises[NAME]
REPORT = ProofReport(
    exercise=NAME,
    checks=("a", "b"),
    problems=(),
    warnings=(),
    rows=(),
    diagnosis=Diagnosis(named=2, mutants=3, unnamed=("c",), alike=()),
    automatic=Automatic(made=9, graded=8, caught=7, equivalent=("d",), survivors=()),
    longest_s=(0.1, 0.2),
    grades=20,
    checks_s=1.23,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / NAME
    place.mkdir()
    (place / "exercise.yaml").write_text("id: toy\n")
    return place


def record_of(folder: Path) -> ProofRecord:
    return make_record(EXERCISE, folder, REPORT, ProofOptions(()))


def test_a_record_says_what_was_proved_and_with_what(folder: Path) -> None:
    record = record_of(folder)
    assert (record.exercise, record.folder, record.code) == (NAME, digest_folder(folder), digest_verdict_code())
    assert (record.mutants.distinct, record.mutants.named) == (3, 2)
    assert msgspec.to_builtins(record.automatic) == {"made": 9, "graded": 8, "caught": 7, "explained": 1}
    assert (record.grades, record.seconds, record.seeds, record.corpora) == (20, 1.2, 5, {})


def test_a_corpus_is_recorded_by_its_words(folder: Path, tmp_path: Path) -> None:
    corpus = resolve_corpus(CorpusSettings(cache_dir=tmp_path, offline=True), report=lambda sentence: None)
    other = msgspec.structs.replace(corpus, words=(*corpus.words[:-1], "zzz"))
    exercise = msgspec.structs.replace(EXERCISE, corpus=True)
    first = make_record(exercise, folder, REPORT, ProofOptions((corpus,))).corpora
    assert list(first) == ["embedded"]
    assert make_record(exercise, folder, REPORT, ProofOptions((other,))).corpora != first


def test_what_was_written_is_read_and_fits(folder: Path) -> None:
    record = record_of(folder)
    assert judge_record(EXERCISE, folder, digest_verdict_code()) == "missing"
    assert write_record(folder, record)
    assert find_record(folder) == record
    assert judge_record(EXERCISE, folder, digest_verdict_code()) == "fit"


def test_a_record_is_not_written_again_for_other_seconds_alone(folder: Path) -> None:
    record = record_of(folder)
    write_record(folder, record)
    assert not write_record(folder, msgspec.structs.replace(record, seconds=99.0))
    assert find_record(folder) == record
    assert write_record(folder, msgspec.structs.replace(record, grades=21))


def test_a_record_no_longer_fits_a_folder_in_which_a_letter_changed(folder: Path) -> None:
    write_record(folder, record_of(folder))
    (folder / "exercise.yaml").write_text("id: Toy\n")
    assert judge_record(EXERCISE, folder, digest_verdict_code()) == "unfit"


def test_a_record_of_other_code_or_of_another_torch_is_old(folder: Path) -> None:
    record = record_of(folder)
    write_record(folder, record)
    assert judge_record(EXERCISE, folder, "0" * 32) == "old"
    write_record(folder, msgspec.structs.replace(record, torch="1.0.0"))
    assert judge_record(EXERCISE, folder, digest_verdict_code()) == "old"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"exercise": "x"}', "\0"])
def test_what_is_no_record_counts_as_none(folder: Path, text: str) -> None:
    (folder / "proof.json").write_text(text)
    assert find_record(folder) is None


def test_the_code_that_counts_is_all_there() -> None:
    found = {path.parent.name + "/" + path.name for path in list_verdict_code()}
    assert {"judge/plugin.py", "worker/serve.py", "wire/decode.py", "testing/assertions.py", "engine/serve.py"} <= found
    assert not any(name.startswith(("cli/", "view/", "progress/")) for name in found)


def test_eight_of_the_records_that_fit_are_proved_again_and_the_commit_draws_them() -> None:
    states = dict.fromkeys((f"e{n:02}" for n in range(49)), "fit")
    first, again, other = (choose_sample(states, commit) for commit in ("a", "a", "b"))
    assert len(first) == len(other) == 8
    assert first == again != other
    assert set().union(*(choose_sample(states, str(n)) for n in range(200))) == set(states)


def test_after_a_change_of_the_code_a_third_is_proved_again_and_always_what_has_no_record() -> None:
    states = dict.fromkeys((f"e{n:02}" for n in range(49)), "old") | {"new": "missing"}
    chosen = choose_sample(states, "a")
    assert len(chosen) == 17 + 1
    assert "new" in chosen


def test_what_is_to_be_done_is_said_with_the_command() -> None:
    assert describe_states({"a": "fit", "b": "fit"}) == ["2 records fit"]
    assert describe_states({"a": "fit", "b": "unfit", "c": "missing", "d": "old"}) == [
        "1 of 4 records were made with another grader, torch or pytest: "
        "a third of them is proved again by the tests (all: make prove)",
        "b has changed since it was proved\nnext: study verify b",
        "c has no record of a proof\nnext: study verify c",
    ]


def test_comments_and_docstrings_do_not_count_as_code_that_can_change_a_verdict() -> None:
    code = "def f(x):\n    return x + '# 1'\n"
    told = '"""A module."""\n\n# Why.\ndef f(x):\n    """Add.\n\n    More.\n    """\n\n    return x + \'# 1\'  # here\n'
    assert strip_words(told) == strip_words(code) == code.rstrip()
    assert strip_words(code.replace("1", "2")) != strip_words(code)


def test_only_what_was_proved_with_other_code_is_drawn_from_by_a_third() -> None:
    states = dict.fromkeys((f"e{n:02}" for n in range(46)), "fit") | dict.fromkeys(("x", "y", "z"), "old")
    chosen = choose_sample(states, "a")
    assert len(chosen) == 8
    assert len({"x", "y", "z"} & set(chosen)) >= 1
