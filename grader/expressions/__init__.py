"""The expressions of declared checks: a small part of Python, as data.

Parsed when a course is loaded and again in the judge, walked by `evaluate`, never compiled; imports no torch.
"""

from grader.expressions.evaluation import evaluate
from grader.expressions.parsing import Call, Step, find_place, parse_call, parse_expression
from grader.expressions.vocabulary import CONSTANTS, DTYPES, FUNCTIONS, ExpressionError

__all__ = [
    "CONSTANTS",
    "DTYPES",
    "FUNCTIONS",
    "Call",
    "ExpressionError",
    "Step",
    "evaluate",
    "find_place",
    "parse_call",
    "parse_expression",
]
