"""Return and raise objects that would run code where they are unpickled.

expect: failed
checks: total=failed tally=errored
"""


class Payload(Exception):
    def __reduce__(self):
        return print, ("BREACH: unpickled in the judge",)

    __getstate__ = __deepcopy__ = __reduce__


def total(xs):
    return Payload()


def tally(text):
    raise Payload(Payload())
