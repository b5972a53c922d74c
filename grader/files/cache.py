"""Where things lie that can be made again, and how they are told apart; without what takes long to import."""

import os
import sys
from pathlib import Path

try:
    from _blake2 import blake2b  # hashlib has the same, and loads OpenSSL for 4 ms
except ImportError:
    from hashlib import blake2b

__all__ = ["blake2b", "find_cache_dir"]


def find_cache_dir() -> Path:
    """Return the folder for what can be made again; it need not be there yet.

    On Linux this is the XDG Base Directory Specification's, which platformdirs follows as well, 5 ms later.
    """
    if sys.platform == "linux":
        chosen = os.environ.get("XDG_CACHE_HOME", "")
        base = Path(chosen) if chosen.startswith("/") else Path("~/.cache").expanduser()
        return base / "study"
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("study"))
