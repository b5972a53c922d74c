"""The pictures of the last grade are kept in a folder of ours, and nothing outside of it is touched or believed."""

import os
from pathlib import Path

import pytest

from grader.core.errors import WorkspaceError
from grader.core.pictures import Line, Lines, Picture
from grader.core.verdict import Verdict
from grader.files.picture_store import MAX_BYTES, Kept, PictureStore
from grader.files.workspace import Workspace

LOSS = Lines("loss", "Loss", (Line("train", (0.0, 1.0), (2.5, None)),), "step")


@pytest.fixture
def picture_store(tmp_path: Path) -> PictureStore:
    return PictureStore(Workspace(tmp_path, "made for a test"))


def verdict_with(*pictures: Picture, seed: int = 1) -> Verdict:
    return Verdict("e01_add", "passed", (), 1, 1, seed, "cpu", None, {}, 0.1, pictures)


def test_what_was_kept_is_what_was_recorded(picture_store: PictureStore) -> None:
    path = picture_store.keep(verdict_with(LOSS))
    assert path == picture_store.folder / "e01_add.json"
    assert picture_store.load("e01_add") == Kept("e01_add", "passed", 1, (LOSS,))
    assert picture_store.load("e02_other") is None


def test_a_later_grade_takes_the_place_of_an_earlier_one(picture_store: PictureStore) -> None:
    picture_store.keep(verdict_with(LOSS))
    picture_store.keep(verdict_with(LOSS, LOSS, seed=2))
    kept = picture_store.load("e01_add")
    assert kept is not None
    assert (kept.seed, len(kept.pictures)) == (2, 2)
    assert [path.name for path in picture_store.folder.iterdir()] == ["e01_add.json"]


def test_a_figure_lies_beside_the_data(picture_store: PictureStore) -> None:
    path = picture_store.add_figure("e01_add", "loss", "svg", b"<svg/>")
    assert (path.name, path.read_bytes()) == ("e01_add-loss.svg", b"<svg/>")


def test_a_link_in_the_folder_is_replaced_and_not_followed(picture_store: PictureStore, tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    picture_store.folder.mkdir(parents=True)
    for name in ("e01_add.json", "e01_add-loss.svg"):
        (picture_store.folder / name).symlink_to(mine)
    picture_store.keep(verdict_with(LOSS))
    picture_store.add_figure("e01_add", "loss", "svg", b"<svg/>")
    assert mine.read_text() == "mine"
    assert not any(path.is_symlink() for path in picture_store.folder.iterdir())


def test_a_folder_that_is_a_link_is_refused(picture_store: PictureStore, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    picture_store.folder.parent.mkdir()
    picture_store.folder.symlink_to(elsewhere)
    with pytest.raises(WorkspaceError, match="is a symbolic link, and links are not followed"):
        picture_store.keep(verdict_with(LOSS))
    assert list(elsewhere.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_left_alone(picture_store: PictureStore) -> None:
    picture_store.folder.parent.mkdir()
    picture_store.folder.write_text("mine")
    with pytest.raises(WorkspaceError, match="cannot be made: File exists"):
        picture_store.keep(verdict_with(LOSS))
    assert picture_store.load("e01_add") is None
    assert picture_store.folder.read_text() == "mine"


def test_a_failed_write_leaves_the_pictures_before_it(
    picture_store: PictureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture_store.keep(verdict_with(LOSS))

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(WorkspaceError, match="No space left on device"):
        picture_store.keep(verdict_with(LOSS, seed=2))
    kept = picture_store.load("e01_add")
    assert kept is not None
    assert kept.seed == 1
    assert len(list(picture_store.folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{", "Input data was truncated"),
        (b"\xff", "cannot be used"),
        (b'{"exercise":"e","verdict":"passed","seed":1,"pictures":[{"kind":"movie"}]}', "Invalid value 'movie'"),
        (b'{"exercise":"e","verdict":"passed","seed":1}', "missing required field `pictures`"),
        (b" " * (MAX_BYTES + 1), "it is larger than 4 MiB"),
    ],
    ids=["cut", "not UTF-8", "another kind", "a key missing", "large"],
)
def test_a_damaged_file_is_named_with_what_to_do(picture_store: PictureStore, data: bytes, why: str) -> None:
    picture_store.folder.mkdir(parents=True)
    path = picture_store.folder / "e01_add.json"
    path.write_bytes(data)
    with pytest.raises(WorkspaceError, match=why) as caught:
        picture_store.load("e01_add")
    assert str(path) in caught.value.message
    assert caught.value.hint == f"remove it, and grade again: rm {path}; study grade e01_add"


def test_only_a_regular_file_is_read(picture_store: PictureStore, tmp_path: Path) -> None:
    picture_store.folder.mkdir(parents=True)
    path = picture_store.folder / "e01_add.json"
    for make in (path.mkdir, lambda: os.mkfifo(path), lambda: path.symlink_to(tmp_path / "other")):
        make()
        with pytest.raises(WorkspaceError, match="cannot be read"):
            picture_store.load("e01_add")
        path.rmdir() if path.is_dir() else path.unlink()
