"""Print what the sandbox is like here, as JSON: `python -m tests.support.probe_sandbox [as-user] [without-namespaces] [without-landlock]`.

`as-user` becomes an ordinary user first, by a user namespace in which root's number is 1000: it owns the same
files and has no capability. `without-namespaces` filters the calls that make namespaces and mounts, as a
container does that runs with its engine's default profile. `without-landlock` refuses Landlock's calls, as a kernel that
has no Landlock does.
"""

import errno
import json
import os
import sys
from pathlib import Path

import pyseccomp

from grader.worker import kernel
from tests.support.jobs import make_job
from tests.support.study import TOY_COURSE


def become_ordinary_user() -> None:
    """Leave root behind; the rest of this process is an unprivileged user."""
    kernel.unshare(kernel.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text("1000 0 1")
    Path("/proc/self/gid_map").write_text("1000 0 1")
    kernel.drop_capabilities()


def forbid_namespaces() -> None:
    """Refuse unshare, setns and mounting, with the error that containers give."""
    filter_ = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in ("unshare", "setns", "mount", "umount2", "pivot_root", "mount_setattr"):
        filter_.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
    filter_.load()


def forbid_landlock() -> None:
    """Say that there is no Landlock."""
    filter_ = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    filter_.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "landlock_create_ruleset")
    filter_.load()


def main() -> None:
    """Change what was asked for, then look through the eyes of a grade."""
    if "as-user" in sys.argv:
        become_ordinary_user()
    if "without-namespaces" in sys.argv:
        forbid_namespaces()
    if "without-landlock" in sys.argv:
        forbid_landlock()
    from grader.engine.client import Engine

    source = sys.stdin.read()
    if not source:
        layers = Engine(own=True).probe().isolation
        print(json.dumps({name: None if layer.on else layer.why for name, layer in layers.items()}))
        return
    from grader.course import load_content

    content = load_content(TOY_COURSE)
    engine = Engine(own=True)
    isolation = "strict" if "strict" in sys.argv else "none" if "none" in sys.argv else "best"
    exercise = content.exercises["t01_double"]
    verdict = engine.grade(make_job(exercise, content.folder(exercise.id), source, isolation=isolation))
    report = {"verdict": verdict.verdict, "off": sorted(name for name, on in verdict.isolation.items() if not on)}
    print(json.dumps(report | {"messages": [check.message for check in verdict.checks], "uid": os.geteuid()}))


if __name__ == "__main__":
    main()
