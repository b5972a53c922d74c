"""Progress as one file: what it holds, that merging loses and doubles nothing, and that a bad file changes nothing."""

import gzip
import hashlib
import io
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.core.errors import ImportUnusable
from grader.core.verdict import CheckResult
from grader.progress import NewAttempt, ProgressStore, schema, transfer, transfer_file
from grader.progress.dialect import Dialect
from grader.progress.layout import read_layouts
from grader.progress.rows import from_micros
from grader.progress.summary import is_summary_right
from grader.progress.transfer import Event, content_key
from grader.progress.transfer_file import LogFile
from tests.support.log_files import export, merge, open_file, read_events
from tests.support.study import REPOSITORY

CHECK = CheckResult(
    id="twice", title="Twice", status="failed", points=2, message="no \ud800", cause="a sign", elapsed_s=0.5
)
ATTEMPT = NewAttempt(
    exercise_id="e01", verdict="failed", score=1, max_score=3, seed=2**64 - 1, device="cpu", corpus="names", elapsed_s=0.25,
    submission="x = '\udcff'\n", submission_path="study/e01.py", checks=(CHECK, msgspec.structs.replace(CHECK, id="again")),
    isolation={"landlock": True},
)  # fmt: skip


def fill(store: ProgressStore) -> None:
    """Log one event of every kind."""
    store.record_start("e01")
    store.record_hint("e01", 1)
    store.record_attempt(ATTEMPT)
    store.record_reveal("e01", gave_up=True)
    store.record_reset("e01", "backups/e01-1.py")
    store.record_answer("e01", "why", "because", number_right=None)
    store.record_reading("paper", state="reading", minutes=20, note="a\x00b \ud800")
    store.record_review_start("e01")
    store.record_review("exercise", "e01", 2, attempts=4, hints=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProgressStore]:
    """A log with one event of every kind."""
    with ProgressStore.open(tmp_path / "one.db") as store:
        fill(store)
        yield store


@pytest.fixture
def other(tmp_path: Path) -> Iterator[ProgressStore]:
    """The empty log of another machine."""
    with ProgressStore.open(tmp_path / "two.db") as store:
        yield store


def pack(*rows: Any, schema_version: int | None = None, **header: Any) -> bytes:
    """Make a file of rows as they are, with a right checksum."""
    head = {"format": "study-progress", "version": 1, "schema": schema_version or len(schema.MIGRATIONS)} | header
    text = b"".join(msgspec.json.encode(row) + b"\n" for row in (head, *rows))
    end = {"end": len(rows) + 1, "sha256": hashlib.sha256(text).hexdigest()}
    return text + msgspec.json.encode(end) + b"\n"


def review(**changed: Any) -> list[Any]:
    row = {"at_us": 1, "kind": "exercise", "subject_id": "e01", "rating": 3, "attempts": 1, "hints": 0, "revealed": 0}
    return ["reviews", row | changed]


def start(at_us: Any = 1, exercise_id: Any = "e01", **more: Any) -> list[Any]:
    return ["starts", {"at_us": at_us, "exercise_id": exercise_id, **more}]


# The file


def test_everything_that_was_logged_arrives_on_the_other_machine(store: ProgressStore, other: ProgressStore) -> None:
    added = merge(other, export(store))
    assert added == {
        "answers": 1, "attempts": 1, "hints": 1, "reading_events": 1, "resets": 1, "reveals": 1, "review_starts": 1,
        "reviews": 1, "starts": 1,
    }  # fmt: skip
    assert other.load_progress() == store.load_progress()
    (attempt,), (copied,) = store.load_attempts("e01"), other.load_attempts("e01")
    assert copied == attempt
    assert copied.checks == ATTEMPT.checks
    assert other.load_submission(copied.attempt_id) == ATTEMPT.submission
    assert other.load_answers("e01") == store.load_answers("e01")


def test_the_file_is_lines_of_json_that_anything_can_read(store: ProgressStore) -> None:
    lines = gzip.decompress(export(store)).splitlines()
    head, *rows, end = [json.loads(line) for line in lines]
    assert head == {
        "format": "study-progress", "version": 2, "schema": len(schema.MIGRATIONS), "exported_at": "2026-03-01T00:00:00+00:00"
    }  # fmt: skip
    assert rows[0][0] == "submissions"
    assert sorted(table for table, _ in rows[1:]) == [
        "answers", "attempts", "hints", "reading_events", "resets", "reveals", "review_starts", "reviews", "starts"
    ]  # fmt: skip
    by_table = dict(rows)
    assert by_table["answers"]["answer"] == "because"
    assert by_table["attempts"]["submission_sha256"] == by_table["submissions"]["sha256"]
    assert [check["check_id"] for check in by_table["attempts"]["check_results"]] == ["twice", "again"]
    assert list(by_table["reading_events"]["note"]) == ["base64"]
    assert end == {"end": 11, "sha256": hashlib.sha256(b"".join(line + b"\n" for line in lines[:-1])).hexdigest()}


def test_two_exports_of_one_log_are_the_same_file(store: ProgressStore) -> None:
    assert export(store) == export(store)


def test_an_unpacked_file_is_taken_too(store: ProgressStore) -> None:
    data = gzip.decompress(export(store))
    assert transfer_file.is_log(data)
    assert list(open_file(data).read()) == read_events(store)


def test_a_log_with_nothing_in_it_can_be_exported_and_merged(store: ProgressStore, other: ProgressStore) -> None:
    assert merge(store, export(other)) == {}


def test_a_body_that_no_event_needs_is_not_exported(tmp_path: Path, store: ProgressStore) -> None:
    with sqlite3.connect(tmp_path / "one.db") as connection:
        connection.execute("INSERT INTO submissions (sha256, packed) VALUES (?, x'61')", [bytes(32)])
    connection.close()
    assert b"0" * 64 not in gzip.decompress(export(store))


# A table of a later version


def _add_moods(dialect: Dialect) -> Iterator[str]:
    yield (
        f"CREATE TABLE moods (id {dialect.serial_key}, at_us BIGINT NOT NULL, attempt_id BIGINT REFERENCES attempts (id), "
        "rating BIGINT NOT NULL, due_us BIGINT, stability DOUBLE PRECISION NOT NULL DEFAULT 1.5)"
    )


@pytest.fixture
def with_moods(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A schema with a table of which the code of the transfer knows nothing."""
    step = schema.Migration("keep moods", _add_moods)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, step))
    read_layouts.cache_clear()
    yield
    read_layouts.cache_clear()


def test_a_table_that_is_added_is_carried_with_what_it_refers_to(with_moods: None, tmp_path: Path) -> None:
    one, two = tmp_path / "one.db", tmp_path / "two.db"
    with ProgressStore.open(one) as store, ProgressStore.open(two) as other:
        other.record_attempt(msgspec.structs.replace(ATTEMPT, exercise_id="e09"))  # so that the numbers differ
        number = store.record_attempt(ATTEMPT)
        with sqlite3.connect(one) as connection:
            connection.execute("INSERT INTO moods VALUES (5, 77, ?, 3, 99, 2.5)", [number])
        connection.close()
        data = export(store)
        assert merge(other, data) == {"attempts": 1, "moods": 1}
        assert merge(other, data) == {"attempts": 0, "moods": 0}
        with sqlite3.connect(two) as connection:
            rows = connection.execute(
                "SELECT exercise_id, moods.at_us, rating, due_us, stability FROM moods JOIN attempts ON attempts.id = attempt_id"
            ).fetchall()
        connection.close()
        assert rows == [("e01", 77, 3, 99, 2.5)]


def test_a_file_of_an_older_version_lacks_what_came_later(with_moods: None, other: ProgressStore) -> None:
    older = pack(start(), schema_version=len(schema.MIGRATIONS) - 1)
    assert merge(other, older) == {"starts": 1}
    mood = ["moods", {"at_us": 1, "rating": 2}]
    merge(other, pack(mood))
    moods = [event.row for event in read_events(other) if event.table == "moods"]
    assert moods == [{"at_us": 1, "rating": 2, "stability": 1.5}]


def test_every_table_of_the_log_is_carried() -> None:
    """Whoever adds a table finds here what the transfer needs of it: an `id`, or a reference that names what it is."""
    layouts = {layout.name: layout for layout in read_layouts()}
    referred = {column.refers for layout in layouts.values() for column in layout.columns if column.refers}
    carried = {name for name, layout in layouts.items() if layout.is_event or layout.owner or name in referred}
    numbers = {
        f"{layout.name}.{c.name}"
        for layout in layouts.values()
        for c in layout.content
        if c.kind == "integer" and c.name.endswith("_id") and c.refers is None
    }
    assert carried == set(layouts)
    assert all("at_us" in {c.name for c in layout.columns} for layout in layouts.values() if layout.is_event)
    assert numbers == set(), "a number of a row means nothing on another machine: declare what it REFERENCES"


# The laws of merging

AT = st.integers(min_value=1, max_value=3)
SUBMISSIONS = {hashlib.sha256(body).hexdigest(): body for body in (b"a", b"b")}


def _attempt(at_us: int, verdict: str, sha256: str, score: int, checks: int) -> dict[str, Any]:
    row = {
        "at_us": at_us, "exercise_id": "e01", "verdict": verdict, "score": score, "max_score": 2, "seed": "1",
        "device": "cpu", "elapsed_s": 0.5, "submission_path": b"p", "submission_sha256": sha256, "isolation": "{}",
    }  # fmt: skip
    parts = [
        {
            "position": n,
            "check_id": "c",
            "title": b"t",
            "status": "passed",
            "points": 1,
            "message": b"",
            "elapsed_s": 0.0,
        }
        for n in range(checks)
    ]
    return row | ({"check_results": parts} if parts else {})


def _log(attempts: list[Any], starts: list[Any], readings: list[Any]) -> list[Event]:
    """Lay out a log; each attempt brings its text, as the first of a file does."""
    return [
        *(Event("attempts", row, SUBMISSIONS[row["submission_sha256"]]) for row in attempts),
        *(Event("starts", row) for row in starts),
        *(Event("reading_events", row) for row in readings),
    ]


LOGS = st.builds(
    _log,
    st.lists(
        st.builds(
            _attempt, AT, st.sampled_from(["passed", "failed"]), st.sampled_from(sorted(SUBMISSIONS)), st.integers(0, 2), st.integers(0, 2)
        ),
        max_size=4,
    ),
    st.lists(st.fixed_dictionaries({"at_us": AT, "exercise_id": st.sampled_from(["e01", "e02"])}), max_size=4),
    st.lists(
        st.fixed_dictionaries(
            {"at_us": AT, "reading_id": st.just("paper")},
            optional={"state": st.sampled_from(["queued", "reading", "done"]), "minutes": st.integers(1, 2), "note": st.just(b"n")},
        ),
        max_size=5,
    ),
)  # fmt: skip


def count(log: list[Event]) -> Counter[bytes]:
    return Counter(content_key(event.table, event.row) for event in log)


def merged(*logs: list[Event]) -> tuple[Counter[bytes], Any, list[Event]]:
    """Merge logs into an empty one, in this order."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ProgressStore.open(Path(folder) / "study.db", now=lambda: from_micros(2)) as store,
    ):
        for log in logs:
            store.merge_log(lambda log=log: log)  # type: ignore[misc]
        summed = store.load_progress(), store.load_activity()
        assert is_summary_right(store._backend)
        texts = {event.row["submission_sha256"]: event.text for event in read_events(store) if event.text is not None}
        assert texts.items() <= SUBMISSIONS.items()
        events = [
            event._replace(text=texts[event.row["submission_sha256"]]) if event.table == "attempts" else event
            for event in read_events(store)
        ]
        return count(events), summed, events


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LOGS, LOGS)
def test_merging_is_the_same_in_either_order_and_keeps_the_larger_number_of_each_event(
    a: list[Event], b: list[Event]
) -> None:
    one, two = merged(a, b), merged(b, a)
    assert one[0] == count(a) | count(b)
    assert one[:2] == two[:2]


@pytest.mark.slow
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LOGS, LOGS, LOGS)
def test_merging_three_machines_in_any_order_ends_alike(a: list[Event], b: list[Event], c: list[Event]) -> None:
    assert merged(merged(a, b)[2], c)[:2] == merged(a, merged(b, c)[2])[:2] == merged(c, a, b)[:2]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LOGS)
def test_a_file_gives_back_the_log_and_merging_it_again_adds_nothing(a: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as folder, ProgressStore.open(Path(folder) / "study.db") as store:
        store.merge_log(lambda: a)
        data = export(store)
        again = list(open_file(data).read())
        assert count(again) == count(a)
        assert set(merge(store, data).values()) <= {0}
        assert read_events(store) == again


def test_what_happened_twice_on_both_machines_is_there_twice(other: ProgressStore) -> None:
    event = Event("starts", {"at_us": 5, "exercise_id": "e01"})
    assert other.merge_log(lambda: [event, event]) == {"starts": 2}
    assert other.merge_log(lambda: [event, event]) == {"starts": 0}
    assert other.merge_log(lambda: [event, event, event]) == {"starts": 1}


def test_after_a_merge_the_moment_decides_and_not_the_order_of_arrival(tmp_path: Path) -> None:
    def open_at(name: str, at_us: int) -> ProgressStore:
        return ProgressStore.open(tmp_path / name, now=lambda: from_micros(at_us))

    with open_at("old.db", 10) as old, open_at("new.db", 20) as new:
        for store, exercise_id, state in ((old, "e01", "reading"), (new, "e02", "done")):
            store.record_start(exercise_id)
            store.record_reading("paper", state=state, note=state)  # type: ignore[arg-type]
            store.record_attempt(msgspec.structs.replace(ATTEMPT, seed=int(store is old)))
        older, newer = read_events(old), read_events(new)
        new.merge_log(lambda: older)
        old.merge_log(lambda: newer)
        assert new.load_progress() == old.load_progress()
        assert new.load_progress().last_started == "e02"
        assert new.load_progress().readings["paper"].state == "done"
        assert new.load_progress().readings["paper"].notes == ("reading", "done")
        assert [attempt.seed for attempt in new.load_attempts("e01")] == [0, 1]
        assert [attempt.seed for attempt in new.load_attempts("e01", limit=1)] == [0]
        assert new.load_attempts("e01")[1].checks == ATTEMPT.checks
        newest = new.find_last_attempt("e01", passed=False)
        assert newest is not None
        assert newest.seed == 0


# All or nothing


def test_a_merge_that_is_stopped_halfway_adds_nothing(
    store: ProgressStore, other: ProgressStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, calls = transfer._insert, []

    def stop(*arguments: Any) -> int:
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return insert(*arguments)

    data = export(store)
    monkeypatch.setattr(transfer, "_insert", stop)
    with pytest.raises(KeyboardInterrupt):
        merge(other, data)
    assert read_events(other) == []
    monkeypatch.undo()
    merge(other, data)
    assert read_events(other) == read_events(store)


def test_a_file_that_changes_while_it_is_taken_over_adds_nothing(store: ProgressStore, other: ProgressStore) -> None:
    file = io.BytesIO(gzip.decompress(export(store)))
    log = LogFile(file, "file")
    log.check()
    file.getbuffer()[:] = file.getvalue().replace(b"because", b"becauze")
    with pytest.raises(ImportUnusable, match="checksum does not fit"):
        other.merge_log(log.read)
    assert read_events(other) == []


def test_a_dry_run_says_what_would_be_added_and_adds_nothing(store: ProgressStore, other: ProgressStore) -> None:
    assert sum(merge(other, export(store), dry_run=True).values()) == 9
    assert read_events(other) == []


# Bad files


def _damage(data: bytes) -> bytes:
    text = gzip.decompress(data)
    return gzip.compress(text.replace(b"because", b"becauze"))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda data: data[: len(data) // 2], "file is cut off in the middle"),
        (lambda data: gzip.compress(gzip.decompress(data)[:-90]), "file is cut off: its last line is missing"),
        (lambda data: gzip.compress(b"\n".join(gzip.decompress(data).split(b"\n")[:3])), "file is cut off: its last line is missing"),
        (_damage, "file is damaged: its checksum does not fit its text"),
        (lambda data: data[:20] + bytes(20) + data[40:], "file is damaged: "),
        (lambda data: b"\x1f\x8b" + data[5:], "file is damaged: "),
        (lambda data: data[:2], "file is "),
        (lambda data: gzip.compress(b"something else"), "file is not a progress log that study has exported"),
        (lambda data: gzip.compress(b""), "file is not a progress log that study has exported"),
        (lambda data: gzip.compress(b"[" * 100_000), "file is not a progress log that study has exported"),
        (lambda data: pack(version=3), "file was written by a newer study-grader (version 3, "),
        (lambda data: pack(schema_version=99), "file was written by a newer study-grader (version 1, schema 99; "),
    ],
)  # fmt: skip
def test_a_file_that_is_not_whole_or_not_ours_is_refused(
    store: ProgressStore, spoil: Callable[[bytes], bytes], says: str
) -> None:
    with pytest.raises(ImportUnusable) as caught:
        open_file(spoil(export(store)))
    assert caught.value.message.startswith(says)
    assert caught.value.hint


DEEP = json.loads("[" * 400 + "]" * 400)
SHA = hashlib.sha256(b"a").hexdigest()


def attempt(**changes: Any) -> list[Any]:
    row = _attempt(1, "passed", SHA, 1, 1) | {"submission_path": "p"}
    row["check_results"] = [row["check_results"][0] | {"title": "t", "message": ""}]
    return ["attempts", row | changes]


BODY = ["submissions", {"sha256": SHA, "body": "a"}]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (start(at_us="soon"), "`at_us` of starts is integer, found str"),
        (start(at_us=True), "`at_us` of starts is integer, found bool"),
        (start(at_us=-1), "`at_us` of starts cannot be -1"),
        (start(at_us=2**62), f"`at_us` of starts cannot be {2**62}"),
        (start(at_us=10**30), "`at_us` of starts "),
        (start(at_us=None), "starts needs a `at_us`"),
        (start(exercise_id="x" * 3000), "`exercise_id` of starts cannot be 'xxx"),
        (start(exercise_id="a\0b"), "`exercise_id` of starts cannot be 'a\\x00b'"),
        (start(exercise_id=DEEP), "`exercise_id` of starts is text, found list"),
        (start(id=7), "starts has no `id`"),
        (start(check_results=[]), "starts has no `check_results`"),
        (["sqlite_master", {}], "the log has no table 'sqlite_master'"),
        (["schema_migrations", {}], "the log has no table 'schema_migrations'"),
        (["check_results", {}], "the log has no table 'check_results'"),
        (["starts"], "Expected `array` of length 2"),
        (["starts", []], "Expected `object`, got `array`"),
        ("starts", "Expected `array`, got `str`"),
        (["hints", {"at_us": 1, "exercise_id": "e", "number": -1}], "`number` of hints cannot be -1"),
        (["hints", {"at_us": 1, "exercise_id": "e", "number": 1.5}], "`number` of hints is integer, found float"),
        (["reading_events", {"at_us": 1, "reading_id": "p", "state": "bored"}], "`state` of reading_events cannot be 'bored'"),
        (["reading_events", {"at_us": 1, "reading_id": "p", "minutes": 10**12}], "`minutes` of reading_events cannot be 1000000000000"),
        (["reading_events", {"at_us": 1, "reading_id": "p", "note": {"base64": "/w=="}}], "'utf-8' codec can't decode"),
        (["reading_events", {"at_us": 1, "reading_id": "p", "note": {"base64": "?"}}], "`note` is not base64"),
        (["reading_events", {"at_us": 1, "reading_id": "p", "note": {"more": 1}}], "`note` of reading_events is binary, found dict"),
        (attempt(submission_sha256="0" * 64), "`submission_sha256` leads to nothing in submissions"),
        (attempt(submission_sha256=[1]), "`submission_sha256` leads to nothing in submissions"),
        (review(rating=5), "`rating` of reviews cannot be 5"),
        (review(kind="film"), "`kind` of reviews cannot be 'film'"),
        (review(revealed=2), "`revealed` of reviews cannot be 2"),
        (attempt(verdict="great"), "`verdict` of attempts cannot be 'great'"),
        (attempt(seed="9" * 5000), "`seed` of attempts cannot be '999"),
        (attempt(isolation="{"), "Input data was truncated"),
        (attempt(check_results=attempt()[1]["check_results"] * 2), "two `check_results` of one event have the same place"),
        (attempt(check_results=[1]), "two `check_results` of one event have the same place"),
        (attempt(check_results="x"), "attempts has no `check_results`"),
        (attempt(check_results=[{"position": 0}]), "check_results needs a `check_id`"),
        (["submissions", {"sha256": SHA, "body": "another"}], "the text is not the one that its SHA-256 says"),
    ],
    ids=str,
)  # fmt: skip
def test_a_row_that_the_log_cannot_hold_is_refused_with_its_line(other: ProgressStore, row: Any, says: str) -> None:
    with pytest.raises(ImportUnusable) as caught:
        open_file(pack(start(), BODY, row))
    assert caught.value.message.startswith(f"file:4: {says}")
    assert caught.value.message.endswith("; nothing was taken over")


def test_the_rows_that_those_are_made_of_are_taken(other: ProgressStore) -> None:
    assert merge(other, pack(start(), BODY, attempt())) == {"attempts": 1, "starts": 1}


def test_a_line_nested_without_end_is_refused() -> None:
    deep = pack(start(), "PLACE").replace(b'"PLACE"', b"[" * 100_000)
    body = deep[: deep.rstrip(b"\n").rfind(b"\n") + 1]
    end = msgspec.json.encode({"end": 3, "sha256": hashlib.sha256(body).hexdigest()})
    with pytest.raises(ImportUnusable, match=r"^file:3: "):
        open_file(body + end)


def test_a_line_without_end_is_refused() -> None:
    bomb = gzip.compress(bytes(2**26))
    assert len(bomb) < 2**17
    with pytest.raises(ImportUnusable, match="a line of more than 16 MiB"):
        open_file(bomb)


def test_a_file_of_lines_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer_file, "FREE_BYTES", 2**20)
    bomb = gzip.compress(pack(*[start()] * 100_000))
    assert len(bomb) < 2**15
    with pytest.raises(ImportUnusable, match="unpacks to more than 200 times its size"):
        open_file(bomb)


def test_commands_that_only_look_do_not_load_the_transfer() -> None:
    code = "import sys, grader.progress.store; print(*[n for n in sys.modules if 'transfer' in n or 'layout' in n])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout == "\n"
