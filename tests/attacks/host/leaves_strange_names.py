"""Leave links, pipes, unreadable folders, and names with line ends and escape codes in its folder.

expect: failed
checks: total=failed
"""

import contextlib
import os

NAMES = (b"\x1b[2J\x1b]0;title\x07", b"two\nlines", b"-rf", b"\xff\xfe", b" ", b"[red]x", b"=cmd|'calc'!A0")


def total(xs):
    for name in NAMES:
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
    os.symlink("/", b"root")
    os.symlink("loop", "loop")
    os.symlink(os.pardir, "up")
    with contextlib.suppress(PermissionError):
        os.mkfifo("pipe")
    os.link(b" ", "hard")
    os.mkdir("closed")
    for i in range(20):
        os.mkdir(f"closed/{i}")
        os.symlink("/etc", f"closed/{i}/etc")
        os.chmod(f"closed/{i}", 0)
    os.chmod("closed", 0)
    os.chmod(".", 0)
    return -1.0
