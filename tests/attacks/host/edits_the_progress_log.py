"""Look for the log of progress and for whatever else is a learner's, and write a solved exercise into it.

expect: failed
checks: total=failed
layers: mount_namespace
"""

import os
import sqlite3

PLACES = ("/root", "/home", "/work", "/var", "/srv", "/mnt", "/opt", "/run", "/etc", "/private")


def total(xs):
    for place in PLACES:
        for folder, _, files in os.walk(place):
            for name in files:
                if name.startswith("study.db") or name.endswith((".sqlite", ".ipynb")) or ".study" in folder:
                    raise RuntimeError(f"BREACH: {folder}/{name} is in sight")
    for place in (*PLACES, os.path.expanduser("~"), ".", "/"):
        try:
            log = sqlite3.connect(f"file:{place}/study/.study/study.db?mode=rw", uri=True)
            log.execute("INSERT INTO attempts VALUES (1)")
        except sqlite3.Error:
            continue
        raise RuntimeError(f"BREACH: the log below {place} was written")
    return -1.0
