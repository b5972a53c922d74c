"""The expressions of declared checks: a small part of Python, as data.

Parsed when a course is loaded and again in the judge, walked by `evaluate`, never compiled; imports no torch.
"""

from grader.expressions.evaluation import evaluate
from grader.expressions.parsing import ParsedCall, ParsedStep, find_place, parse_call, parse_expression
from grader.expressions.vocabulary import CONSTANTS, DTYPES, FUNCTIONS, ExpressionError

__all__ = [
    "CONSTANTS",
    "DTYPES",
    "FUNCTIONS",
    "ExpressionError",
    "ParsedCall",
    "ParsedStep",
    "evaluate",
    "find_place",
    "parse_call",
    "parse_expression",
]
