"""What a check may ask to know about one call: operators, memory, gradients."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from grader.worker import observe
from grader.worker.observe import Observer, differentiate, gradients

MIB = 2**20
needs_proc = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="peak memory is read from /proc, which is Linux's"
)


def leaf(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def plain(found: list[Tensor | None]) -> list[Any]:
    return [None if g is None else g.tolist() for g in found]


def ops_of(run: Callable[[], object]) -> tuple[str, ...]:
    with Observer(("ops",)) as seen:
        run()
    ops: tuple[str, ...] = seen.report()["ops"]
    return ops


# --- operators ----------------------------------------------------------------------------------------


def test_the_operators_of_a_call_are_named_in_order() -> None:
    x, w = torch.ones(2, 3), torch.ones(3, 4)
    assert ops_of(lambda: (x @ w).relu()) == ("aten.mm.default", "aten.relu.default")


def test_an_operator_is_seen_whatever_name_it_was_reached_by() -> None:
    x = torch.ones(2, 3)
    spellings: list[Callable[[], Tensor]] = [
        lambda: x.softmax(1),
        lambda: torch.softmax(x, 1),
        lambda: torch.nn.functional.softmax(x, 1),
        lambda: torch.nn.Softmax(1)(x),
        lambda: getattr(torch, "soft" + "max")(x, 1),
    ]
    assert {ops_of(spelling) for spelling in spellings} == {("aten._softmax.default",)}


def test_only_what_runs_during_the_call_is_seen() -> None:
    x = torch.ones(2)
    with Observer(("ops",)) as seen:
        x + 1
    x * 2
    assert seen.report() == {"ops": ("aten.add.Tensor",)}


def test_operators_before_an_error_are_seen_and_the_watch_ends() -> None:
    x, y = torch.ones(2), torch.ones(3)
    seen = Observer(("ops",))

    def fail() -> None:
        with seen:
            x + 1
            x * y

    with pytest.raises(RuntimeError, match="must match"):
        fail()
    x * 2
    assert seen.report() == {"ops": ("aten.add.Tensor", "aten.mul.Tensor")}


def test_a_long_list_of_operators_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observe, "MAX_OPERATORS", 3)
    x = torch.ones(2)
    assert ops_of(lambda: [x + 1 for _ in range(5)]) == ("aten.add.Tensor",) * 3


def test_the_watch_changes_neither_values_nor_gradients() -> None:
    x = leaf(1.0, 2.0)
    with Observer(("ops",)):
        y = (x * x).sum()
    assert y.item() == 5.0
    assert plain(gradients(y, [x], None)) == [[2.0, 4.0]]


def test_what_is_not_asked_for_is_not_reported() -> None:
    with Observer(()) as seen:
        torch.ones(2) + 1
    assert seen.report() == {}


# --- memory -------------------------------------------------------------------------------------------


def peak_of(run: Callable[[], object]) -> int:
    with Observer(("memory",)) as seen:
        run()
    report = seen.report()
    assert list(report) == ["peak_bytes"]
    peak: int = report["peak_bytes"]
    return peak


@needs_proc
def test_the_peak_of_memory_grows_with_what_is_allocated_even_if_it_is_freed() -> None:
    def allocate() -> None:
        torch.ones(64 * MIB // 4)

    peak = peak_of(allocate)
    assert 56 * MIB < peak < 200 * MIB


@needs_proc
def test_each_call_has_a_peak_of_its_own() -> None:
    assert peak_of(lambda: torch.ones(128 * MIB // 4)) > 120 * MIB
    assert peak_of(lambda: torch.ones(2) + 1) < 16 * MIB
    assert 56 * MIB < peak_of(lambda: torch.ones(64 * MIB // 4)) < 120 * MIB


@needs_proc
def test_memory_and_operators_can_be_asked_for_together() -> None:
    with Observer(("ops", "memory", "grads")) as seen:
        torch.ones(2)
    report = seen.report()
    assert list(report) == ["ops", "peak_bytes"]
    assert report["ops"] == ("aten.ones.default",)


# --- gradients ----------------------------------------------------------------------------------------


def test_each_argument_that_requires_a_gradient_gets_one_in_order() -> None:
    x, w, mask = leaf(1.0, 2.0), leaf(3.0, 4.0), torch.ones(2)
    found = gradients((x * w * mask).sum(), ((x, mask), {"w": w}), None)
    assert plain(found) == [[3.0, 4.0], [1.0, 2.0]]


def test_an_argument_the_output_does_not_depend_on_gets_none() -> None:
    x, unused = leaf(1.0, 2.0), leaf(5.0)
    assert plain(gradients(x.exp().sum() * 0 + x.sum(), [x, unused], None)) == [[1.0, 1.0], None]


def test_an_output_cut_from_the_graph_gives_none_for_all() -> None:
    x, w = leaf(1.0), leaf(2.0)
    assert gradients((x * w).detach(), [x, w], None) == [None, None]
    assert gradients(3.5, [x, w], None) == [None, None]


def test_without_an_argument_that_requires_one_there_is_no_gradient() -> None:
    assert gradients(leaf(1.0) * 2, [torch.ones(1), 3], None) == []


def test_the_cotangent_weights_the_output() -> None:
    x = leaf(1.0, 2.0)
    assert plain(gradients(x**2, [x], torch.tensor([10.0, 0.5], dtype=torch.float64))) == [[20.0, 2.0]]
    assert plain(gradients(x**2, [x], None)) == [[2.0, 4.0]]


@pytest.mark.parametrize("wrap", [lambda a, b: (a, b), lambda a, b: {"a": a, "b": b}, lambda a, b: [[a], {"b": (b,)}]])
def test_several_outputs_add_up_in_any_container(wrap: Callable[[Tensor, Tensor], Any]) -> None:
    x = leaf(1.0, 2.0)
    assert plain(gradients(wrap(x * 2, x.sum()), [x], None)) == [[3.0, 3.0]]
    weights = (torch.tensor([1.0, 10.0], dtype=torch.float64), torch.tensor(100.0, dtype=torch.float64))
    assert plain(gradients(wrap(x * 2, x.sum()), [x], weights)) == [[102.0, 120.0]]


def test_an_output_without_a_graph_is_passed_over_with_its_cotangent() -> None:
    x = leaf(1.0, 2.0)
    one, ten, hundred = (torch.full((2,), n, dtype=torch.float64) for n in (1.0, 10.0, 100.0))

    def outputs() -> tuple[Tensor, ...]:
        return (x * 1, (x * 2).detach(), torch.tensor([1, 2]), x * 3)

    assert plain(gradients(outputs(), [x], (one, ten, ten, hundred))) == [[301.0, 301.0]]
    assert plain(gradients(outputs(), [x], (one, hundred))) == [[301.0, 301.0]]
    assert plain(gradients(outputs(), [x], None)) == [[4.0, 4.0]]


def test_an_argument_given_twice_gets_its_gradient_twice() -> None:
    x = leaf(3.0)
    assert plain(gradients(x * x, [x, x], None)) == [[6.0], [6.0]]


def test_an_argument_that_is_returned_has_the_cotangent_as_gradient() -> None:
    x = leaf(3.0, 4.0)
    assert plain(gradients(x, [x], None)) == [[1.0, 1.0]]


def test_a_gradient_has_no_graph_of_its_own() -> None:
    x = leaf(3.0)
    [found] = gradients(x**2, [x], None)
    assert found is not None
    assert not found.requires_grad
    assert x.grad is None


def test_a_complex_output_is_differentiated() -> None:
    x = torch.tensor([1 + 2j], requires_grad=True)
    assert plain(gradients(x * 3, [x], None)) == [[3 + 0j]]


def test_bytes_are_those_of_the_tensors_that_live_at_one_time() -> None:
    x = torch.ones(1000)
    with Observer(("bytes",)) as one_after_the_other:
        for _ in range(5):
            y = x + 1
            del y
    with Observer(("bytes",)) as all_at_once:
        kept = [x + 1 for _ in range(5)]
    with Observer(("bytes",)) as nothing_new:
        x.view(10, 100).T[0].add_(1)
    seen = [observed.report()["made_bytes"] for observed in (one_after_the_other, all_at_once, nothing_new)]
    assert (len(kept), seen) == (5, [4000, 20_000, 0])


def test_weighted_gradients_are_those_of_torch() -> None:
    x, y = torch.randn(3, dtype=torch.float64, requires_grad=True), torch.randn(3, requires_grad=True)
    weights = [torch.randn(3, dtype=torch.float64), torch.randn(())]
    ours = differentiate([x.exp(), y.sum()], [x, y], weights)
    theirs = torch.autograd.grad([x.exp(), y.sum()], [x, y], weights)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    with pytest.raises(RuntimeError, match="Mismatch in shape"):
        differentiate([x.exp()], [x], [torch.ones(1)])
