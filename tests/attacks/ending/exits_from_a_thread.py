"""Let a thread end the process with code 0 while the call still runs.

expect: failed
checks: total=crashed
"""

import os
import threading
import time


def total(xs):
    threading.Timer(0.05, os._exit, [0]).start()
    time.sleep(10)
