"""How good a model is on data it does not learn from."""

from __future__ import annotations

from collections.abc import Sequence

from ..data import Dataset
from ..graph import no_grad
from ..nn import Module
from ..tensor import Tensor
from .metrics import Metric
from .reading import Loss, Reading
from .totals import Totals

ROWS = 1024  # computed at once


def evaluate(
    model: Module, dataset: Dataset, loss: Loss, reading: Reading, metrics: Sequence[Metric]
) -> dict[str, float]:
    """The loss and the metrics over the whole data set, by name; nothing is learned or dropped."""
    totals = Totals(metrics, reading)
    targets = reading.loss_targets(dataset)
    with no_grad():
        for start in range(0, len(dataset), ROWS):
            rows = slice(start, start + ROWS)
            outputs = model(dataset.prepare(Tensor(dataset.inputs[rows])), training=False)
            value = loss(outputs, Tensor(targets[rows])).item()
            totals.add(value, outputs.numpy(), dataset.targets[rows])
    return totals.values()
