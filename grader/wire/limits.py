"""How much one reply may hold, so that a hostile one costs neither memory nor time."""

MAX_FRAME_BYTES = 512 * 2**20
#: What a reply may take, whatever was asked. The largest of a right answer in the course is a tenth of it.
ROOM_BYTES = 64 * 2**20
#: Besides, for each byte of the request: the arguments come back as they are after the call, a gradient of each may,
#: and what is made of them may be float64 where they were float32, or integers of eight bytes.
ROOM_PER_BYTE = 4
MAX_DEPTH = 64
#: Bounds the Python objects one reply can make: a few hundred MB at most, whatever they are. The largest honest
#: replies are a corpus of windows and targets as lists (228,146 of them with 3 of context: 1.1 million items).
MAX_NODES = 2_000_000
#: What an array, a dict or a set counts for beside its items: an empty one takes far more memory than a small int.
ARRAY_NODES = 20
TABLE_NODES = 4
#: A text counts for one more item per so many bytes: one wide character makes every other four bytes wide.
TEXT_BYTES_PER_NODE = 16
#: NumPy's limit until 2.0, and no exercise comes near it.
MAX_DIMS = 32
#: Elements and strides of an empty tensor must fit an int64, too.
MAX_EXTENT_BYTES = 2**60
#: Honest keys share a hash twice or so (-1 and -2); keys made to collide would make a dict quadratic.
MAX_SAME_HASH = 32
MAX_INT_BYTES = 1024  # 2,466 digits: below the limit at which Python refuses to print an int
MAX_TEXT = 10_000  # exception texts and names are for people to read

#: How often the decoder looks at the clock: after so many items (under 1 µs each), after so many keys (one can
#: take a millisecond where the slots of a table were filled on purpose), and after so many bytes of one text.
LOOK_EVERY_NODES = 1024
LOOK_EVERY_KEYS = 16
LOOK_EVERY_TEXT_BYTES = 2**16


def room_for_reply(request_bytes: int) -> int:
    """Return how many bytes a reply to a request of that size may take: comparing them costs the judge several times that."""
    return min(ROOM_BYTES + ROOM_PER_BYTE * request_bytes, MAX_FRAME_BYTES)
