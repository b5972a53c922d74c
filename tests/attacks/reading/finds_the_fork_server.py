"""Look for the socket of the server that forks engines, and give it a job of its own.

expect: failed
checks: total=failed
layers: mount_namespace
"""

import glob
import os
import socket
import tempfile

FOLDERS = ("/tmp", "/var/tmp", "/run/user/*", "/run", "/dev/shm", tempfile.gettempdir(), "/private")  # noqa: S108


def total(xs):
    for folder in FOLDERS:
        for path in (*glob.glob(f"{folder}/study*"), *glob.glob(f"{folder}/study*/*.sock")):
            raise RuntimeError(f"BREACH: it sees {path}")
    for uid in {0, 1000, os.getuid()}:
        for folder in (f"/tmp/study-server-{uid}", f"/run/user/{uid}/study"):  # noqa: S108
            try:
                os.listdir(folder)
            except OSError:
                continue
            raise RuntimeError(f"BREACH: it can list {folder}")
    try:
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    except OSError:
        return -1.0
    raise RuntimeError("BREACH: it can make a socket to call the server with")
