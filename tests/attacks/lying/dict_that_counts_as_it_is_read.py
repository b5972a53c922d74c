"""Return a dictionary that grows and changes whenever it is looked at.

expect: failed
checks: tally=failed|errored|crashed|timed_out|out_of_memory
"""


class Growing(dict):
    def __iter__(self):
        return iter([str(i) for i in range(10**9)])

    def __len__(self):
        return 2

    def items(self):
        while True:
            yield ("a", 1)

    def __missing__(self, key):
        return 1


def tally(text):
    return Growing(a=1)
