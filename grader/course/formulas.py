r"""Which formulas a course may have: LaTeX that stays inside its math, also in a stranger's course.

A notebook shows a formula between $$ and $$, where MathJax can do more than mathematics: link (\href), make HTML
(\class, \style), load and define (\require, \def). What it can do grows from version to version, so what is allowed is
listed here, and all else is refused. It is what matplotlib's mathtext knows as well.
"""

import re

#: Commands that need something behind them: `\frac{a}{b}`.
TAKING = dict.fromkeys(("frac", "dfrac", "binom", "underset", "overset"), 2)
TAKING |= dict.fromkeys(("sqrt", "mathrm", "mathbf", "mathit", "mathcal", "mathbb", "operatorname"), 1)
TAKING |= dict.fromkeys(("overline", "hat", "widehat", "bar", "tilde", "vec", "dot", "ddot"), 1)
#: Commands that make brackets as high as what is between them.
PAIRED = ("left", "right")
_GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi"
)
_GREEK += " varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
_FUNCTIONS = "log ln exp sin cos tan sinh cosh tanh max min sup inf lim arg det dim Pr"
_SIGNS = "sum prod int partial nabla infty cdot times div pm mp leq geq neq approx equiv sim propto in notin subset"
_SIGNS += (
    " subseteq cup cap setminus forall exists wedge vee neg to rightarrow leftarrow mapsto Rightarrow ldots dots cdots"
)
_SIGNS += " ell odot oplus circ ast star top mid prime emptyset lfloor rfloor lceil rceil langle rangle quad qquad"
#: Commands that stand for themselves.
ALONE = frozenset(f"{_GREEK} {_FUNCTIONS} {_SIGNS}".split())
#: What may follow a backslash beside letters: spaces, and signs to be seen.
SPACES_AND_SIGNS = ",:;!{}|_"

_COMMANDS = ALONE | TAKING.keys() | {*PAIRED}
_PLAIN = re.compile(r"[A-Za-z0-9 +\-*/=,.;:!?()\[\]|'^_{}]")
_PART = re.compile(r"\\(?:[A-Za-z]+|.)|.|\\$", re.DOTALL)


def find_fault(formula: str) -> str | None:
    """Say why a formula is not to be shown as mathematics, as a clause; None if it may be."""
    if not formula.strip():
        return "it is empty"
    opened = 0
    for part in _PART.findall(formula):
        if not _is_allowed(part):
            return _say_refused(part)
        opened += (part == "{") - (part == "}")
        if opened < 0:
            return "a } closes nothing"
    return "a { is never closed" if opened else None


def _is_allowed(part: str) -> bool:
    if part.startswith("\\"):
        return part[1:] in _COMMANDS or (len(part) == 2 and part[1] in SPACES_AND_SIGNS)
    return _PLAIN.fullmatch(part) is not None


def _say_refused(part: str) -> str:
    if part == "$":
        return "it holds a $; write what is between the dollar signs only"
    if part in ("\n", "\r"):
        return "it goes on in another line; write it in one, or as another formula"
    if part.strip().isascii() and part.isprintable():
        return f"it holds {part}, which no formula may"
    return f"it holds the character U+{ord(part[-1]):04X}, which no formula may"
