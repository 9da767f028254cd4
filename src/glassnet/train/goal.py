"""What a network is to achieve: how its outputs are held against the targets of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..data import Dataset
from ..nn import prediction
from ..tensor import Tensor
from ..tensor.dtypes import is_float
from .metric import Answers
from .reading import Loss, Reading


@dataclass(frozen=True, slots=True)
class Goal:
    """The loss and the answers of a batch, from outputs and the data set's own targets.

    Attributes:
        loss: (outputs, targets) ↦ the number to make small; of a network that puts out several
            tensors it receives them all.
        reading: what the outputs mean.
        dataset: what the targets are from.
    """

    loss: Loss
    reading: Reading
    dataset: Dataset

    def __call__(self, outputs: Any, targets: Tensor) -> Tensor:
        """The loss."""
        wanted = self.reading.targets(self.dataset.prepare_targets(targets))
        return self.loss(
            outputs, wanted.astype(self.dataset.dtype) if is_float(wanted.dtype) else wanted
        )

    def answers(self, outputs: Any, targets: Tensor) -> Answers:
        """What metrics are made of."""
        first = prediction(outputs)
        task = self.dataset.task or "classification"
        wanted = self.dataset.prepare_targets(targets)
        return Answers(first, self.reading.decide(first), wanted, task)
