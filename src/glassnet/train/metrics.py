"""Which metrics are measured: chosen by name, made of a function, or the usual ones of a task."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..data import Task
from ..errors import ArgumentError, did_you_mean
from ..tensor import Tensor
from .measures import METRICS
from .metric import Answers, Metric

Array = np.ndarray[Any, Any]
Chosen = str | Metric | Callable[[Array, Array], float]

DEFAULTS: dict[Task, tuple[str, ...]] = {
    "classification": ("accuracy",),
    "multilabel": ("f1_micro",),
    "reconstruction": ("mae",),
    "regression": ("r2", "mae"),
}


def metric(chosen: Chosen) -> Metric:
    """The metric of a name, or one made of a function (predictions, targets) ↦ number.

    A function's value over an epoch is its mean over the batches, weighted by their rows; of padded
    targets it receives those that count, (steps,), and they are its rows.

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

    def weighted(answers: Answers) -> Tensor:
        pair = answers.predictions.numpy(), answers.targets.numpy()
        if answers.mask is not None:
            pair = pair[0][answers.mask.numpy()], pair[1][answers.mask.numpy()]
        number, rows = float(chosen(*pair)), len(pair[1])
        return Tensor(np.array([number * rows, rows]))

    name = getattr(chosen, "__name__", type(chosen).__name__)
    return Metric(name, weighted, lambda sums: float(sums[0] / sums[1]), on_host=True)


def metrics_for(task: Task, chosen: Iterable[Chosen] | None) -> tuple[Metric, ...]:
    """The chosen metrics, or the usual ones of a task; the first is the one progress shows."""
    found = tuple(metric(one) for one in (DEFAULTS[task] if chosen is None else chosen))
    for one in found:
        if one.tasks and task not in one.tasks:
            fitting = [name for name, known in METRICS.items() if task in known.tasks]
            raise ArgumentError(
                f'the metric "{one.name}" is not made for {task}',
                expected=", ".join(fitting),
                received=one.name,
            )
    return found
