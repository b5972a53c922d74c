"""Loop forever, ignore every signal that can be ignored, and swallow whatever is raised.

expect: failed
checks: total=timed_out
"""

import signal

for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, lambda *args: None)


def total(xs):
    while True:
        try:
            while True:
                pass
        except BaseException:
            print(end="")
