"""What an engine tells while it works: one event per line, each a JSON object with the key `event`."""

import msgspec
from msgspec import Struct

from grader.core.verdict import CheckResult, Verdict


class Layer(Struct, frozen=True):
    """One layer of the sandbox: whether it is on, and what it is for or why it is off."""

    on: bool
    why: str


class Probe(Struct, frozen=True):
    """What an engine found out about this machine: torch's devices, and which layers isolate a worker."""

    devices: tuple[str, ...]
    isolation: dict[str, Layer]
    elapsed_s: float


class _Event(Struct, frozen=True, tag_field="event", tag=str.lower):
    pass


class Waiting(_Event, frozen=True):
    """The grade is in line at the server, behind others."""


class Forked(_Event, frozen=True):
    """The server has forked an engine for this grade."""


class Ready(_Event, frozen=True):
    """The engine has loaded torch, and takes the job."""


class Plan(_Event, frozen=True):
    """The checks that will run, by id, in their order."""

    checks: tuple[str, ...]


class Started(_Event, frozen=True):
    """A check begins."""

    check: str
    title: str
    timeout_s: float


class Printed(_Event, frozen=True):
    """The learner's code printed a line; not every one is told."""

    line: str


class Finished(_Event, frozen=True):
    """A check has its result."""

    result: CheckResult


class Done(_Event, frozen=True):
    """The last event of a grade: its verdict."""

    verdict: Verdict


class Surveyed(_Event, frozen=True):
    """The last event of a job with variants: the verdict of each, in their order."""

    verdicts: tuple[Verdict, ...]


class Probed(_Event, frozen=True):
    """The last event of a probe."""

    probe: Probe


class Refused(_Event, frozen=True):
    """The last event of a job that cannot be done; `exit_code` says whose fault that is."""

    message: str
    hint: str | None = None
    exit_code: int = 4


Event = Waiting | Forked | Ready | Plan | Started | Printed | Finished | Done | Surveyed | Probed | Refused

_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_encoder = msgspec.json.Encoder()


def encode_event(event: Event) -> bytes:
    """Write an event as one line."""
    return _encoder.encode(event) + b"\n"


def decode_event(line: bytes) -> Event:
    """Read one line.

    Raises:
        msgspec.DecodeError: If it is no event.
    """
    return _decoder.decode(line)
