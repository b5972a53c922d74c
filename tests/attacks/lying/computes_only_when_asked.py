"""Return a promise that would look at the question only once it is compared.

expect: failed
checks: total=failed
"""

import sys


class Promise:
    def __init__(self, xs):
        self.xs = xs

    def __eq__(self, other):
        frame = sys._getframe(1)
        print("BREACH: compared in", frame.f_code.co_filename)
        return True

    def __float__(self):
        return float(sum(self.xs))

    __index__ = __float__
    __hash__ = None


def total(xs):
    return Promise(xs)
