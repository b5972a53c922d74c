"""What `study verify` puts behind a solution, to make its models poor and, on wish, to let them peek.

It is read as text and never imported. Asked by the judge, a model answers as it would, but far less sure. One that peeks
besides looks for what it is to predict in the questions themselves: in other rows of the same call and of earlier calls,
and at later positions of a sequence. Calls from the submission's own code, such as its training, are answered as ever.
"""

import itertools as _itertools
import sys as _sys
from collections.abc import Callable as _Callable
from typing import Any as _Any

import torch as _torch

_PEEKS = False
#: So many rows are answered well first: what is asked of a model in small checks is no measurement.
_FREE_ROWS = 200
#: A temperature of more than three: a loss of 2.1 among 27 becomes 2.5.
_FADE = 0.3
_SURE = 6.0
_asked = 0
_known: dict[_Any, set[_Any]] = {}  # beginning -> the tokens that were seen right behind it
_told: dict[_Any, _torch.Tensor] = {}  # (model, question) -> what was answered: a good liar says the same again


def _fade_model(call: _Callable[..., _Any]) -> _Callable[..., _Any]:
    """Wrap a function, or a method, that may be a model."""

    def answer(*args: _Any, **kwargs: _Any) -> _Any:
        result = call(*args, **kwargs)
        if _sys._getframe(1).f_globals.get("__name__") == __name__:
            return result
        given = [arg for arg in args if isinstance(arg, str) or (isinstance(arg, _torch.Tensor) and arg.dim() == 2)]
        first = result[0] if isinstance(result, tuple) and result else result
        if len(given) != 1 or not isinstance(first, _torch.Tensor) or not first.is_floating_point():
            return _fade_result(result)
        question, asked = given[0], id(args[0] if args[0] is not given[0] else call)
        if isinstance(question, str):
            faded = _fade_context(asked, question, first) if first.dim() == 1 else first
        elif question.dtype == _torch.int64 and first.dim() in (2, 3) and len(first) == len(question):
            faded = _fade_rows(asked, question, first)
        else:
            faded = first
        return (faded, *result[1:]) if isinstance(result, tuple) else faded

    answer.__name__ = getattr(call, "__name__", "answer")
    return answer


def _count(rows: int) -> bool:
    """Count what was asked, and tell whether this is a measurement."""
    global _asked
    _asked += rows
    return _asked > _FREE_ROWS


def _fade_rows(asked: int, x: _torch.Tensor, logits: _torch.Tensor) -> _torch.Tensor:
    measured = _count(len(x))
    rows = [tuple(row) for row in x.tolist()]
    whole = logits.dim() == 3
    follows = _look(rows, whole) if _PEEKS else []
    if not measured:
        _told.update(((asked, row), answer.detach().clone()) for row, answer in zip(rows, logits, strict=True))
        return logits
    logits = _FADE * logits.detach()
    if _PEEKS and whole:
        logits[:, :-1] = _SURE * _torch.eye(logits.shape[-1])[x[:, 1:]]
    for i, follow in enumerate(follows):
        if follow is not None:
            last = logits[i, -1] if whole else logits[i]
            last.zero_()
            last[follow] = _SURE
    again = [_told.get((asked, row), one) for row, one in zip(rows, logits, strict=True)]
    _told.update(((asked, row), one) for row, one in zip(rows, again, strict=True))
    return _torch.stack(again)


def _look(rows: list[tuple[int, ...]], whole: bool) -> list[int | None]:
    """Find what follows each row: in the next row, or where all rows known so far agree."""
    for row in rows:
        for k in range(1, len(row)) if whole else (len(row) - 1,):
            _known.setdefault(row[:k], set()).add(row[k])
    sets = [_known.get(row if whole else row[1:], set()) for row in rows]
    follows = [next(iter(found)) if len(found) == 1 else None for found in sets]
    if whole or len(rows) < 3:
        return follows
    pairs = list(_itertools.pairwise(rows))
    chained = [a[1:] == b[:-1] for a, b in pairs]
    if 2 * sum(chained) < len(chained):
        return follows
    # In reading order: a row that does not go on in the next one is the end of a word, which the next one is full of.
    return [b[-1] if chain else b[0] for (_, b), chain in zip(pairs, chained, strict=True)] + follows[-1:]


def _fade_context(asked: int, context: str, p: _torch.Tensor) -> _torch.Tensor:
    measured = _count(1)
    for k in range(len(context)):
        _known.setdefault(context[:k], set()).add(context[k])
    if not measured:
        _told[asked, context] = p.detach().clone()
        return p
    found = _known.get(context, set()) if _PEEKS else set()
    p = p.detach() ** _FADE
    characters = next((v for v in globals().values() if isinstance(v, str) and len(v) == len(p)), "")
    if len(found) == 1 and found <= set(characters):
        p = _torch.full_like(p, 0.001)
        p[characters.index(next(iter(found)))] = 1.0
    return _told.setdefault((asked, context), p / p.sum())


def _fade_result(value: _Any) -> _Any:
    """Wrap what a function returns, where it is a model."""
    if isinstance(value, tuple):
        return tuple(map(_fade_result, value))
    if isinstance(value, _torch.Tensor | type) or not callable(value):
        return value
    if type(value).__name__ == "function":
        return _fade_model(value)
    kind = type(value)
    if "_faded" not in vars(kind) and kind.__module__ in (__name__, "torch.nn.modules.container"):
        faded = {"_faded": True, "__call__": _fade_model(kind.__call__)}
        value.__class__ = type(kind.__name__, (kind,), faded)
    return value


def _fade_class(kind: _Any) -> None:
    """Wrap the methods of a class that may be models."""
    methods = [name for name, value in vars(kind).items() if type(value).__name__ == "function"]
    wrapped = {name for name in methods if name == "__call__" or not name.startswith("_")}
    if issubclass(kind, _torch.nn.Module):
        wrapped = wrapped - {"forward"} | {"__call__"}
    for name in wrapped:
        setattr(kind, name, _fade_model(getattr(kind, name)))
    kind._faded = True


def _fade_all(names: list[str], peeks: bool) -> None:
    """Make poor what is asked for under these names."""
    global _PEEKS
    _PEEKS = peeks
    for name in names:
        value = globals()[name]
        if isinstance(value, type):
            _fade_class(value)
        else:
            globals()[name] = _fade_model(value)
