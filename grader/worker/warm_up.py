"""Do what every check does once, before a grade waits for it.

The first time of each thing costs: an import, a table that torch fills, and after a fork each page that is written
to. A forked process therefore rehearses while it has nothing to do, and so does what it is forked from.
"""

import torch

from grader import wire
from grader.worker.importing import seed_everything
from grader.worker.observe import Observer
from grader.worker.serve import no_references


def warm_up_reply() -> None:
    """Do the worker's part of a call: seed, read a request, do it, write the reply."""
    seed_everything(0)
    x = torch.ones(2, 3)
    request = wire.decode_request(_sent({"args": (x, x), "kwargs": {}}), no_references)
    with Observer(()) as seen:
        value = request["args"][0] @ request["args"][1].T
    b"".join(wire.encode_reply(("value", value, seen.report())))


def warm_up_call() -> None:
    """Do the judge's part of a call: make inputs, write a request, read the reply, compare."""
    from grader.testing import assert_close, assert_equal

    for dtype in (torch.float32, torch.float64, torch.int64, torch.bool):
        x = torch.randn(2, 3, generator=torch.Generator().manual_seed(1)).to(dtype)
        _sent({"args": (x, x.T)})
        reply = wire.decode_reply(b"".join(wire.encode_reply(("value", (x, x), {"args": [x, 1.0, 2, "a"]}))))
        assert_equal(reply[1][0], x, what="x")
        assert_close(2 * x.double(), x.double() + x.double(), rtol=1e-6, atol=1e-6, what="x")


def _sent(request: object) -> bytearray:
    return bytearray().join(wire.encode_request(request, lambda value: None))
