"""Answer with texts that one character makes four times as large in memory, each just within what is allowed.

expect: failed
checks: tally=failed|out_of_memory|errored|timed_out|crashed
"""


def tally(text):
    return {"a" * 900_000 + "\U0001f600" + str(i): i for i in range(70)}
