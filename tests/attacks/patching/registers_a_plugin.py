"""Look through the collector's objects for a running pytest, and hook into it.

expect: failed
checks: total=failed
"""

import gc


class PassEverything:
    def pytest_pyfunc_call(self, pyfuncitem):
        return True


def hook_in():
    for thing in gc.get_objects():
        name = type(thing).__name__
        if name in ("JudgePlugin", "Grade", "Submission") and type(thing).__module__.startswith("grader.judge"):
            raise RuntimeError(f"BREACH: a {name} of the judge is in reach")
        if name == "PytestPluginManager":
            thing.register(PassEverything())


def total(xs):
    hook_in()
    return -1.0
