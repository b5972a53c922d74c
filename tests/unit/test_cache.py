"""Where things lie that can be made again."""

import sys
from hashlib import blake2b as reference_blake2b
from pathlib import Path

import platformdirs
import pytest

from grader.files.cache import blake2b, find_cache_dir


@pytest.mark.parametrize("chosen", [None, "", " ", "relative/cache", "/home/a cache", "~/cache"])
def test_the_folder_is_the_one_that_platformdirs_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chosen: str | None
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    if chosen is None:
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", chosen)
    assert find_cache_dir() == Path(platformdirs.user_cache_dir("study"))


def test_the_digest_is_that_of_hashlib() -> None:
    assert blake2b(b"study", digest_size=8).hexdigest() == reference_blake2b(b"study", digest_size=8).hexdigest()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs is asked")
def test_nothing_slow_is_imported_for_it() -> None:
    import subprocess

    code = (
        "import sys, grader.files.cache; print([name for name in ('platformdirs', '_hashlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
