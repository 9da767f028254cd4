"""How good predictions are, in numbers that add up over batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..data import Task
from ..errors import ArgumentError, did_you_mean

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Metric:
    """A number for predictions held against targets.

    An epoch is seen batch by batch, so a metric keeps sums: `sums` of two batches added are the
    sums of both, and `value` makes the metric of them. Nothing else of a batch is kept.

    Attributes:
        name: the column in the history.
        sums: (predictions, targets) of a batch ↦ an array of float64, the same shape each time.
            Predictions are labels (N,) or (N, time) for classification, numbers (N, outputs) for
            regression.
        value: the sums of all batches ↦ the metric.
    """

    name: str
    sums: Callable[[Array, Array], Array]
    value: Callable[[Array], float]


def _mean(sums: Array) -> float:
    return float(sums[0] / sums[1])


def _hits(predictions: Array, targets: Array) -> Array:
    return np.array([np.count_nonzero(predictions == targets), targets.size], np.float64)


def _absolute(predictions: Array, targets: Array) -> Array:
    errors = np.abs(predictions.astype(np.float64) - targets)
    return np.array([errors.sum(), errors.size])


def _squares(predictions: Array, targets: Array) -> Array:
    """Rows Σ1, Σe², Σy, Σy²; a column for each output."""
    y = targets.astype(np.float64)
    squared = (predictions - y) ** 2
    return np.asarray(np.stack([np.ones_like(y), squared, y, y**2]).sum(axis=1))


def _r2(sums: Array) -> float:
    count, errors, total, squares = sums
    spread = squares - total**2 / count
    varies = spread > 1e-12 * squares  # below, it is the rounding error of a constant target
    # A constant target has no spread to explain: 1 if it was met exactly, else 0.
    scores = np.where(varies, 1.0 - errors / np.where(varies, spread, 1.0), errors == 0)
    return float(scores.mean())


METRICS: dict[str, Metric] = {
    "accuracy": Metric("accuracy", _hits, _mean),  # share of labels that are right
    "mae": Metric("mae", _absolute, _mean),  # mean |y − target|
    "r2": Metric("r2", _squares, _r2),  # 1 − Σ(y − t)² / Σ(t − mean t)², mean over outputs
}
DEFAULTS: dict[Task, tuple[str, ...]] = {
    "classification": ("accuracy",),
    "regression": ("r2", "mae"),
}


def metric(chosen: str | Metric | Callable[[Array, Array], float]) -> Metric:
    """The metric of a name, or one made of a function (predictions, targets) ↦ number.

    A function's value over an epoch is its mean over the batches, weighted by their rows.

    >>> metric("accuracy").name
    'accuracy'
    """
    if isinstance(chosen, Metric):
        return chosen
    if isinstance(chosen, str):
        if chosen not in METRICS:
            raise ArgumentError(f'no metric "{chosen}"', mend=did_you_mean(chosen, METRICS))
        return METRICS[chosen]
    if not callable(chosen):
        raise ArgumentError(
            "this is no metric",
            expected="a name, a Metric, or a function (predictions, targets) -> number",
            received=repr(chosen),
        )

    def weighted(predictions: Array, targets: Array) -> Array:
        return np.array([float(chosen(predictions, targets)), 1.0]) * len(targets)

    return Metric(getattr(chosen, "__name__", type(chosen).__name__), weighted, _mean)


def metrics_for(
    task: Task, chosen: Iterable[str | Metric | Callable[[Array, Array], float]] | None
) -> tuple[Metric, ...]:
    """The chosen metrics, or the usual ones of a task; the first is the one progress shows."""
    found = tuple(metric(one) for one in (DEFAULTS[task] if chosen is None else chosen))
    for one in found:
        if one.name in METRICS and one.name not in DEFAULTS[task]:
            raise ArgumentError(
                f'the metric "{one.name}" is not made for {task}',
                expected=", ".join(DEFAULTS[task]),
                received=one.name,
            )
    return found
