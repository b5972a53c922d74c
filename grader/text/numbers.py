"""Numbers as people write them in a sentence."""

import math
import re

#: A decimal number; a letter or digit right before it makes it part of a name, such as e22.
_NUMBER = re.compile(r"(?<![\w.])[-+\u2212]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?!\w)")


def find_numbers(text: str) -> list[float]:
    """Return the numbers written in a text, in their order; what is too large for a float is left out."""
    found = [float(match[0].replace("\u2212", "-")) for match in _NUMBER.finditer(text)]
    return [number for number in found if math.isfinite(number)]
