"""What crosses the boundary between judge and worker.

Judge -> worker: a pickle (trusted to untrusted), with handles and callbacks by number and tensors as bytes.
Worker -> judge: `encode_reply` / `decode_reply`, a closed set of types. Nothing in a reply is ever unpickled,
no name in it is ever looked up, every claimed size is checked against the bytes that are really there
before anything is allocated, and decoding gives up when the time of the call is over.
"""

from grader.wire.decode import decode_reply
from grader.wire.encode import encode_reply
from grader.wire.frame import frame_head, frame_size, split_head
from grader.wire.lending import LEND_BYTES, borrow, lend
from grader.wire.limits import MAX_FRAME_BYTES, MAX_TEXT, room_for_reply
from grader.wire.request import decode_request, encode_request, is_check_function, place_tensors_on
from grader.wire.types import DTYPES, DecodingTimedOut, ProtocolError, TooLarge, Unsendable

__all__ = [
    "DTYPES",
    "LEND_BYTES",
    "MAX_FRAME_BYTES",
    "MAX_TEXT",
    "DecodingTimedOut",
    "ProtocolError",
    "TooLarge",
    "Unsendable",
    "borrow",
    "decode_reply",
    "decode_request",
    "encode_reply",
    "encode_request",
    "frame_head",
    "frame_size",
    "is_check_function",
    "lend",
    "place_tensors_on",
    "room_for_reply",
    "split_head",
]
