"""Raise an exception whose text ignores being cut, and is slow to search.

expect: failed
checks: total=errored|crashed
"""


class Text(str):
    def __getitem__(self, index):
        return self


class Long(Exception):
    def __str__(self):
        return Text("expected " * 200_000)


def total(xs):
    raise Long
