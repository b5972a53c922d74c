def add(self, other):
    other = as_value(other)
    before = Value(self.data, tuple(self._prev), self._op, self.label)
    self.data += other.data
    self._prev, self._op = {before, other}, "+"
    return self


Value.__add__ = add
