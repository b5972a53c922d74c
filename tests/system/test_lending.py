"""Large requests are lent to a worker: they arrive whole, and nobody can change, enlarge or hoard them."""

import os
from pathlib import Path

import pytest

from grader.core.models import Check
from grader.wire import LEND_BYTES
from tests.support.made_exercise import make_exercise
from tests.support.warm_engine import WarmEngine

pytestmark = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="needs files in memory, which Linux has")
LEARNER = """
import mmap, os

kept = []

def lent_files():
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            if "memfd:request" in os.readlink(f"/proc/self/fd/{name}"):
                found.append(int(name))
        except OSError:
            pass
    return found

def spoil(x):
    x.fill_(7)
    return float(x.sum()), len(lent_files())

def total(x):
    return float(x.double().sum())

def meddle(x):
    (fd,) = lent_files()
    done = []
    for name, attempt in {
        "enlarge": lambda: os.ftruncate(fd, 1 << 33),
        "empty": lambda: os.ftruncate(fd, 0),
        "write": lambda: os.pwrite(fd, b"x" * 4096, 0),
        "append": lambda: os.pwrite(fd, b"x" * 4096, os.fstat(fd).st_size),
        "share": lambda: mmap.mmap(fd, 4096, flags=mmap.MAP_SHARED),
        "fill": lambda: os.posix_fallocate(fd, 0, 1 << 33),
    }.items():
        try:
            attempt()
            done.append(name)
        except OSError:
            pass
    return done

def keep(x):
    # Not the tensor, whose memory counts: only the file.
    kept.extend(os.dup(fd) for fd in lent_files() if fd not in kept)
    return sum(os.fstat(fd).st_size for fd in kept), float(x[0])

def keep_tensors(x):
    kept.append(x)
    return len(kept)
"""
STUB = "".join(
    f"def {name}(x):\n    raise NotImplementedError\n\n\n"
    for name in ("spoil", "total", "meddle", "keep", "keep_tensors")
)
CHECKS = f"""
import torch
from grader.testing import assert_equal, require

BIG = {LEND_BYTES}


def test_spoil(submission, rng):
    x = torch.ones(BIG // 4)
    for _ in range(3):
        assert_equal(submission.spoil(x), (7.0 * BIG // 4, 1))
    assert_equal(float(x.sum()), BIG / 4)


def test_total(submission, rng):
    for shape in ((BIG // 8 + 1,), (3, BIG // 8), (BIG // 8, 2)):
        x = torch.randint(0, 9, shape, generator=rng).double()
        assert_equal(submission.total(x), float(x.sum()))
        assert_equal(submission.total(x.T), float(x.sum()))


def test_meddle(submission):
    assert_equal(submission.meddle(torch.ones(BIG // 4)), [])


def test_keep(submission):
    lent = 0
    for n in range(1, 25):
        lent, first = submission.keep(torch.full((BIG // 4,), float(n)))
        assert_equal(first, float(n))
    require(lent <= 64 * 2**20, "more is lent than the check may hold", got=lent)
    require(lent > 48 * 2**20, "hardly anything is lent", got=lent)


def test_keep_tensors(submission):
    for n in range(1, 25):
        submission.keep_tensors(torch.zeros(BIG // 4))
"""


def test_what_is_lent_arrives_and_cannot_be_changed_enlarged_or_hoarded(
    warm_engine: WarmEngine, tmp_path: Path
) -> None:
    checks = [Check(name, name) for name in ("spoil", "total", "meddle", "keep", "keep_tensors")]
    exercise = make_exercise(tmp_path / "e", CHECKS, *checks, stub=STUB, solution=LEARNER, memory_mib=64)
    verdict = warm_engine.grade(exercise, tmp_path / "e", LEARNER)
    *others, kept = verdict.checks
    assert [(check.id, check.message) for check in others] == [(check.id, "") for check in checks[:-1]]
    assert (kept.status, kept.message.splitlines()[0]) == (
        "out_of_memory",
        "`keep_tensors` ran out of memory; this exercise allows 64 MiB",
    )
