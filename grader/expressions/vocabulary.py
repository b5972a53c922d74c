"""The words of the expression language: its functions, constants, and what may be asked of a tensor.

Parameters are written as in Python: a `*name` takes any number, and only those with a default can be given by name.
"""

import math
from collections.abc import Mapping

from msgspec import Struct


class ExpressionError(Exception):
    """Something is wrong with an expression; `line` and `column` count lines and characters of its text from 0."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class Function(Struct, frozen=True):
    """One function of the language: how it is called, and what it gives."""

    name: str
    parameters: tuple[str, ...]
    says: str

    @property
    def call(self) -> str:
        """The call with its parameters: `one_hot(indices, classes, dtype=float32)`."""
        return f"{self.name}({', '.join(self.parameters)})"

    @property
    def required(self) -> int:
        """How many arguments it takes at least."""
        return sum("=" not in p and not p.startswith("*") for p in self.parameters)

    @property
    def most(self) -> int | None:
        """How many arguments it takes at most without their names; None where any number will do."""
        return None if any(p.startswith("*") for p in self.parameters) else len(self.parameters)

    @property
    def optional(self) -> tuple[str, ...]:
        """The parameters that can be given by name."""
        return tuple(p.partition("=")[0] for p in self.parameters if "=" in p)


# One line each: name, parameters, what it gives.
_TABLE = """
randn       | *shape, dtype=float32                      | normal numbers
rand        | *shape, dtype=float32                      | uniform numbers in [0, 1)
randint     | low, high, *shape, dtype=int64             | uniform whole numbers, high excluded
randperm    | n                                          | the numbers 0 to n - 1 in random order
words       | n                                          | n words of the exercise's corpus, chosen at random
part        | name                                       | the words of one part of the corpus: 'train', 'dev' or 'test'
zeros       | *shape, dtype=float32                      | zeros
ones        | *shape, dtype=float32                      | ones
full        | value, *shape, dtype=float32               | one value everywhere
empty       | *shape, dtype=float32                      | a tensor without elements: one of the sizes is 0
eye         | n, dtype=float32                           | the identity matrix (n, n)
arange      | start, end=None, step=1, dtype=None        | evenly spaced numbers, the end excluded, as in torch
linspace    | start, end, n, dtype=float32               | n evenly spaced numbers, the end included
tensor      | values, dtype=None                         | a tensor of the numbers in a list
one_hot     | indices, classes, dtype=float32            | a row for each index with a single 1
transposed  | t                                          | the same values, with the strides of a transposed tensor
strided     | t                                          | the same values, as every second element of a larger tensor
expanded    | t, *shape                                  | t broadcast to a shape, with strides of 0
requires_grad | t                                        | t as a leaf that collects a gradient
huge        | t                                          | t scaled to about 1e30, or to the largest sizes its dtype can hold
tiny        | t                                          | t scaled to about 1e-30, or to the smallest sizes its dtype can hold
negative    | t                                          | -abs(t)
allclose    | a, b, rtol=None, atol=None                 | whether all values agree, by default as closely as their dtype allows
cross_entropy | logits, targets                          | mean negative log-likelihood in nats; logits (B, C), targets (B,)
softmax     | t, dim=-1                                  | probabilities along a dimension
log_softmax | t, dim=-1                                  | their logarithms
log         | x                                          | natural logarithm of a tensor or number
exp         | x                                          | exponential of a tensor or number
sqrt        | x                                          | square root of a tensor or number
sin         | x                                          | sine of a tensor or number
cos         | x                                          | cosine of a tensor or number
tanh        | x                                          | hyperbolic tangent of a tensor or number
sigmoid     | x                                          | 1 / (1 + exp(-x)) of a tensor or number
relu        | x                                          | max(x, 0) of a tensor or number
abs         | x                                          | absolute value of a tensor or number
sum         | values                                     | sum of a tensor's or list's values
mean        | values                                     | mean of a tensor's or list's values
min         | *values                                    | smallest value of a tensor or list, or of the arguments
max         | *values                                    | largest value of a tensor or list, or of the arguments
all         | values                                     | whether all values of a tensor or list are true
any         | values                                     | whether any value of a tensor or list is true
where       | condition, a, b                            | elements of a where the condition holds, else of b
stack       | tensors, dim=0                             | tensors of one shape, along a new dimension
cat         | tensors, dim=0                             | tensors joined along a dimension
isfinite    | x                                          | which values of a tensor or number are neither inf nor nan
isnan       | x                                          | which values of a tensor or number are nan
len         | values                                     | number of items, or the first size of a tensor
range       | start, end=None, step=1                    | whole numbers, the end excluded
zip         | *lists                                     | tuples of the items at the same places
sorted      | values, reverse=False                      | the items in order
list        | values                                     | the items as a list
tuple       | values                                     | the items as a tuple
int         | x                                          | a number, or a tensor with one element, as a whole number
float       | x                                          | a number, or a tensor with one element, as a float
bool        | x                                          | a value, or a tensor with one element, as True or False
round       | x, digits=None                             | a rounded number
"""


def _read_table() -> Mapping[str, Function]:
    found = {}
    for line in _TABLE.strip().splitlines():
        name, parameters, says = (part.strip() for part in line.split("|"))
        found[name] = Function(name, tuple(parameters.split(", ")), says)
    return found


#: Every function with its parameters.
VOCABULARY = _read_table()
#: Name -> the call with its parameters, and what it gives.
FUNCTIONS: Mapping[str, str] = {name: f"{function.call}: {function.says}" for name, function in VOCABULARY.items()}
#: The functions that need a corpus.
OF_CORPUS = ("words", "part")
#: Names of dtypes; where no call follows it, `bool` is one too.
DTYPES = ("float16", "bfloat16", "float32", "float64", "int8", "int32", "int64", "bool")
NUMBERS: Mapping[str, float] = {"inf": math.inf, "nan": math.nan, "pi": math.pi}

#: Names that stand for a value in every expression.
CONSTANTS = frozenset((*DTYPES, *NUMBERS))

#: What can be asked of a tensor without a call; `values` and `indices` of what sort, min and max give.
ATTRIBUTES = ("shape", "dtype", "device", "ndim", "T", "mT", "requires_grad", "values", "indices")
#: What can be called on a tensor. Nothing here changes it, and nothing makes it larger.
_TENSOR_METHODS = (
    "abs all allclose amax amin any argmax argmin argsort bfloat16 bool clamp clone contiguous count_nonzero cos cumprod "
    "cumsum detach diagonal diff dim double equal exp flatten flip float floor gather half int is_contiguous "
    "is_floating_point isfinite isinf isnan item log log_softmax logsumexp long max mean median min narrow norm numel "
    "permute pow prod relu reshape roll round select sigmoid sign sin size softmax sort sqrt square squeeze std stride "
    "sum t tanh to tolist topk trace transpose tril triu unflatten unique unsqueeze var view"
)
TENSOR_METHODS = tuple(_TENSOR_METHODS.split())
TEXT_METHODS = ("count", "endswith", "lower", "split", "startswith", "strip", "upper")
METHODS = frozenset((*TENSOR_METHODS, *TEXT_METHODS))
