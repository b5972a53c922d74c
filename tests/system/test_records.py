"""`study verify` goes by the records of proofs."""

from pathlib import Path

from grader.course import load_content
from tests.support.study import TOY_COURSE, Study

CONTENT = load_content(TOY_COURSE)
NAME = next(iter(CONTENT.exercises))


def test_the_command_tells_what_no_longer_fits(study: Study, tmp_path: Path) -> None:
    done = study("verify", "--check", NAME)
    assert (done.returncode, done.stdout) == (1, f"{NAME} has no record of a proof\nnext: study verify {NAME}\n")
    refused = study("verify", "--check", "--fresh")
    assert refused.returncode == 2
    assert "--check grades nothing" in refused.stderr
