"""What `study new` and a new course start from: small, complete, and meant to be changed line by line.

Words such as @TITLE@ are filled in by grader.course.template.
"""

#: The head of both forms.
HEAD = """\
id: @ID@  # the name of this folder, and of the learner's file
title: @TITLE@  # one line that says what is to be done
readings:  # where it belongs: ids of reading_list.yaml
- {id: @READING@}  # for one part of a lecture also `chapter: 90`, that chapter's start in seconds
difficulty: 1  # from 1 (easy) to 5 (hard)
minutes: 15  # how long it takes a learner who knows the readings
# prerequisites: [other_exercise]  # exercises to be solved first
# forbid: [torch.var, .sub_]  # names that may not be written; `.name` for a method
# forbid_operators: [var_mean]  # parts of the names of torch operators that may not run
# corpus: true  # the checks use the names corpus
# thresholds:  # named bounds, one number for every corpus
#   dev_loss: {names: 2.2, embedded: 2.5}
# import_timeout_s: 20  # how many seconds importing the learner's file may take
# memory_mib: 2048  # how much memory the learner's code may use, in MiB
statement: |  # the task: what to write, what counts, and its source
  Write `center_rows`: take from every row of a matrix the mean of that row.

  What counts: matrices of any size, in the dtype they come in, and the matrix you were given stays as it is.

  Source: @SOURCE@.
# formulas:  # the statement's formulas in LaTeX without dollar signs, shown below it in notebooks
# - '\\hat{x}_{ij} = x_{ij} - \\frac{1}{C} \\sum_k x_{ik}'
hints:  # from vague to plain, shown one at a time
- "There is one mean for every row. Which dim has to go, so that one number per row is left?"
- "Keep the dim you average over (keepdim=True): a shape of (B, 1) is spread over the columns when it is subtracted."
"""

SOLUTION = '''\
"""@TITLE@.

Source: @SOURCE@.
"""

from torch import Tensor


def center_rows(x: Tensor) -> Tensor:
    """Take from every row the mean of that row.

    Args:
        x: Matrix (B, C), floating point.

    Returns:
        (B, C) in the dtype of x; every row has mean 0. x stays unchanged.
    """
    # solution: begin
    return x - x.mean(dim=1, keepdim=True)  # (B, C) - (B, 1)
    # solution: end
'''

#: Mutants: they redefine, on top of the solution, what they get wrong.
COLUMNS = """\
def center_rows(x):
    return x - x.mean(dim=0, keepdim=True)
"""
IN_PLACE = """\
def center_rows(x):
    return x.sub_(x.mean(dim=1, keepdim=True))
"""

#: The end of exercise.yaml where the code is in files beside it.
IN_FILES = """\
checks:  # from easy to hard; all must pass; each is the function `test_<id>` of checks.py
- id: rows
  title: "Every row has mean 0 afterwards"  # what the learner reads beside ✓ or ✗
  points: 2  # its weight in the score (1)
  # timeout_s: 10  # how many seconds the learner's code may take in this check
- id: argument
  title: "The matrix that came in is left alone, and gradients reach it"
  needs: [rows]  # checks that must pass first; else this one is not run
  # continues: rows  # goes on in the process of that check, with everything trained there
  # hidden: true  # keeps the title from the learner until the check has run
mutants:  # typical mistakes; they prove the checks, and tell a learner what went wrong
- id: columns  # the name of mutants/columns.py
  says: "The mean is taken over each column; average over dim 1, which leaves one number per row."  # what to tell a learner who made it
  caught_by: rows  # the check that must fail for it
- id: in_place
  says: "The matrix that came in is overwritten; subtract into a new tensor."
  caught_by: argument
# accept:  # other right answers, that have to pass: accept/<id>.py
# - id: with_einsum  # the name of accept/with_einsum.py
# equivalent:  # automatic changes of the solution that are right too, in the words of `study verify`
# - {change: "...", why: "..."}  # with the reason
taught: >-  # shown after a pass, in three sentences at most: the idea, a figure that proves it, where it comes back
  A mean that keeps its dim as size 1 is spread back over what it was taken from. Rows of six numbers come out with a
  mean of 0 to rounding, columns do not. LayerNorm begins with exactly this step.
# questions:  # what is asked once the exercise is solved
# - id: why  # a name
#   asks: "..."  # the question
#   points: ["..."]  # what a good answer says, shown afterwards
#   number: 2.0  # if the answer holds a number, which is compared
#   within: 0.1  # how far from it the learner's may be
"""

CHECKS = '''\
"""Hidden checks of @ID@: expected values in float64, computed before the call from what is given."""

from typing import Any

import torch
from torch import Generator

from grader.testing import assert_close

#: Not square, one row, one column: no dim can stand in for another.
SHAPES = ((4, 6), (1, 3), (5, 1))


def test_rows(submission: Any, reference: Any, rng: Generator) -> None:
    for dtype in (torch.float64, torch.float32):
        for shape in SHAPES:
            x = torch.randn(*shape, generator=rng, dtype=torch.float64).to(dtype)
            expected = reference.center_rows(x.double())
            assert_close(submission.center_rows(x), expected, dtype=dtype, rtol=1e-5, atol=1e-6)


def test_argument(submission: Any, reference: Any, rng: Generator) -> None:
    x, weights = (torch.randn(4, 6, generator=rng, dtype=torch.float64) for _ in range(2))
    after = submission.call("center_rows", x).args[0]
    assert_close(after, x, rtol=0.0, atol=0.0, what="`x` after the call")
    x.requires_grad_()
    (expected,) = torch.autograd.grad(reference.center_rows(x), x, weights)
    grads = submission.call("center_rows", x, want=("grads",), cotangent=weights).grads
    assert_close(grads[0], expected, what="the gradient with respect to x")
'''

#: The end of exercise.yaml where everything is in it; the code is put in by `indent`.
INLINE = """\
solution: |  # the reference; the learner gets it too, with `raise NotImplementedError` between the markers
@SOLUTION@
# stub: |  # what the learner gets instead, where the solution has no markers
checks:  # from easy to hard; all must pass
- id: rows
  title: "Every row has mean 0 afterwards"  # what the learner reads beside ✓ or ✗
  points: 2  # its weight in the score (1)
  # timeout_s: 10  # how many seconds the learner's code may take in this check
  seeds: 3  # all of it is done for so many seeds (1)
  # devices: [cpu, cuda]  # and on each of these, where the grade has them
  given:  # the inputs by name, drawn in this order
    x: "randn(4, 6)"
  cases:  # further sets of inputs, each on top of `given`
  - {x: "randn(1, 3)"}
  - {x: "randn(5, 1)"}
  - {x: "transposed(randn(4, 6))"}  # the same values, not contiguous
  - {x: "randn(4, 6, dtype=float64)"}
  call: "center_rows(x)"  # a name of the stub, with its arguments
  expect:  # what must hold of every call; one kind an item
  - equals: reference  # what the solution returns for the same inputs in float64; or any expression
    # tolerance: {float32: 1e-5}  # absolute and relative, by dtype; with
    # because: "..."  # the reason for it
  - shape: x.shape  # an expression
  - dtype: x.dtype  # an expression
  # - holds: "allclose(result.sum(dim=1), 0)"  # must be true; `because` says what is wrong if not
  # - raises: ValueError  # and, beside it, `message: "a regular expression"`
  # - deterministic: true  # two equal calls give the same bits
  # - simulated_cuda: true  # works on a simulated CUDA device
  # - operators_forbidden: [var_mean]  # parts of names of torch operators that may not run
  # - operators_required: [mean]  # or that must
  # - at_most: {operations: 3, bytes: 4, seconds: 20}  # times what the reference takes
  # - loss_under: {of: "cross_entropy(result, targets)", threshold: dev_loss}  # in nats; one of `thresholds`
  # picture:  # lines drawn of the first result, for the learner to see afterwards
  #   title: "The first row, before and after"
  #   lines: {before: "x[0]", after: "result[0]"}  # and x, x_label, y_label, log_x, log_y
- id: argument
  title: "The matrix that came in is left alone, and gradients reach it"
  needs: [rows]  # checks that must pass first; else this one is not run
  # continues: rows  # goes on in the process of that check, with everything trained there
  # hidden: true  # keeps the title from the learner until the check has run
  given: {x: "randn(4, 6)"}
  call: "center_rows(x)"
  expect:
  - unchanged: [x]  # inputs that are after the call what they were before it
  - gradient: [x]  # inputs whose gradients agree with those of the reference, and with finite differences
mutants:  # typical mistakes; they prove the checks, and tell a learner what went wrong
- id: columns
  says: "The mean is taken over each column; average over dim 1, which leaves one number per row."  # what to tell a learner who made it
  caught_by: rows  # the check that must fail for it
  code: |  # redefines, on top of the solution, what it gets wrong
@COLUMNS@
- id: in_place
  says: "The matrix that came in is overwritten; subtract into a new tensor."
  caught_by: argument
  code: |
@IN_PLACE@
# accept:  # other right answers, that have to pass: each a whole file
# - {id: with_einsum, code: "..."}
# equivalent:  # automatic changes of the solution that are right too, in the words of `study verify`
# - {change: "...", why: "..."}  # with the reason
taught: >-  # shown after a pass, in three sentences at most: the idea, a figure that proves it, where it comes back
  A mean that keeps its dim as size 1 is spread back over what it was taken from. Rows of six numbers come out with a
  mean of 0 to rounding, columns do not. LayerNorm begins with exactly this step.
# questions:  # what is asked once the exercise is solved
# - id: why  # a name
#   asks: "..."  # the question
#   points: ["..."]  # what a good answer says, shown afterwards
#   number: 2.0  # if the answer holds a number, which is compared
#   within: 0.1  # how far from it the learner's may be
"""

READING_LIST = """\
# All there is to read and watch; every entry is in exactly one unit of curriculum/.
readings:
- id: first-reading
  kind: post  # or lecture, paper, topic, repo, notebook, book, course, video
  title: "The first reading"
  track: basics
  minutes: 20
  # authors: ["..."], year: 2024, url: "https://...", note: "...": see docs/schema/reading_list.schema.json
"""

COURSE = """\
# One course; the files of curriculum/ are taken in the order of their names.
id: @NAME@
title: @TITLE@
summary: "What a learner can do after it."
units:
- id: one
  title: "The first unit"
  summary: "What a learner can do after it."
  readings: [first-reading]
  exercises: []
"""
