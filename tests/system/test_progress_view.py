"""`study progress` as it is typed: its keys as JSON, and that looking makes nothing."""

import json
from pathlib import Path

import pytest

from tests.support.study import Study


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print as into a pipe, whatever the developer's terminal is told."""
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


def test_json_keeps_its_keys_and_adds_time_days_and_units(study: Study) -> None:
    study("read", "lecture", "--done", "--minutes", "30")
    known = json.loads(study("progress", "--json").stdout)
    assert known.keys() == {
        "exercises", "readings", "last_started", "attempts", "reviews", "streak", "due", "minutes_spent",
        "units",
    }  # fmt: skip
    assert known["streak"] == 1
    assert known["minutes_spent"] == {"total": 30.0, "exercises": {}, "readings": {"toy-lecture": 30.0}}
    assert known["units"][0] == {
        "id": "doubling", "title": "Doubling", "solved": 0, "exercises": 1, "readings_done": 1, "readings": 1,
        "minutes_spent": 0.0, "minutes_estimated": 5,
    }  # fmt: skip


def test_looking_makes_no_workspace(study: Study, home: Path) -> None:
    assert study("progress").returncode == 0
    assert list(home.iterdir()) == [home / ".cache"]


@pytest.mark.parametrize(
    ("option", "value"), [("--output", ["page.html"]), ("--no-open", [])], ids=["--output", "--no-open"]
)
def test_an_option_of_the_page_without_the_page_is_refused(study: Study, option: str, value: list[str]) -> None:
    done = study("progress", option, *value)
    assert (done.returncode, done.stderr) == (
        2,
        f"study: {option} goes with --web\nnext: study progress --web\n",
    )
