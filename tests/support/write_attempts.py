"""Record attempts in a process of its own: LOCATION {"attempt": {...}, "count": 50}; run by the tests.

Prints the number of each attempt once `record_attempt` has returned it.
"""

import json
import sys

import msgspec

from grader.progress import NewAttempt, ProgressStore

location, options = sys.argv[1], json.loads(sys.argv[2])
template = msgspec.convert(options["attempt"], NewAttempt)
with ProgressStore.open(location) as store:
    for number in range(options["count"]):
        submission = f"{template.submission}{number}"
        attempt_id = store.record_attempt(msgspec.structs.replace(template, submission=submission))
        print(attempt_id, number, flush=True)
