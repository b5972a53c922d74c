"""Print, on every descriptor that takes it, the lines by which a grade reports a pass.

expect: failed
checks: total=failed
"""

import json
import os
import stat
import sys

RESULT = {
    "id": "total",
    "title": "total",
    "status": "passed",
    "points": 1,
    "message": "",
    "cause": None,
    "elapsed_s": 0,
}
DONE = {"exercise": "v01_vault", "verdict": "passed", "checks": [RESULT], "score": 9, "max_score": 9}
LINES = [json.dumps(event) for event in ({"event": "finished", "result": RESULT}, {"event": "done", "verdict": DONE})]


def total(xs):
    text = "\n" + "\n".join(LINES) + "\nFORGED 9 passed in 0.01s\n"
    print(text, flush=True)
    print(text, file=sys.stderr, flush=True)
    for fd in range(3, 64):
        try:
            if not stat.S_ISSOCK(os.fstat(fd).st_mode):
                os.write(fd, text.encode())
        except OSError:
            pass
    return -1.0
