"""How much one reply may hold, so that a hostile one costs neither memory nor time."""

MAX_FRAME_BYTES = 512 * 2**20
MAX_DEPTH = 64
#: Bounds the Python objects one reply can make: a few hundred MB at most, whatever they are.
MAX_NODES = 4_000_000
#: What an array, a dict or a set counts for beside its items: an empty one takes far more memory than a small int.
ARRAY_NODES = 20
TABLE_NODES = 4
#: NumPy's limit until 2.0, and no exercise comes near it.
MAX_DIMS = 32
#: Elements and strides of an empty tensor must fit an int64, too.
MAX_EXTENT_BYTES = 2**60
#: Honest keys share a hash twice or so (-1 and -2); keys made to collide would make a dict quadratic.
MAX_SAME_HASH = 32
MAX_INT_BYTES = 1024  # 2,466 digits: below the limit at which Python refuses to print an int
MAX_TEXT = 10_000  # exception texts and names are for people to read
