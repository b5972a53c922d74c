"""How long a learner worked between two moments of the log: the one rule for it."""

#: Writing one function takes longer than a coffee; half an hour without a grade or a hint is a pause.
MAX_GAP_MIN = 30.0
#: Days are counted in pieces of this length: every zone's day begins at one of them.
SLOT_US = 15 * 60 * 1_000_000
_US_PER_MIN = 60_000_000


def measure_span(before_us: int | None, at_us: int, own_min: float) -> float:
    """Return the minutes of work that end at a moment: the gap before it, or after a pause only its own grade's."""
    gap_min = MAX_GAP_MIN + 1 if before_us is None else (at_us - before_us) / _US_PER_MIN
    return gap_min if gap_min <= MAX_GAP_MIN else min(own_min, MAX_GAP_MIN)
