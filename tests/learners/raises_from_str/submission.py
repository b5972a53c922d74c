class Broken(Exception):
    def __str__(self):
        raise RuntimeError


def double(x):
    raise Broken
