"""Run a function as if on a GPU, on a machine without one: tensors that say they are on cuda, and compute on the CPU.

Not torch's FakeTensorMode: it takes 4 s to import, knows no values, and a torch built without CUDA cannot index its
tensors or differentiate them. Here every operator is looked at: one that mixes the two devices is refused, as it is
on a GPU, and the others run on the values.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from grader.worker.nested import find_tensors, map_tensors

DEVICE = torch.device("cuda:0")
#: Operators that copy between devices, or take indices from the CPU.
_CROSSING = ("_to_copy", "copy_", "copy", "index", "index_put_", "index_put", "_index_put_impl_")


class DeviceMismatch(RuntimeError):
    """An operator was given tensors on two devices, or the result is on the wrong one."""


class _OnDevice(Tensor):
    """A tensor that says it is on cuda; torch itself takes it for one without values, and asks us to compute."""

    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor) -> "_OnDevice":
        made: _OnDevice = Tensor._make_wrapper_subclass(
            cls,
            held.size(),
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            device=torch.device("meta"),
        )
        made.held = held
        return made

    # Read by learners; torch ships `device` as an attribute of the base class.
    device = property(lambda self: DEVICE)
    is_cuda = property(lambda self: True)
    is_cpu = property(lambda self: False)
    is_meta = property(lambda self: False)

    def __repr__(self, **how: Any) -> str:  # type: ignore[override]  # torch's own is for its own contents
        return f"{self.held!r} on {DEVICE}"

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]  # torch's own types say it is no class method
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return _dispatch(func, args, kwargs or {})


def on_simulated_cuda(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that moves its tensors to the simulated device, and what it returns back.

    It raises `DeviceMismatch` if devices are mixed, or if a tensor that comes back was left on the CPU.
    """
    return lambda *args, **kwargs: _run(function, args, kwargs)


def _run(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if any(t.device.type != "cpu" for t in find_tensors((args, kwargs))):  # on a real one already
        return function(*args, **kwargs)
    moved_args, moved_kwargs = map_tensors((args, kwargs), _move)
    with _Devices(), _Functions():
        value = function(*moved_args, **moved_kwargs)
        if any(type(t) is not _OnDevice for t in find_tensors(value)) and any(
            True for _ in find_tensors((args, kwargs))
        ):
            raise DeviceMismatch(f"Expected the result on the same device as the input, {DEVICE}, but it is on cpu")
    return map_tensors(value, lambda t: t.held if type(t) is _OnDevice else t)


def _move(t: Tensor) -> Tensor:
    return _OnDevice(t.detach()).requires_grad_(t.requires_grad)


class _Devices(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch ships no types for it
    """Sees the operators that no tensor of ours takes part in: those that make one."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        # In this place torch does not look for a driver when a tensor on cuda is asked for.
        self._mode_key = torch._C._TorchDispatchModeKey.FAKE

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False

    @classmethod
    def is_infra_mode(cls) -> bool:
        return True

    def __enter__(self) -> Any:
        self._lifted = torch._C._only_lift_cpu_tensors()
        torch._C._set_only_lift_cpu_tensors(True)  # so torch.tensor(device=) moves here
        return super().__enter__()  # type: ignore[no-untyped-call]

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)  # type: ignore[no-untyped-call]
        torch._C._set_only_lift_cpu_tensors(self._lifted)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _dispatch(func, args, kwargs or {})


class _Functions(TorchFunctionMode):
    """Puts right what torch decides before any operator runs."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is Tensor.cuda:
            return args[0].to(DEVICE)
        if func in (Tensor.__getitem__, Tensor.__setitem__):
            args = (args[0], _spell_out(args[1]), *args[2:])
        if func is Tensor.tolist and type(args[0]) is _OnDevice:
            return args[0].held.tolist()
        if func is Tensor.numpy and type(args[0]) is _OnDevice:
            raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy it first")
        return func(*args, **kwargs)


def _spell_out(key: Any) -> Any:
    """Turn lists of indices into tensors, which torch would make without values."""
    if isinstance(key, tuple):
        return tuple(_spell_out(part) for part in key)
    return torch.tensor(key) if isinstance(key, list) else key


def _dispatch(func: Any, args: Any, kwargs: Any) -> Any:
    tensors = list(find_tensors((args, kwargs)))
    ours = [t for t in tensors if type(t) is _OnDevice]
    name = func.overloadpacket.__name__
    # A single number may come from the CPU.
    if ours and name not in _CROSSING and any(type(t) is not _OnDevice and t.dim() > 0 for t in tensors):
        raise DeviceMismatch(f"Expected all tensors to be on the same device, but {name} was given {DEVICE} and cpu")
    device = kwargs.get("device")
    if device is not None:
        kwargs = {**kwargs, "device": torch.device("cpu")}
    held_args, held_kwargs = map_tensors((args, kwargs), lambda t: t.held if type(t) is _OnDevice else t)
    made = func(*held_args, **held_kwargs)
    written = next((t for t in tensors if _is_written(func, t, args, kwargs)), None)
    if written is not None:
        return written
    there = bool(ours) if device is None else torch.device(device).type != "cpu"
    return map_tensors(made, _OnDevice) if there else made


def _is_written(func: Any, t: Tensor, args: Any, kwargs: Any) -> bool:
    """Tell whether an operator works in place on a tensor, or writes its result into it, and returns it."""
    for i, argument in enumerate(func._schema.arguments):
        if argument.is_write and (args[i] if i < len(args) else kwargs.get(argument.name)) is t:
            return bool(func._schema.returns)
    return False
