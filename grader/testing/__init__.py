"""What a check imports: assertions whose failures carry numbers, and the one way to measure a learner's model."""

from grader.text.wording import describe, type_name

from .assertions import (
    DEFAULT_TOLERANCES,
    CheckFailure,
    LearnerRaised,
    assert_close,
    assert_equal,
    require,
)
from .measuring import Losses, ask_contexts, ask_rows, ask_sequences, assert_above_floor, measure_losses, spell

__all__ = [
    "DEFAULT_TOLERANCES",
    "CheckFailure",
    "LearnerRaised",
    "Losses",
    "ask_contexts",
    "ask_rows",
    "ask_sequences",
    "assert_above_floor",
    "assert_close",
    "assert_equal",
    "describe",
    "measure_losses",
    "require",
    "spell",
    "type_name",
]
