"""Return a subclass of float that is equal to, and no distance from, every number.

expect: failed
checks: total=failed
"""


class Close(float):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__
    __hash__ = float.__hash__


def total(xs):
    return Close(-1.0)
