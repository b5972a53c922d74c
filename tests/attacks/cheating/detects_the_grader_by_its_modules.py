"""Look among the loaded modules for the checks, and for what they import.

expect: failed
checks: total=failed
"""

import sys


def total(xs):
    for name, module in list(sys.modules.items()):
        file = str(getattr(module, "__file__", None))
        if file.endswith(("checks.py", "solution.py")) or name in ("checks", "solution", "reference"):
            print("BREACH: loaded is", name, file)
    return -1.0
