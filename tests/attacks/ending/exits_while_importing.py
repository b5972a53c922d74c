"""Print a summary as pytest would, then end the process with code 0 before anything is checked.

expect: failed
checks: softmax=crashed total=crashed
"""

import os

print("=========== 9 passed in 0.12s ===========", flush=True)
os._exit(0)
