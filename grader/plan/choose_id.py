"""Which exercise, reading or unit is meant by what was typed."""

import difflib
import re
from collections.abc import Iterable, Sequence

from grader.core.errors import UsageError
from grader.core.models import Unit

#: So many of those that fit are named.
_MOST_SHOWN = 8


def resolve_id(typed: str, known: Iterable[str], kind: str, units: Iterable[Unit] = ()) -> str:
    """Return the id that was meant.

    That is the id itself; else the one whose number is typed (`e12`), or whose name behind the number is
    (`batchnorm_fold`); else the only one that what was typed is a part of. A path of a file stands for its name.

    Args:
        typed: What was typed.
        known: All ids.
        kind: What they are of, for messages.
        units: Those that the exercises are in, to tell several that fit from one another.

    Raises:
        UsageError: If none or several fit; the message names them, or the nearest.
    """
    ids = list(known)
    if typed in ids:
        return typed
    part = typed.lower().removesuffix(".py").removesuffix(".ipynb").rpartition("/")[2]
    fitting = _find_fitting(part, ids)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        titles = {name: unit.title for unit in units for name in unit.exercises if name in fitting}
        named = [f"{name} ({titles[name]})" if name in titles else name for name in fitting[:_MOST_SHOWN]]
        shown = ", ".join(named) + (", …" if len(fitting) > _MOST_SHOWN else "")
        raise UsageError(f"`{typed}` fits {len(fitting)} {kind}s: {shown}", hint="type more of the id")
    near = _nearest(part, ids)
    text = f"there is no {kind} `{typed}`" + (f"; the nearest: {', '.join(near)}" if near else "")
    raise UsageError(text, hint="study list" if kind == "exercise" else "study list --readings")


def _find_fitting(part: str, ids: Sequence[str]) -> list[str]:
    """Return what fits in the strictest way in which anything does."""
    if not part:
        return []
    behind_number = re.compile(rf"[a-z]?[0-9]+_{re.escape(part)}")
    ways = (
        (name for name in ids if name == part),
        (name for name in ids if name.partition("_")[0] == part),
        (name for name in ids if behind_number.fullmatch(name)),
        (name for name in ids if part in name),
    )
    return next((found for way in ways if (found := list(way))), [])


def _nearest(part: str, ids: Sequence[str]) -> list[str]:
    near = difflib.get_close_matches(part, ids, 3, 0.5)
    by_word = [i for i in ids if difflib.get_close_matches(part, i.replace("-", "_").split("_"), 1, 0.75)]
    return list(dict.fromkeys([*near, *by_word]))[:3]
