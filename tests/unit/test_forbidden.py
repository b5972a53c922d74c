"""Forbidden names are found under every spelling that stands in the file, at its line and column."""

import ast
from textwrap import dedent

import pytest

from grader.worker.forbidden import find_forbidden

SOFTMAX = "torch.nn.functional.softmax"


def find(source: str, *forbid: str) -> list[tuple[str, int, int]]:
    return find_forbidden(ast.parse(dedent(source)), forbid)


SPELLINGS: dict[str, tuple[str, list[tuple[int, int]]]] = {
    # source, and (line, column) of each hit
    "attribute chain": ("import torch\ny = torch.nn.functional.softmax(x)", [(2, 5)]),
    "import of the whole path": ("import torch.nn.functional\ny = torch.nn.functional.softmax(x)", [(2, 5)]),
    "import as": ("import torch.nn.functional as F\ny = F.softmax(x)", [(2, 5)]),
    "import of the root as": ("import torch as t\ny = t.nn.functional.softmax(x)", [(2, 5)]),
    "from-import of the module": ("from torch.nn import functional\ny = functional.softmax(x)", [(2, 5)]),
    "from-import of the module as": ("from torch.nn import functional as F\ny = F.softmax(x)", [(2, 5)]),
    "from-import of a parent": ("from torch import nn\ny = nn.functional.softmax(x)", [(2, 5)]),
    "from-import": ("from torch.nn.functional import softmax\ny = softmax(x)", [(1, 1), (2, 5)]),
    "from-import as": ("from torch.nn.functional import softmax as s\ny = s(x)", [(1, 1), (2, 5)]),
    "from-import among others": ("from torch.nn.functional import (\n    relu,\n    softmax,\n)", [(1, 1)]),
    "starred import": ("from torch.nn.functional import *\ny = softmax(x)", [(2, 5)]),
    "another name for the module": ("import torch\nF = torch.nn.functional\ny = F.softmax(x)", [(3, 5)]),
    "another name for another name": (
        "import torch\nnn = torch.nn\nF = G = nn.functional\ny = G.softmax(x)",
        [(4, 5)],
    ),
    "another name for the function": ("import torch\ns = torch.nn.functional.softmax\ny = s(x)", [(2, 5), (3, 5)]),
    "a name that is something else elsewhere": (
        "import torch.nn.functional as F\ndef g(x):\n    F = x\ndef f(x):\n    return F.softmax(x)",
        [(5, 12)],
    ),
    "a name of several modules": (
        "import torch\nimport torch.nn.functional as F\ndef g():\n    import math as F\ndef h():\n    F = torch.relu\n"
        "def f(x):\n    return F.softmax(x)",
        [(8, 12)],
    ),
    "given on": ("import torch\ny = map(torch.nn.functional.softmax, xs)", [(2, 9)]),
    "in a function that imports it": (
        "def f(x):\n    import torch.nn.functional as F\n    return F.softmax(x)",
        [(3, 12)],
    ),
    "in a method, a lambda and a decorator": (
        "import torch\nF = torch.nn.functional\n@F.softmax\nclass A:\n    f = lambda self, x: F.softmax(x)",
        [(3, 2), (5, 25)],
    ),
    "over two lines": ("import torch\ny = (torch.nn\n     .functional\n     .softmax(x))", [(2, 6)]),
    "twice on a line": ("import torch.nn.functional as F\ny = F.softmax(F.softmax(x))", [(2, 5), (2, 15)]),
    "an attribute of it": ("import torch.nn.functional as F\ny = F.softmax.__wrapped__(x)", [(2, 5)]),
}


@pytest.mark.parametrize("case", SPELLINGS)
def test_a_forbidden_function_is_found_however_it_is_spelled(case: str) -> None:
    source, places = SPELLINGS[case]
    assert find(source, SOFTMAX) == [(SOFTMAX, line, column) for line, column in places]


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ny = torch.nn.functional.log_softmax(x)",
        "import torch\ny = torch.nn.functional.softmax_backward(x)",
        "import torch\ny = torch.softmax(x)",
        "import torch.nn.functional as F\ny = F.relu(x)",
        "from torch.nn.functional import relu as softmax\ny = softmax(x)",
        "from torch.nn.functional import *\ny = relu(x)",
        "from torch.nn.functional import *\ndef softmax(x): ...\ny = softmax(x)",
        "from torch.nn.functional import *\nsoftmax = 3\nprint(softmax)",
        "from torch.nn.functional import *\ndef f(softmax): return softmax",
        "from .functional import softmax\ny = softmax(x)",
        "from . import softmax\ny = softmax(x)",
        "from .torch.nn.functional import softmax\ny = softmax(x)",
        "from .torch.nn.functional import *\ny = softmax(x)",
        "def softmax(x): ...\ny = softmax(x)",
        "y = x.softmax(1)",
        "y = 'torch.nn.functional.softmax'  # torch.nn.functional.softmax",
        "F = model.functional\ny = F.softmax(x)",
        "",
    ],
)
def test_another_name_is_not_found(source: str) -> None:
    assert find(source, SOFTMAX) == []


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ny = getattr(torch.nn.functional, 'softmax')(x)",
        "import importlib\ny = importlib.import_module('torch.nn.functional').softmax(x)",
        "y = __import__('torch').nn.functional.softmax(x)",
        "import torch\n[F] = [torch.nn.functional]\ny = F.softmax(x)",
        "import torch\nexec('y = torch.nn.functional.softmax(x)')",
        "import torch\ny = vars(torch.nn.functional)['softmax'](x)",
    ],
)
def test_a_name_made_at_run_time_is_out_of_reach(source: str) -> None:
    assert find(source, SOFTMAX) == []


MODULE_RULE: dict[str, tuple[str, list[tuple[int, int]]]] = {
    "import": ("import scipy", [(1, 1)]),
    "import of a submodule": ("import os, scipy.special", [(1, 1)]),
    "import as": ("import scipy.special as s\ny = s.softmax(x)", [(1, 1), (2, 5)]),
    "from-import": ("from scipy.special import softmax\ny = softmax(x)", [(1, 1), (2, 5)]),
    "from-import of a submodule": ("from scipy import special", [(1, 1)]),
    "starred import": ("from scipy.special import *", [(1, 1)]),
    "use": ("import scipy\ny = scipy.special.softmax(x)", [(1, 1), (2, 5)]),
    "a module whose name begins alike": ("import scipy_more\ny = scipy_more.special(x)", []),
    "an attribute of that name": ("import other\ny = other.scipy(x)", []),
}


@pytest.mark.parametrize("case", MODULE_RULE)
def test_a_module_forbids_all_that_is_in_it(case: str) -> None:
    source, places = MODULE_RULE[case]
    assert find(source, "scipy") == [("scipy", line, column) for line, column in places]


METHOD_RULE: dict[str, tuple[str, list[tuple[int, int]]]] = {
    "method": ("y = x.softmax(1)", [(1, 5)]),
    "method of a result": ("y = (x @ w).softmax(1)", [(1, 5)]),
    "method at the end of a chain": ("y = x.exp().T.softmax(1).sum()", [(1, 5)]),
    "function of a module": ("import torch\ny = torch.softmax(x)", [(2, 5)]),
    "method that is not called": ("f = x.softmax", [(1, 5)]),
    "method in a nested expression": ("y = [f(v.softmax(1)) for v in x]", [(1, 8)]),
    "function of one's own": ("def softmax(x): ...\ny = softmax(x)", []),
    "another method": ("y = x.log_softmax(1)", []),
    "from-import": ("from torch import softmax", []),
}


@pytest.mark.parametrize("case", METHOD_RULE)
def test_a_rule_with_a_dot_in_front_forbids_the_attribute_of_anything(case: str) -> None:
    source, places = METHOD_RULE[case]
    assert find(source, ".softmax") == [(".softmax", line, column) for line, column in places]


def test_a_builtin_can_be_forbidden() -> None:
    assert find("sum = y = sum(x)\nz = x.sum()", "sum") == [("sum", 1, 11)]


def test_a_builtin_is_found_although_its_name_is_another_elsewhere() -> None:
    source = "import torch\ndef g():\n    sum = torch.nn\ny = sum(x)"
    assert find(source, "sum", SOFTMAX) == [("sum", 4, 5)]


def test_names_assigned_over_and_over_do_not_multiply() -> None:
    source = "import torch\nF = torch.nn.functional\n" + "F = F.T\nF = F.softmax\n" * 60
    assert find(source, SOFTMAX) == [(SOFTMAX, line, 5) for line in range(3, 123)]


def test_hits_of_several_rules_come_in_the_order_of_the_file() -> None:
    source = """
        import torch
        def f(x):
            y = x.softmax(1); z = torch.softmax(x, 1)
            return torch.exp(x)
    """
    assert find(source, ".softmax", "torch.exp", "torch.softmax") == [
        (".softmax", 4, 9),
        (".softmax", 4, 27),
        ("torch.softmax", 4, 27),
        ("torch.exp", 5, 12),
    ]


def test_columns_count_bytes() -> None:
    assert find("import torch\né = torch.softmax(x)", "torch.softmax") == [("torch.softmax", 2, 6)]


def test_without_rules_nothing_is_found() -> None:
    assert find("import torch\ny = torch.softmax(x)") == []
