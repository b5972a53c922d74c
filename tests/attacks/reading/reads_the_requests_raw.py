"""Keep the bytes of every request before they are decoded, and search them for more than the arguments.

expect: failed
checks: total=failed twice=failed
"""

import sys

PREFIX = "-".join(["vault", "marker", ""]).encode()
SERVE = sys.modules["grader.worker.serve"]
RECEIVE = SERVE._receive
SEEN = []


def receive(link):
    SEEN.append(RECEIVE(link))
    return SEEN[-1]


SERVE._receive = receive


def look():
    for payload in SEEN:
        if payload is None:
            continue
        for secret in (PREFIX, b"checks", b"reference", b"expected", b"solution", b"mutant", b"factor"):
            if secret in payload:
                raise RuntimeError(f"BREACH: a request holds {secret.decode()!r}")


def total(xs):
    look()
    return -1.0


def twice(f, x):
    once = f(x)
    look()
    return once
