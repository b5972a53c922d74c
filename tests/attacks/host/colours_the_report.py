"""Put escape codes, markup and formulas into what is said about it: output, errors, names.

expect: failed
checks: total=errored tally=failed scale=errored
"""

import sys

CODES = "\x1b[2J\x1b]0;owned\x07\x1b]52;c;Zm9v\x07\x9b31m\r\b[red]x[/red]=HYPERLINK(1)\u202e\x00\x7f"
globals()[f"name{CODES}"] = 1


def total(xs):
    kind = type(f"Error{CODES}".replace("\x00", ""), (Exception,), {})
    raise kind(CODES)


def tally(text):
    print(CODES)
    print(CODES, file=sys.stderr)
    return {CODES: 1}


def scale(x, k):
    raise ValueError


scale.__code__ = scale.__code__.replace(co_name=f"scale{CODES}", co_qualname=CODES)
