"""Raise the exceptions by which Python ends generators, threads and programs.

expect: failed
checks: total=errored tally=errored scale=errored
"""

import asyncio


def total(xs):
    raise KeyboardInterrupt


def tally(text):
    raise GeneratorExit


def scale(x, k):
    raise asyncio.CancelledError
