"""Leave each check by another test framework's way of not counting it.

expect: failed
checks: total=errored tally=errored scale=errored twice=errored
"""

import unittest

import pytest


def total(xs):
    pytest.skip("no numbers today")


def tally(text):
    pytest.xfail("letters are known to be hard")


def scale(x, k):
    pytest.exit("everybody go home", returncode=0)


def twice(f, x):
    raise unittest.SkipTest("once is enough")
