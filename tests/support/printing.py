"""Which characters must not reach a terminal."""

import re

#: Control characters other than the line feed, line separators that are not it, marks that turn the direction of
#: writing, and halves of characters, which cannot be encoded.
UNFIT_TO_PRINT = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
