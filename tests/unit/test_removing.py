"""A folder is removed whatever its maker did to keep it, and nothing that it leads to is."""

import os
from pathlib import Path

import pytest

from grader.files.removing import remove_tree

#: Deeper than Python recurses, and longer than any path may be.
DEEP = 3000


def test_folder_deeper_than_any_path_is_removed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    folder = os.open(top, os.O_RDONLY)
    for _ in range(DEEP):
        os.mkdir("deeper", dir_fd=folder)
        deeper = os.open("deeper", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = deeper
    os.close(folder)
    remove_tree(top)
    assert os.listdir(tmp_path) == []


def test_what_links_lead_to_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir(mode=0o755)
    (precious / "text.py").write_text("mine")
    (tmp_path / "top" / "inner").mkdir(parents=True)
    for name in ("folder", "inner/folder"):
        (tmp_path / "top" / name).symlink_to(precious)
    os.link(precious / "text.py", tmp_path / "top" / "same.py")
    remove_tree(tmp_path / "top")
    assert os.listdir(tmp_path) == ["precious"]
    assert (precious / "text.py").read_text() == "mine"
    assert precious.stat().st_mode & 0o777 == 0o755


def test_closed_folders_are_removed(tmp_path: Path) -> None:
    inner = tmp_path / "top" / "closed" / "inner"
    inner.mkdir(parents=True)
    (inner / "file").touch()
    for folder in (inner, inner.parent, tmp_path / "top"):
        folder.chmod(0)
    remove_tree(tmp_path / "top")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", ["link", "file"])
def test_what_is_no_folder_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "precious").mkdir()
    if kind == "link":
        (tmp_path / "top").symlink_to("precious")
    else:
        (tmp_path / "top").touch()
    with pytest.raises(OSError, match="top"):
        remove_tree(tmp_path / "top")
    assert sorted(os.listdir(tmp_path)) == ["precious", "top"]
