"""`study progress` shows the finish date, and the sum it follows from."""

from tests.support.study import Study


def test_progress_shows_the_outlook_and_refuses_what_is_no_pace(study: Study) -> None:
    done = study("progress", "--pace", "6h/week")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line[:5] for line in done.stdout.splitlines()] == ["done ", "left ", "     ", "     ", "sum  "]
    assert '"minutes_per_week": 360.0, "exercises": 2, ' in study("progress", "--pace", "6h/week", "--json").stdout
    refused = study("progress", "--pace", "soon")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("study: `soon` is not a pace: ")
