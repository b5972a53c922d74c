"""Keep peewee from loading a driver that is not going to be used.

peewee imports every driver it finds, and psycopg takes longer to load than all the rest of `study next`. Whoever has
installed it, for one log in PostgreSQL, would wait for it at every command on a log in a file.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DRIVERS = ("psycopg", "psycopg2", "psycopg2cffi", "pymysql", "MySQLdb")


@contextmanager
def only_needed_drivers(location: Path | str) -> Iterator[None]:
    """Make peewee, if it is first imported inside the block, find no driver that a log at `location` does without.

    A process that has begun with a file cannot open a log in PostgreSQL later; no command does.
    """
    hidden = [] if "peewee" in sys.modules or "://" in str(location) else [d for d in _DRIVERS if d not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: importing it raises ImportError
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)
