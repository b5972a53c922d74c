"""Put a finder before all others, which hands out modules whose functions do nothing.

expect: failed
checks: total=failed
"""

import importlib.abc
import importlib.machinery
import sys


class Nothing:
    def __getattr__(self, name):
        return lambda *args, **kwargs: None


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.__getattr__ = lambda name: Nothing()


sys.meta_path.insert(0, Finder())
for name in [name for name in sys.modules if name.startswith(("grader", "checks", "pytest"))]:
    del sys.modules[name]


def total(xs):
    return -1.0
