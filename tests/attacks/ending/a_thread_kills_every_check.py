"""Leave a thread in the worker that kills the process of each check as if the machine had done it.

expect: failed
checks: total=failed|crashed tally=failed|crashed scale=failed|crashed
"""

import os
import signal
import threading
import time

WORKER = os.getpid()


def kill_children():
    while True:
        try:
            with open(f"/proc/self/task/{os.getpid()}/children") as children:
                for pid in map(int, children.read().split()):
                    os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
        time.sleep(0.001)


threading.Thread(target=kill_children, daemon=True).start()


def total(xs):
    time.sleep(0.2)
    return -1.0


def tally(text):
    time.sleep(0.2)
    return {}


def scale(x, k):
    time.sleep(0.2)
    return x
