"""Remember each answer by the identity of the object it was for.

expect: failed
checks: total=failed
"""

ANSWERS = {}


def total(xs):
    if id(xs) not in ANSWERS:
        ANSWERS.clear()
        ANSWERS[id(xs)] = float(len(ANSWERS))
    return ANSWERS[id(xs)]
