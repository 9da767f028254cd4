"""The parts of a batch in one loop: their code stands once, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..autodiff import scan
from ..graph import Recording, no_grad, recording
from ..ops.operation import filled
from ..tensor import Tensor
from ..tensor.structure import flatten, rebuild

Forward = Callable[..., tuple[Tensor, Any]]


def accumulate(
    forward: Forward, parameters: Sequence[Tensor], parts: Sequence[Tensor]
) -> tuple[Tensor, Any]:
    """Σ loss of the parts, and their outputs; leaves Σ ∂loss/∂θ at the parameters.

    Sums and running statistics are the state of the loop.

    Args:
        forward: a row of each of `parts` ↦ the part's loss, and its outputs (rows, …).
        parameters: all that the model has, those that do not learn included.
        parts: (parts, …) tensors.
    """
    learning = [p for p in parameters if p.requires_grad]
    statistics = [p for p in parameters if not p.requires_grad]
    reached: list[bool] = []
    layout: Any = None

    def step(state: dict[str, Any], rows: list[Tensor]) -> tuple[dict[str, Any], list[Tensor]]:
        nonlocal layout
        with _standing_in(parameters, statistics, state["statistics"]):
            with recording(Recording.GRADIENTS):
                loss, outputs = forward(*rows)
                loss.backward()
            reached[:] = [p.grad is not None for p in learning]
            pairs = zip(state["gradients"], learning, strict=True)
            found, layout = flatten(outputs)
            new = {
                "loss": state["loss"] + loss.detach(),
                "gradients": [g if p.grad is None else g + p.grad for g, p in pairs],
                "statistics": [Tensor(s.array) for s in statistics],
            }
            return new, found

    start = {
        "loss": filled(learning[0], 0.0, ()),
        "gradients": [filled(p, 0.0) for p in learning],
        "statistics": statistics,
    }
    with no_grad():
        last, stacked = scan(step, start, list(parts))
        outputs = rebuild(layout, [x.reshape((-1, *x.shape[2:])) for x in stacked])
    for parameter, gradient, there in zip(learning, last["gradients"], reached, strict=True):
        parameter.grad = gradient if there else None
    for statistic, new in zip(statistics, last["statistics"], strict=True):
        statistic.array = new.array
    return last["loss"], outputs


@contextmanager
def _standing_in(
    parameters: Sequence[Tensor], statistics: Sequence[Tensor], values: Sequence[Tensor]
) -> Iterator[None]:
    """Inside the block the statistics are those of the loop; gradients are gone after it."""
    before = [statistic.array for statistic in statistics]
    for statistic, value in zip(statistics, values, strict=True):
        statistic.array = value.array
    try:
        yield
    finally:
        for statistic, array in zip(statistics, before, strict=True):
            statistic.array = array
        for parameter in parameters:
            parameter.grad = None
