"""Objects that stay with the learner: the judge holds a number, and asks."""

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from grader.testing import LearnerRaised

#: request(operation, handle, *arguments) -> value
Request = Callable[..., Any]


class OpaqueComparison(Exception):
    """A check compared a handle or used it as a bool; the learner's own methods would have decided."""


class Handle:
    """Stands in the judge for an object that stays in the worker.

    Calling it, taking or setting an attribute, indexing, iterating, `len` and arithmetic each ask the worker,
    and come back as a value or as another handle. Comparing it or using it as a bool raises
    `OpaqueComparison`: only the judge decides what is equal or true.
    """

    __slots__ = ("_callable", "_kind", "_number", "_request")

    def __init__(self, request: Request, number: int, kind: str, is_callable: bool) -> None:
        set_slot = object.__setattr__
        set_slot(self, "_request", request)
        set_slot(self, "_number", number)
        set_slot(self, "_kind", kind)
        set_slot(self, "_callable", is_callable)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._request("call", self, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # Python and pytest probe for these; a check that means one uses call
            raise AttributeError(name)
        return self._request("getattr", self, name)

    def __setattr__(self, name: str, value: object) -> None:
        self._request("setattr", self, name, value)

    def __getitem__(self, key: object) -> Any:
        return self._request("getitem", self, key)

    def __setitem__(self, key: object, value: object) -> None:
        self._request("setitem", self, key, value)

    def __iter__(self) -> Iterator[Any]:
        items = self._request("list", self)
        if type(items) is not list:
            raise TypeError(f"iterating a {self._kind} gave a {type(items).__name__}")
        return iter(items)

    def __len__(self) -> int:
        try:
            length = self._request("len", self)
        except LearnerRaised as error:
            if "TypeError" not in error.kinds:
                raise
            raise TypeError(error.text) from None  # list() and tuple() ask for it, and go on without it
        if type(length) is not int or length < 0:
            raise TypeError(f"the length of a {self._kind} came back as {type(length).__name__}")
        return length

    def __add__(self, other: object) -> Any:
        return self._request("add", self, other)

    def __sub__(self, other: object) -> Any:
        return self._request("sub", self, other)

    def __mul__(self, other: object) -> Any:
        return self._request("mul", self, other)

    def __truediv__(self, other: object) -> Any:
        return self._request("truediv", self, other)

    def __pow__(self, other: object) -> Any:
        return self._request("pow", self, other)

    def __matmul__(self, other: object) -> Any:
        return self._request("matmul", self, other)

    def __neg__(self) -> Any:
        return self._request("neg", self)

    def __radd__(self, other: object) -> Any:
        return self._request("radd", self, other)

    def __rsub__(self, other: object) -> Any:
        return self._request("rsub", self, other)

    def __rmul__(self, other: object) -> Any:
        return self._request("rmul", self, other)

    def __rtruediv__(self, other: object) -> Any:
        return self._request("rtruediv", self, other)

    def __rpow__(self, other: object) -> Any:
        return self._request("rpow", self, other)

    def __rmatmul__(self, other: object) -> Any:
        return self._request("rmatmul", self, other)

    def __repr__(self) -> str:
        return f"<{self._kind} of the submission>"

    def __bool__(self) -> NoReturn:
        raise OpaqueComparison(f"a {self._kind} of the submission was used as true or false")

    def __eq__(self, other: object) -> NoReturn:
        raise OpaqueComparison(f"a {self._kind} of the submission was compared")

    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> NoReturn:
        raise TypeError("a handle travels by number only")

    # Named so that no learner's attribute is hidden by them: they are looked up on the class, not asked for.
    def learner_type_name(self) -> str:
        """Return the name of the object's class in the worker (as the worker tells it)."""
        return str(self._kind)

    def handle_is_callable(self) -> bool:
        """Tell whether the object can be called (as the worker tells it)."""
        return bool(self._callable)

    def handle_number(self) -> int:
        """Return the number under which the worker keeps the object."""
        return int(self._number)
