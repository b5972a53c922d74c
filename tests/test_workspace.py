"""The learner's folder is found, and nothing of theirs in it is ever lost."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.core.errors import WorkspaceError
from grader.files.workspace import Settings, Workspace, find_workspace

MINE = "def add(a, b):\n    return a + b  # mine\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace that has been made."""
    workspace = Workspace(tmp_path / "study", "made for a test")
    workspace.create()
    return workspace


def files_of(workspace: Workspace) -> dict[str, str]:
    """Return everything that lies in a workspace, by path."""
    found = {path for path in workspace.root.rglob("*") if path.is_symlink() or not path.is_dir()}
    return {
        path.relative_to(workspace.root).as_posix(): f"-> {os.readlink(path)}"
        if path.is_symlink()
        else path.read_text()
        for path in found
    }


# Finding and making it


def test_workspace_is_found_above(tmp_path: Path) -> None:
    """From any folder within it the workspace is the nearest one above, whatever STUDY_HOME says."""
    inner = tmp_path / "outer" / "inner"
    deep = inner / "a" / "b"
    for folder in (tmp_path / "outer" / ".study", inner / ".study", deep):
        folder.mkdir(parents=True)
    found = find_workspace(deep, {"STUDY_HOME": str(tmp_path), "HOME": str(tmp_path)})
    assert found == Workspace(inner, "found here or above")


def test_workspace_is_found_where_one_stands(tmp_path: Path) -> None:
    """The folder itself counts as well."""
    (tmp_path / ".study").mkdir()
    assert find_workspace(tmp_path, {}).root == tmp_path


def test_file_by_the_name_of_the_marker_is_no_workspace(tmp_path: Path) -> None:
    """Only a folder `.study` marks a workspace."""
    (tmp_path / ".study").write_text("not ours")
    assert find_workspace(tmp_path, {"HOME": str(tmp_path)}) == Workspace(tmp_path / "study", "the default")


@pytest.mark.parametrize(
    ("study_home", "expected"),
    [
        ("/absolute/one", "/absolute/one"),
        ("relative/one", "{cwd}/relative/one"),
        ("~nobody-at-all/x", "{cwd}/~nobody-at-all/x"),
    ],
)
def test_study_home_names_the_workspace(tmp_path: Path, study_home: str, expected: str) -> None:
    """Elsewhere STUDY_HOME is used; a relative one starts where the command was typed."""
    found = find_workspace(tmp_path, {"STUDY_HOME": study_home, "HOME": str(tmp_path)})
    assert found == Workspace(Path(expected.format(cwd=tmp_path)), "named by STUDY_HOME")


def test_study_home_may_start_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that no shell has expanded is expanded."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_workspace(tmp_path / "x", {"STUDY_HOME": "~/here"}).root == tmp_path / "here"


def test_workspace_is_in_the_home_folder_otherwise(tmp_path: Path) -> None:
    """Without a workspace above and without a setting it is ~/study, which need not exist."""
    found = find_workspace(tmp_path / "x", {"HOME": str(tmp_path), "STUDY_HOME": ""})
    assert (found, found.exists()) == (Workspace(tmp_path / "study", "the default"), False)


def test_home_may_be_missing_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the system is asked."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert find_workspace(tmp_path / "x", {}).root == tmp_path / "study"


def test_workspace_is_made_once(tmp_path: Path) -> None:
    """Making it again changes nothing and says so."""
    workspace = Workspace(tmp_path / "new" / "study", "")
    assert [workspace.create(), workspace.exists(), workspace.create()] == [True, True, False]


def test_workspace_that_cannot_be_made_is_an_error_of_usage(tmp_path: Path) -> None:
    """The message names the folder and how to choose another."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WorkspaceError) as caught:
        Workspace(tmp_path / "file" / "study", "").create()
    assert caught.value.message == f"the workspace {tmp_path}/file/study cannot be made: Not a directory"
    assert (caught.value.hint, caught.value.exit_code) == (
        "name another folder: STUDY_HOME=/path/to/folder study init",
        2,
    )


# Settings


def test_settings_come_back_as_they_were_saved(workspace: Workspace) -> None:
    """Settings survive; without a file they are the defaults."""
    assert workspace.load_settings() == Settings()
    settings = Settings(names_file="/data/näme.txt", database="postgresql://h/d")
    workspace.save_settings(settings)
    assert workspace.load_settings() == settings
    assert list(files_of(workspace)) == [".study/settings.json"]


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"\xff\xfe", b'{"names_file": "\xff"}', b"[]", b'{"names_file": 3}', b'{"namse_file": "x"}']
)
def test_damaged_settings_are_named_and_left_alone(workspace: Workspace, damage: bytes) -> None:
    """Settings that cannot be read are an error with a way out, never silently the defaults."""
    file = workspace.marker / "settings.json"
    file.write_bytes(damage)
    with pytest.raises(WorkspaceError) as caught:
        workspace.load_settings()
    assert caught.value.message.startswith(f"{file}: cannot be used: ")
    assert caught.value.hint == (
        f"correct it, or remove it: rm {file}   (that forgets which courses were added, the names file, another place "
        "of the log and `study server off`; no progress)"
    )
    assert file.read_bytes() == damage


# Writing a stub


def test_stub_is_put_where_the_learner_works(workspace: Workspace) -> None:
    """A new stub needs no backup, and can be read by whoever may read the learner's files."""
    path, backup = workspace.write_stub("e01_add", "stub ∂\n", replace=False)
    assert (path, backup) == (workspace.root / "e01_add.py", None)
    assert files_of(workspace) == {"e01_add.py": "stub ∂\n"}
    assert path.stat().st_mode & 0o777 == 0o644


def test_stub_never_overwrites_a_file(workspace: Workspace) -> None:
    """What the learner wrote stays unless they ask for a new start."""
    workspace.submission_path("e01_add").write_text(MINE)
    with pytest.raises(FileExistsError):
        workspace.write_stub("e01_add", "stub", replace=False)
    assert files_of(workspace) == {"e01_add.py": MINE}


def test_dangling_link_in_the_place_of_a_stub_is_left_alone(workspace: Workspace) -> None:
    """A link whose target is elsewhere or gone is the learner's as well, and cannot be kept, so it stays."""
    workspace.submission_path("e01_add").symlink_to("gone.py")
    path = workspace.root / "e01_add.py"
    for replace in (False, True):
        with pytest.raises(WorkspaceError) as caught:
            workspace.write_stub("e01_add", "stub", replace=replace)
        assert caught.value.message == f"{path} is a symbolic link, and it leads to no file"
        assert caught.value.hint == f"rm {path} && study start e01_add"
    assert files_of(workspace) == {"e01_add.py": "-> gone.py"}


def test_folder_in_the_place_of_a_stub_is_left_alone(workspace: Workspace) -> None:
    """A folder cannot be kept either."""
    (workspace.root / "e01_add.py").mkdir()
    with pytest.raises(WorkspaceError, match=r"e01_add\.py cannot be kept: it is a folder; it is unchanged"):
        workspace.write_stub("e01_add", "stub", replace=True)
    assert (workspace.root / "e01_add.py").is_dir()


def test_new_start_keeps_what_was_there(workspace: Workspace) -> None:
    """The learner's file lies in the backups before the stub takes its place."""
    workspace.submission_path("e01_add").write_text(MINE)
    path, backup = workspace.write_stub("e01_add", "stub", replace=True)
    assert backup is not None
    assert files_of(workspace) == {"e01_add.py": "stub", f".study/backups/{backup.name}": MINE}
    assert backup.parent == workspace.marker / "backups"
    assert path.read_text() == "stub"


def test_new_start_through_a_link_leaves_its_target_alone(workspace: Workspace, tmp_path: Path) -> None:
    """A link is replaced, not followed; what it showed is in the backups."""
    elsewhere = tmp_path / "elsewhere.py"
    elsewhere.write_text(MINE)
    workspace.submission_path("e01_add").symlink_to(elsewhere)
    _, backup = workspace.write_stub("e01_add", "stub", replace=True)
    assert backup is not None
    assert files_of(workspace) == {"e01_add.py": "stub", f".study/backups/{backup.name}": MINE}
    assert elsewhere.read_text() == MINE


def test_new_start_without_a_file_needs_no_backup(workspace: Workspace) -> None:
    """Nothing there, nothing to keep."""
    assert workspace.write_stub("e01_add", "stub", replace=True)[1] is None
    assert files_of(workspace) == {"e01_add.py": "stub"}


def test_backups_of_the_same_second_do_not_collide(workspace: Workspace) -> None:
    """Every backup gets a name of its own, however fast they come."""
    path = workspace.submission_path("e01_add")
    kept = []
    for number in range(25):
        path.write_text(f"version {number}")
        kept.append(workspace.back_up(path))
    assert [backup.read_text() for backup in kept] == [f"version {number}" for number in range(25)]
    assert len(set(kept)) == 25


def test_backup_that_fails_changes_nothing(workspace: Workspace) -> None:
    """Without a backup there is no new start."""
    workspace.submission_path("e01_add").write_text(MINE)
    (workspace.marker / "backups").write_text("in the way")
    with pytest.raises(WorkspaceError) as caught:
        workspace.write_stub("e01_add", "stub", replace=True)
    folder = workspace.marker / "backups"
    assert caught.value.message == f"{folder} cannot be written: File exists; what was there before is unchanged"
    assert files_of(workspace) == {"e01_add.py": MINE, ".study/backups": "in the way"}


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_write_that_fails_leaves_the_old_file_and_no_other(
    workspace: Workspace, call: str, failure: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk or Ctrl-C in the middle of a write leaves no half of a file and no temporary one."""
    workspace.save_settings(Settings(names_file="old"))
    before = files_of(workspace)

    def fail(*arguments: object) -> None:
        raise failure

    monkeypatch.setattr(os, call, fail)
    with pytest.raises((WorkspaceError, KeyboardInterrupt)):
        workspace.save_settings(Settings(names_file="new"))
    with pytest.raises((WorkspaceError, KeyboardInterrupt)):
        workspace.write_stub("e01_add", "stub", replace=False)
    assert files_of(workspace) == before


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_torn_backup_is_removed(workspace: Workspace, failure: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup is whole or is not there, and without it the learner's file stays."""
    workspace.submission_path("e01_add").write_text(MINE)

    def fail(descriptor: int) -> None:
        raise failure

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises((WorkspaceError, KeyboardInterrupt)):
        workspace.write_stub("e01_add", "stub", replace=True)
    assert files_of(workspace) == {"e01_add.py": MINE}


def test_all_of_a_file_is_on_the_disk_before_it_takes_its_place(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backup and the stub are synced whole, each before the next step."""
    workspace.submission_path("e01_add").write_text(MINE)
    synced = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_size))
    workspace.write_stub("e01_add", "stub", replace=True)
    assert synced == [len(MINE), len("stub")]


@pytest.mark.parametrize("replace", [False, True])
def test_file_size_limit_is_an_error_and_changes_nothing(workspace: Workspace, replace: bool) -> None:
    """The kernel's own refusal to write more ends like a full disk: explained, and all as it was."""
    workspace.submission_path("e01_add").write_text(MINE * 300)
    program = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from grader.core.errors import WorkspaceError; from grader.files.workspace import Workspace\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "name, text, replace = ('e01_add', 'x', True) if sys.argv[2] == 'True' else ('e02_new', 'x' * 9999, False)\n"
        "try: Workspace(Path(sys.argv[1]), '').write_stub(name, text, replace=replace)\n"
        "except WorkspaceError as error: print(error.message)"
    )
    command = [sys.executable, "-B", "-c", program, str(workspace.root), str(replace)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    path = workspace.marker / "backups" if replace else workspace.root / "e02_new.py"
    assert done.stdout == f"{path} cannot be written: File too large; what was there before is unchanged\n"
    assert files_of(workspace) == {"e01_add.py": MINE * 300}
