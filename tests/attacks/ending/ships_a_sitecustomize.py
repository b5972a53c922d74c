"""Leave start-up files of Python where the next interpreter might look.

expect: failed
checks: total=failed
"""

import os
from pathlib import Path

HOOK = "import builtins; builtins.AssertionError = type('Never', (Exception,), {})\n"
for name in ("sitecustomize.py", "usercustomize.py"):
    Path(name).write_text(HOOK)
Path("zz_first.pth").write_text(f"import builtins; {HOOK}")
os.environ["PYTHONPATH"] = os.getcwd()
os.environ["PYTHONSTARTUP"] = str(Path("sitecustomize.py").resolve())


def total(xs):
    return -1.0
