"""Raise an exception whose class refuses to tell its name.

expect: failed
checks: total=errored|crashed
"""


class Nameless(type):
    @property
    def __name__(cls):
        raise SystemExit(0)

    def __getattribute__(cls, name):
        if name == "__mro__":
            return (cls, int, str)
        return super().__getattribute__(name)


class Trouble(Exception, metaclass=Nameless):
    pass


def total(xs):
    raise Trouble
