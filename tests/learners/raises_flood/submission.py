class Flood(Exception):
    def __str__(self):
        return "x" * 10**7


def double(x):
    raise Flood
