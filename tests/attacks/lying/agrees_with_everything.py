"""Return an object that equals anything, is true, and has every attribute.

expect: failed
checks: counter=failed total=failed
"""


class Yes:
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self

    def __bool__(self):
        return True

    def __float__(self):
        return 0.0

    def __len__(self):
        return 1

    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __sub__ = __rsub__ = __abs__ = __add__ = __call__
    __hash__ = object.__hash__


def make_counter(start):
    return Yes()


def total(xs):
    return Yes()
