"""What may be expected of a declared call: one key a kind. How a kind is judged is its row in `grader.judge.expectations`."""

from typing import Annotated

from msgspec import Meta, Struct

from grader.core.keys import ExceptionName, Expression, Factor, Input, Pattern, Text, ThresholdName


class Budget(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a call may cost, as multiples of what the reference costs on the same inputs."""

    operations: Annotated[
        Factor | None, Meta(description="At most so many times the tensor operations of the reference.")
    ] = None
    bytes: Annotated[Factor | None, Meta(description="At most so many times the memory of the reference.")] = None
    seconds: Annotated[Factor | None, Meta(description="At most so many times the time of the reference.")] = None


class LossUnder(Struct, frozen=True, forbid_unknown_fields=True):
    """A loss that the judge computes: `of` is an expression over `result` and the inputs, in nats."""

    of: Annotated[Expression, Meta(description="The loss in nats: an expression over `result` and the inputs.")]
    threshold: Annotated[ThresholdName, Meta(description="The name of the bound, one of `thresholds`.")]


class Expectation(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What must hold of one call: exactly one kind, with `tolerance` and `because` beside those that compare."""

    # Each key is one kind, unless `beside` says that it goes with others; `compares` says that it takes a tolerance.
    # How a kind is judged is its row in `grader.judge.expectations`.

    equals: Annotated[
        Expression | None,
        Meta(
            description="The result is close to this expression, usually `reference`: what the solution returns in float64.",
            extra={"compares": True},
        ),
    ] = None
    shape: Annotated[Expression | None, Meta(description="The result's shape is this tuple.")] = None
    dtype: Annotated[Expression | None, Meta(description="The result's dtype is this one.")] = None
    holds: Annotated[
        Expression | None,
        Meta(
            description="This expression over `result`, `reference` and the inputs is true, everywhere if it is a tensor."
        ),
    ] = None
    raises: Annotated[ExceptionName | None, Meta(description="The call raises an exception of this class.")] = None
    gradient: Annotated[
        tuple[Input, ...],
        Meta(
            description="The gradients with respect to these inputs agree with those of the reference and with finite differences.",
            extra={"compares": True},
        ),
    ] = ()
    unchanged: Annotated[
        tuple[Input, ...], Meta(description="These inputs are after the call what they were before it.")
    ] = ()
    deterministic: Annotated[bool, Meta(description="Two equal calls give the same result, bit by bit.")] = False
    simulated_cuda: Annotated[
        bool,
        Meta(
            description="The call also works with its inputs on a simulated CUDA device, so it makes no tensor on the CPU."
        ),
    ] = False
    operators_forbidden: Annotated[
        tuple[Text, ...], Meta(description="No torch operator runs whose name contains one of these parts.")
    ] = ()
    operators_required: Annotated[
        tuple[Text, ...], Meta(description="For each of these parts a torch operator runs whose name contains it.")
    ] = ()
    at_most: Annotated[Budget | None, Meta(description="What the call may cost, relative to the reference.")] = None
    loss_under: Annotated[
        LossUnder | None, Meta(description="A loss made from the result is below a threshold of the corpus in use.")
    ] = None
    message: Annotated[
        Pattern | None,
        Meta(
            description="Of `raises`: what its message must match, as a regular expression.",
            extra={"beside": True},
        ),
    ] = None
    tolerance: Annotated[
        dict[Text, Annotated[float, Meta(ge=0, le=10)]],
        Meta(
            description="Absolute and relative, by dtype; what is left out is the default of its dtype.",
            extra={"beside": True},
        ),
    ] = {}
    because: Annotated[
        Text | None,
        Meta(
            description="Why the tolerance is what it is; or, with `holds`, what to tell a learner for whom it does not hold.",
            extra={"beside": True},
        ),
    ] = None


def _facts_of(key: str) -> dict[str, object]:
    """Return what `extra` says of a key of an expectation."""
    (meta,) = Expectation.__annotations__[key].__metadata__
    return meta.extra or {}


#: What an expectation may be of; each item of `expect` is one of them.
KINDS = tuple(key for key in Expectation.__struct_fields__ if "beside" not in _facts_of(key))
#: Those that compare numbers, and so take a tolerance.
COMPARING = tuple(key for key in KINDS if "compares" in _facts_of(key))
