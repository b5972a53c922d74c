"""Change what was lent to it, or what it sent, while the judge reads it.

expect: failed
checks: scale=failed total=failed
"""

import threading


def keep_writing(x):
    while True:
        x.mul_(-1).add_(1e-3)


def scale(x, k):
    answer = x.clone()
    threading.Thread(target=keep_writing, args=(answer,), daemon=True).start()
    threading.Thread(target=keep_writing, args=(x.detach(),), daemon=True).start()
    return answer


def total(xs):
    return -1.0
