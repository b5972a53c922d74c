"""The private folders of grades: in a folder that is surely ours, each removed when its grade is surely over."""

import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.worker import grade_folders

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only the server clears up, on Linux")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away and be somebody else")
NOBODY = 65534
NAME = f"study-grades-{os.geteuid()}"
CLOSED = "0123456789abcdef"


@pytest.fixture
def tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files; what is not fit for it goes to the cache, as where /tmp is full of our names."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    candidates = [folder / NAME, tmp_path / "cache" / "study" / "grades"]
    monkeypatch.setattr(grade_folders, "_candidates", lambda: iter(candidates))
    return folder


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that other users can go through; those of pytest are closed to them."""
    with tempfile.TemporaryDirectory(prefix="st-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def _in_a_child(act: Callable[[], None]) -> int:
    """Run something in a forked process; returns its exit code."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            act()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _leave(folder: Path) -> None:
    """Leave a grade's folder behind, as processes do that are killed."""
    assert _in_a_child(lambda: grade_folders.make_folder(folder)) == 0
    (folder / "private").mkdir()
    (folder / "private" / "kept.txt").write_text("of a worker")


def test_folder_for_grades_is_in_tmpdir_and_the_users_alone() -> None:
    root = grade_folders.choose_root()
    assert root == Path(tempfile.gettempdir()) / NAME
    found = root.lstat()
    assert (stat.S_IMODE(found.st_mode) | 0o011, found.st_uid) == (0o711, os.geteuid())
    assert (root / grade_folders.MARKER).is_file()


def test_folder_for_grades_is_made_with_its_marker_and_found_again(tmp: Path) -> None:
    assert [grade_folders.choose_root() for _ in range(3)] == [tmp / NAME] * 3
    assert stat.S_IMODE((tmp / NAME).stat().st_mode) == 0o700
    assert os.listdir(tmp / NAME) == [grade_folders.MARKER]


def _link(root: Path) -> None:
    (root.parent / "elsewhere").mkdir(mode=0o700)
    root.symlink_to(root.parent / "elsewhere")


def _occupy(root: Path) -> None:
    root.mkdir(mode=0o700)
    (root / "of_mine.py").write_text("mine")


def _open_up(root: Path) -> None:
    root.mkdir()
    root.chmod(0o777)


def _give_away(root: Path) -> None:
    root.mkdir(mode=0o700)
    (root / grade_folders.MARKER).write_text("")
    os.chown(root, NOBODY, NOBODY)


def _own_what_is_around(root: Path) -> None:
    os.chown(root.parent, NOBODY, NOBODY)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(_link, id="a link"),
        pytest.param(lambda root: root.write_text(""), id="a file"),
        pytest.param(_occupy, id="a folder with other things"),
        pytest.param(_open_up, id="open to others"),
        pytest.param(lambda root: root.parent.chmod(0o777), id="in a folder where others may rename"),
        pytest.param(_give_away, id="another's", marks=needs_root),
        pytest.param(_own_what_is_around, id="in another's folder", marks=needs_root),
    ],
)
def test_name_that_is_not_surely_ours_is_not_used(tmp: Path, spoil: Callable[[Path], None]) -> None:
    spoil(tmp / NAME)
    before = sorted(tmp.rglob("*"))
    assert grade_folders.choose_root() == tmp.parent / "cache" / "study" / "grades"
    grade_folders.remove_left()
    assert sorted(tmp.rglob("*")) == before


def test_sticky_folder_of_all_users_is_used(tmp: Path) -> None:
    tmp.chmod(0o1777)
    assert grade_folders.choose_root() == tmp / NAME


def test_what_cannot_be_made_is_told_when_a_grade_wants_its_folder(tmp: Path) -> None:
    root = grade_folders.choose_root()
    root.rename(tmp / "moved")
    _link(root)
    with pytest.raises(OSError, match="another user has taken its name"):
        grade_folders.make_folder(root / CLOSED)


def test_folder_of_a_grade_that_is_over_is_removed_and_nothing_else(tmp: Path) -> None:
    root = grade_folders.choose_root()
    _leave(root / CLOSED)
    (root / "fedcba9876543210").mkdir()
    (root / "mine.lock").write_text("")
    outside = tmp / "outside"
    outside.mkdir()
    (outside / "a.py").write_text("mine")
    (root / CLOSED / "private" / "link").symlink_to(outside)
    grade_folders.remove_left()
    assert sorted(os.listdir(root)) == sorted([grade_folders.MARKER, "fedcba9876543210", "mine.lock"])
    assert (outside / "a.py").read_text() == "mine"


def test_lock_beside_a_link_removes_no_more_than_the_lock(tmp: Path) -> None:
    root = grade_folders.choose_root()
    _leave(root / CLOSED)
    (root / CLOSED).rename(tmp / "elsewhere")
    (root / CLOSED).symlink_to(tmp / "elsewhere")
    grade_folders.remove_left()
    assert (tmp / "elsewhere" / "private" / "kept.txt").read_text() == "of a worker"


def test_folder_without_its_marker_is_left_alone(tmp: Path) -> None:
    root = grade_folders.choose_root()
    _leave(root / CLOSED)
    (root / grade_folders.MARKER).unlink()
    grade_folders.remove_left()
    assert (root / CLOSED / "private" / "kept.txt").exists()


@pytest.mark.parametrize("join", [False, True], ids=["who made it", "who joined it"])
def test_folder_stays_for_as_long_as_anybody_of_its_grade_lives(tmp: Path, join: bool) -> None:
    root = grade_folders.choose_root()
    end_read, end_write = os.pipe()
    ready_read, ready_write = os.pipe()
    if join:
        _leave(root / CLOSED)
    pid = os.fork()
    if pid == 0:
        try:
            (grade_folders.join_folder if join else grade_folders.make_folder)(root / CLOSED)
            os.write(ready_write, b"!")
            os.close(end_write)
            os.read(end_read, 1)
        finally:
            os._exit(0)
    assert os.read(ready_read, 1) == b"!"
    os.utime(root / CLOSED, (1, 1))
    os.utime(root / f"{CLOSED}.lock", (1, 1))
    grade_folders.remove_left()
    assert sorted(os.listdir(root)) == sorted([grade_folders.MARKER, CLOSED, f"{CLOSED}.lock"])
    os.close(end_write)
    os.waitpid(pid, 0)
    grade_folders.remove_left()
    assert os.listdir(root) == [grade_folders.MARKER]
    for fd in (end_read, ready_read, ready_write):
        os.close(fd)


def test_folder_and_lock_go_with_their_grade(tmp: Path) -> None:
    root = grade_folders.choose_root()
    _leave(root / CLOSED)
    grade_folders.remove_folder(root / CLOSED)
    grade_folders.remove_folder(root / CLOSED)  # the engine does it once more
    assert os.listdir(root) == [grade_folders.MARKER]


@needs_root
def test_root_removes_nothing_of_another_users_grades(tmp: Path) -> None:
    root = grade_folders.choose_root()
    _leave(root / CLOSED)
    for path in (root, *root.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    grade_folders.remove_left()
    assert (root / CLOSED / "private" / "kept.txt").exists()


@needs_root
def test_worker_that_is_another_user_reaches_its_private_folder_and_no_list_of_others(
    reachable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = reachable / NAME
    monkeypatch.setattr(grade_folders, "_candidates", lambda: iter([root]))
    _leave(root / CLOSED)
    private, other = root / CLOSED / "private", root / CLOSED / "other"
    other.mkdir(mode=0o700)
    private.chmod(0o700)
    os.chown(private, NOBODY, -1)
    grade_folders.let_pass(private)
    assert stat.S_IMODE(root.stat().st_mode) == 0o711

    def look() -> None:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        (private / "mine.txt").write_text("x")
        for folder in (root, root / CLOSED, other):
            with pytest.raises(PermissionError):
                os.listdir(folder)
        with pytest.raises(PermissionError):
            (root / CLOSED / "new").mkdir()

    assert _in_a_child(look) == 0
    assert grade_folders.choose_root() == root  # as it is now, the next grade takes it too
