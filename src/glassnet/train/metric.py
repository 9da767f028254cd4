"""The contract of a metric: sums over batches, and what is made of them at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..data import Task
from ..tensor import Tensor

Array = np.ndarray[Any, Any]


class Answers(NamedTuple):
    """What a network said about a batch, and what is true.

    Attributes:
        outputs: as the network put them out (N, …).
        predictions: labels (N,) or (N, time) for classification; numbers (N, …) for regression.
        targets: of the data set, in the predictions' shape.
        task: what the data is made for.
        mask: (N, time) booleans, False for steps that are padding; None where all count.
    """

    outputs: Tensor
    predictions: Tensor
    targets: Tensor
    task: Task
    mask: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """A number for predictions held against targets.

    An epoch is seen batch by batch, so a metric keeps sums: `sums` of two batches added are the
    sums of both, and `value` makes the metric of them. Nothing else of a batch is kept.

    Attributes:
        name: the column in the history.
        sums: the answers of a batch ↦ a tensor of the same shape each time, written in tensor
            operations; it becomes a part of the compiled loop.
        value: the sums of all batches ↦ the metric.
        higher_is_better: which way is up, for what keeps the best epoch.
        tasks: what it is made for; left out, anything.
        on_host: whether `sums` reads numbers, and so runs outside the compiled loop.
        is_matrix: whether the value is an array, which is no column of the history: those of all
            epochs are in `run.matrices`.
    """

    name: str
    sums: Callable[[Answers], Tensor]
    value: Callable[[Array], Any]
    higher_is_better: bool = True
    tasks: tuple[str, ...] = ()
    on_host: bool = False
    is_matrix: bool = False
