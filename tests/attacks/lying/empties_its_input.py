"""Clear the list that it was given, so that it equals any other empty list.

expect: failed
checks: total=failed
"""


def total(xs):
    answer = float(sum(xs))
    xs.clear()
    return answer
