"""Be given more time because it has to wait for a processor: for its own threads.

expect: failed
checks: total=timed_out|not_run tally=timed_out|not_run scale=timed_out|not_run
"""

import _thread
import zlib

DATA = bytes(1 << 27)
THREADS = 40


def spin():
    while True:
        zlib.crc32(DATA)  # releases the interpreter


def wait_long():
    for _ in range(THREADS):
        _thread.start_new_thread(spin, ())  # waits for no thread to begin
    spin()


def total(xs):
    wait_long()


def tally(text):
    wait_long()


def scale(x, k):
    wait_long()
