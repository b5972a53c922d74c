"""How close is close enough, by dtype: the one table."""

from collections.abc import Mapping
from typing import NamedTuple

import torch


class Tolerance(NamedTuple):
    """The tolerances of one dtype."""

    #: Relative and absolute, for two results of the same dtype that differ in the order of operations.
    rtol: float
    atol: float
    #: Relative and absolute in one, for a declared check: against a reference computed in float64 from the same inputs,
    #: to which the rounding of every step of the learner's own dtype is added. 0 where no declared check compares it.
    declared: float = 0.0


#: float64 leaves room for a different but correct order of operations; the relative and absolute values of float32 and
#: the half types are those of torch.testing.assert_close.
TOLERANCES: Mapping[torch.dtype, Tolerance] = {
    torch.float64: Tolerance(1e-9, 1e-12, declared=1e-10),
    torch.complex128: Tolerance(1e-9, 1e-12),
    torch.float32: Tolerance(1.3e-6, 1e-5, declared=1e-5),
    torch.complex64: Tolerance(1.3e-6, 1e-5),
    torch.bfloat16: Tolerance(1.6e-2, 1e-5, declared=2e-2),
    torch.float16: Tolerance(1e-3, 1e-5, declared=1e-2),
}
EXACT = Tolerance(0.0, 0.0)
