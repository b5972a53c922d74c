"""Be ended by the signal that comes from outside while it is imported: by a limit that it sets itself.

expect: failed
checks: total=crashed tally=crashed scale=crashed
"""

import resource

resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
while True:
    pass
