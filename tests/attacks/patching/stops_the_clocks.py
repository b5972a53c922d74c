"""Stop every clock of Python, then take all the time in the world.

expect: failed
checks: total=timed_out
"""

import time

for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
    setattr(time, name, lambda: 0.0)
    setattr(time, f"{name}_ns", lambda: 0)


def total(xs):
    while True:
        time.sleep(0.01)
