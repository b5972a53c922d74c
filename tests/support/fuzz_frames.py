"""Frames that no honest worker sends: valid replies damaged at random, and replies with a grammar but no sense."""

import random
import struct
from collections.abc import Iterator

import numpy as np
import torch

from grader.wire import DTYPES, encode_reply

TAGS = b"NTFifcsbltdSZxnyvh"
#: Counts, sizes and dimensions where mistakes live: around 0, powers of two, what wraps in 32 and 64 bits.
EDGES = (0, 1, 2, 3, 7, 8, 255, 256, 1024, 1025, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**48, 2**60, 2**61 + 1)
EDGES_U64 = (*EDGES, 2**63 - 1, 2**63, 2**64 - 2, 2**64 - 1)
NAMES = (
    b"os.system",
    b"builtins.eval",
    b"cpu",
    b"cuda:0",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    "é€😀".encode(),
    b"a\nb\x1b[31m",
)


def valid_payloads() -> list[bytes]:
    """Encode one value of every kind, small ones nested in one another, and whole replies as a worker sends them."""
    rich = [
        *(None, True, False, 0, -1, 2**70, -(2**8000), 1.5, float("nan"), 1j, "", "é\ud800😀", b"bytes", [], (), {}),
        *([1, 2.5, [3, [4.5]]], (1, (2, (3,))), {"k": {2}, (1, 2): frozenset({3, frozenset({4})})}, {-1: 1, -2: 2}),
        *(DTYPES[3], torch.device("cpu"), torch.eye(2, requires_grad=True), torch.zeros(2, 0, 3), torch.tensor(True)),
        *(np.arange(3, dtype=np.uint16), np.float32(1.0), np.zeros((2, 2), np.complex64), np.array([True, False])),
    ]
    replies = [
        ("value", torch.ones(2, 3), {"args": (1, 2.5), "time_s": 0.25}),
        ("value", object(), {}),
        ("raised", ["ValueError", "Exception"], "a text", [(3, "f"), (4, "g")]),
        ("callback", 0, (torch.arange(3),), {"x": [1.0, 2.0]}),
        ("ended", -9),
        ("unsendable", "is too large"),
    ]
    return [b"".join(bytes(part) for part in encode_reply(value, lambda _: 7)) for value in [*rich, rich, *replies]]


def frames(count: int, seed: int) -> Iterator[bytes]:
    """Yield `count` frames, the same for the same seed: four in five are damaged replies."""
    rng = random.Random(seed)  # reproducible on purpose
    valid = valid_payloads()
    for _ in range(count):
        if rng.random() < 0.2:
            yield _piece(rng, 0)
        else:
            yield _damaged(rng, bytearray(rng.choice(valid)), valid)


def _damaged(rng: random.Random, data: bytearray, valid: list[bytes]) -> bytes:
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(8):
            case 0:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                data[at : at + 1] = bytes([rng.choice(TAGS)])
            case 2:
                data[at : at + 4] = struct.pack("<I", rng.choice(EDGES) % 2**32)
            case 3:
                data[at : at + 8] = struct.pack("<Q", rng.choice(EDGES_U64))
            case 4:
                del data[at : at + rng.randint(1, 9)]
            case 5:
                data[at:at] = data[at : at + rng.randint(1, 40)]
            case 6:
                data[at:at] = rng.choice(valid)[:400]
            case _:
                if data:
                    data[at % len(data)] ^= 1 << rng.randrange(8)
    return bytes(data)


def _piece(rng: random.Random, depth: int) -> bytes:
    """Write one value by the grammar, with counts and sizes that are mostly but not always right."""
    tag = rng.choice(TAGS if depth < 6 else b"NTFifcsby")
    head = bytes([tag])
    match chr(tag):
        case "N" | "T" | "F":
            return head
        case "i":
            data = rng.randbytes(rng.choice((0, 1, 2, 8, 9, 20)))
            return head + _u32(rng, len(data)) + data
        case "f":
            return head + rng.randbytes(8)
        case "c":
            return head + rng.randbytes(16)
        case "s" | "b" | "v":
            data = rng.choice(NAMES)
            return head + _u32(rng, len(data)) + data
        case "l" | "t" | "S" | "Z":
            count = rng.randrange(4)
            return head + _u32(rng, count) + b"".join(_piece(rng, depth + 1) for _ in range(count))
        case "d":
            count = rng.randrange(3)
            return head + _u32(rng, count) + b"".join(_piece(rng, depth + 1) for _ in range(2 * count))
        case "y":
            return head + bytes([rng.randrange(14)])
        case "h":
            name = rng.choice(NAMES)
            return head + _u32(rng, 1) + bytes([rng.randrange(3)]) + _u32(rng, len(name)) + name
        case _:
            return head + _array(rng)


def _array(rng: random.Random) -> bytes:
    shape = [rng.choice((0, 1, 2, 3)) if rng.random() < 0.9 else rng.choice(EDGES_U64) for _ in range(rng.randrange(4))]
    code = rng.randrange(16)
    device = rng.choice((b"", b"cpu", b"cuda:0", rng.choice(NAMES)))
    size = rng.choice((1, 2, 4, 8, 16))
    for n in shape:
        size *= min(n, 4)
    data = rng.randbytes(size)
    head = bytes([code, rng.randrange(2), len(shape), len(device)]) + device
    claimed = len(data) if rng.random() < 0.9 else rng.choice(EDGES_U64)
    return head + struct.pack(f"<{len(shape)}Q", *shape) + struct.pack("<Q", claimed) + data


def _u32(rng: random.Random, number: int) -> bytes:
    return struct.pack("<I", number if rng.random() < 0.95 else rng.choice(EDGES) % 2**32)
