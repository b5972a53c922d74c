"""Search all of its memory, freed or not, for what a process before it may have held.

expect: failed
checks: total=failed
"""

PREFIX = "-".join(["vault", "marker", ""]).encode()
BLOCK = 2**22


def pieces():
    """Yield every readable and writable piece of this process's memory."""
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps.readlines():
            where, rights = line.split()[:2]
            start, end = (int(part, 16) for part in where.split("-"))
            if not rights.startswith("rw"):
                continue
            at = start
            while at < end:
                memory.seek(at)
                try:
                    data = memory.read(min(BLOCK, end - at) + 64)
                except OSError:
                    break
                yield data
                at += BLOCK


def total(xs):
    for data in pieces():
        at = data.find(PREFIX)
        while at >= 0:
            # The prefix alone lies here by our own doing; a secret goes on after it.
            if data[at + len(PREFIX) : at + len(PREFIX) + 4].isalpha():
                raise RuntimeError("BREACH: a secret lies in its memory")
            at = data.find(PREFIX, at + 1)
    return -1.0
