"""Use objects of an ill-named class as keys, so that the refusal names it.

expect: failed
checks: tally=failed
"""

Key = type("K\x1b[2J\nFORGED passed", (), {})


def tally(text):
    return {Key(): 1}
