"""Whatever bytes a worker sends, decoding them ends: in a value of the closed set or in a refusal."""

import builtins
import contextlib
import json
import os
import re
import struct
import subprocess
import sys
import tracemalloc
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.wire import DecodingTimedOut, ProtocolError, decode, decode_reply, encode_reply
from tests.support.fuzz_frames import EDGES_U64, NAMES, TAGS, frames, valid_payloads
from tests.support.study import REPOSITORY

#: Together 100,000 frames; in four parts, so that several processes can share them.
SEEDS = range(4)
FRAMES_PER_SEED = 25_000
#: What decoding one small frame may take at its peak; the frames are a few hundred bytes long.
PEAK_BYTES = 2**20
#: What the whole process may grow by: far below any size that a frame claims without having it.
GROWTH_BYTES = 512 * 2**20
CLOSED = (bool, int, float, complex, str, bytes, np.generic, torch.dtype)
# No deadline: a busy machine is no failure. Derandomized: the same examples on every run.
FUZZ = settings(
    max_examples=1000,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Kept:
    """Stands for an object that stayed with the learner."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, number: int, kind: str, is_callable: bool) -> None:
        assert kind.isprintable()
        self.number = number


def count_array_bytes(value: Any) -> int:
    """Return the bytes of all arrays in a value; fails at anything outside the closed set."""
    kind = type(value)
    if kind in (list, tuple, set, frozenset):
        return sum(count_array_bytes(item) for item in value)
    if kind is dict:
        return sum(count_array_bytes(key) + count_array_bytes(item) for key, item in value.items())
    if kind is Tensor:
        assert (value.device.type, value.layout, value.grad_fn) == ("cpu", torch.strided, None)
        return int(value.untyped_storage().nbytes())
    if kind is np.ndarray:
        return int(value.nbytes)
    assert value is None or kind is Kept or isinstance(value, CLOSED)
    return 0


def encode(value: object) -> bytes:
    return b"".join(bytes(part) for part in encode_reply(value, lambda kept: 7))


def decode_safely(frame: bytes, deadline_s: float = float("inf")) -> bool:
    """Decode a frame, tell whether it held a value, and fail where that is not what it should be."""
    try:
        value = decode_reply(frame, Kept, deadline_s=deadline_s)
    except ProtocolError:
        return False
    assert count_array_bytes(value) <= len(frame)
    again = encode(value)
    # The same bytes in some order, for a set has none.
    assert sorted(encode(decode_reply(again, Kept))) == sorted(again)
    return True


@contextlib.contextmanager
def little_more_memory(growth_bytes: int) -> Iterator[None]:
    """Have any allocation fail that makes this process larger than it is by more than that."""
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource

    size_bytes = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (size_bytes + growth_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_25_000_frames_are_refused_or_a_value_in_little_memory(seed: int) -> None:
    read = 0
    with little_more_memory(GROWTH_BYTES):
        for frame in frames(FRAMES_PER_SEED, seed):
            read += decode_safely(frame)
    assert FRAMES_PER_SEED // 10 < read < FRAMES_PER_SEED // 2  # both ways are taken often


def test_no_frame_makes_more_objects_than_it_has_bytes_for() -> None:
    tracemalloc.start()
    try:
        for frame in frames(5_000, seed=10):
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            with contextlib.suppress(ProtocolError):
                decode_reply(frame, Kept)
            assert tracemalloc.get_traced_memory()[1] - before < PEAK_BYTES
    finally:
        tracemalloc.stop()


class Clock:
    """A clock that moves by one second whenever somebody looks."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        self.now_s += 1.0
        return self.now_s


def test_no_frame_is_read_on_after_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(decode, "time", clock)
    for i, frame in enumerate(frames(5_000, seed=11)):
        clock.now_s = 0.0
        deadline_s = i % 3 + 0.5
        try:
            decode_reply(frame, Kept, deadline_s=deadline_s)
        except DecodingTimedOut:
            assert clock.now_s == deadline_s + 0.5  # it has not looked again
            continue
        except ProtocolError:
            pass
        assert clock.now_s < deadline_s


def test_decoding_imports_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []

    def note_import(name: str, *_: object) -> types.ModuleType:
        imported.append(name)
        raise ImportError(name)

    before = set(sys.modules)
    made = list(frames(5_000, seed=12))
    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", note_import)
        for frame in made:
            with contextlib.suppress(ProtocolError):
                decode_reply(frame, Kept)
    assert imported == []
    assert set(sys.modules) - before == set()


AUDITED = """
import json, sys
from grader.wire import ProtocolError, decode_reply
from tests.support.fuzz_frames import frames, valid_payloads

made = [*valid_payloads(), *frames(5_000, seed=13)]
events, armed = set(), False
sys.addaudithook(lambda event, args: events.add(event) if armed else None)
armed = True
for frame in made:
    try:
        decode_reply(frame, lambda number, kind, is_callable: None)
    except ProtocolError:
        pass
armed = False
print(json.dumps(sorted(events)))
"""


@pytest.mark.slow
def test_decoding_opens_compiles_executes_and_looks_up_nothing() -> None:
    """Python tells an audit hook of every import, file, process, socket, unpickled name, compiled and run code."""
    done = subprocess.run(
        [sys.executable, "-c", AUDITED],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert json.loads(done.stdout) == []


def test_the_frames_are_the_same_on_every_run() -> None:
    assert list(frames(200, seed=1)) == list(frames(200, seed=1))
    assert list(frames(200, seed=1)) != list(frames(200, seed=2))


def test_the_undamaged_replies_are_all_read_and_hold_every_type() -> None:
    payloads = valid_payloads()
    assert [decode_safely(payload) for payload in payloads] == [True] * len(payloads)
    assert {payload[0] for payload in payloads} | {b[0] for b in (b"S", b"Z", b"h")} == set(TAGS)


def test_the_frames_reach_every_refusal_of_the_decoder() -> None:
    """Those that take a large frame, a deadline or no handles have tests by name."""
    source = Path(decode.__file__).read_text(encoding="utf-8")
    written = set(re.findall(r'ProtocolError\("([^"]+)"\)', source))
    elsewhere = {"the reply has too many items", "keys that were made to collide", "a handle where none can be"}
    seen = set()
    for frame in frames(FRAMES_PER_SEED, seed=0):
        try:
            decode_reply(frame, Kept)
        except ProtocolError as error:
            seen.add(str(error))
    assert written - elsewhere - seen == {"the reply is nested too deeply"}


# --- structured, by hypothesis ------------------------------------------------------------------------

u32s = st.one_of(st.integers(0, 5), st.integers(0, 2**32 - 1)).map(lambda n: struct.pack("<I", n))
u64s = st.sampled_from(EDGES_U64).map(lambda n: struct.pack("<Q", n))


def _with_right_count(tag: bytes, items: list[bytes], per_item: int = 1) -> bytes:
    return tag + struct.pack("<I", len(items) // per_item) + b"".join(items[: len(items) // per_item * per_item])


def _containers(inner: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    return st.one_of(
        st.builds(_with_right_count, st.sampled_from([b"l", b"t", b"S", b"Z"]), st.lists(inner, max_size=4)),
        st.builds(_with_right_count, st.just(b"d"), st.lists(inner, max_size=6), st.just(2)),
        st.tuples(st.sampled_from([b"l", b"t", b"S", b"Z", b"d"]), u32s, inner).map(b"".join),
    )


@st.composite
def raw_arrays(draw: st.DrawFn) -> bytes:
    """Draw an array whose shape, claimed size and bytes need not agree."""
    shape = draw(st.lists(st.one_of(st.integers(0, 3), st.sampled_from(EDGES_U64)), max_size=4))
    data = draw(st.binary(max_size=64))
    device = draw(st.sampled_from([b"", b"cpu", *NAMES]))
    claimed = draw(st.one_of(st.just(len(data)), st.sampled_from(EDGES_U64)))
    head = bytes([draw(st.integers(0, 15)), draw(st.integers(0, 255)), len(shape), len(device)])
    return (
        draw(st.sampled_from([b"x", b"n"]))
        + head
        + device
        + struct.pack(f"<{len(shape)}Q", *shape)
        + struct.pack("<Q", claimed)
        + data
    )


leaves = st.one_of(
    st.sampled_from([b"N", b"T", b"F"]),
    st.binary(min_size=8, max_size=8).map(lambda data: b"f" + data),
    st.binary(min_size=16, max_size=16).map(lambda data: b"c" + data),
    st.binary(max_size=12).map(lambda data: b"i" + struct.pack("<I", len(data)) + data),
    st.sampled_from(NAMES).map(lambda data: b"s" + struct.pack("<I", len(data)) + data),
    st.integers(0, 255).map(lambda code: b"y" + bytes([code])),
    raw_arrays(),
)
grammatical = st.recursive(leaves, _containers, max_leaves=12)


@pytest.mark.slow
@FUZZ
@given(grammatical)
def test_frames_of_the_grammar_are_refused_or_a_value(frame: bytes) -> None:
    decode_safely(frame)


@pytest.mark.slow
@FUZZ
@given(st.sampled_from(valid_payloads()), st.lists(st.tuples(st.integers(0, 500), st.binary(max_size=9)), max_size=4))
def test_replies_with_a_few_bytes_overwritten_are_refused_or_a_value(payload: bytes, damage: Any) -> None:
    data = bytearray(payload)
    for at, new in damage:
        at %= len(data) + 1
        data[at : at + len(new)] = new
    decode_safely(bytes(data))


@pytest.mark.slow
@FUZZ
@given(st.sampled_from(valid_payloads()), st.sampled_from(valid_payloads()), st.integers(0, 500), st.integers(0, 500))
def test_replies_spliced_into_one_another_are_refused_or_a_value(one: bytes, other: bytes, at: int, start: int) -> None:
    at %= len(one) + 1
    decode_safely(one[:at] + other[start % (len(other) + 1) :])
    decode_safely(one[:at] + other + one[at:])
