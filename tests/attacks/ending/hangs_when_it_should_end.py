"""Leave threads and exit handlers that never end, so that the process would have to wait for them.

expect: failed
checks: total=failed
"""

import atexit
import threading
import time


def forever():
    while True:
        time.sleep(60)


def total(xs):
    atexit.register(forever)
    threading.Thread(target=forever, daemon=False).start()
    return -1.0
