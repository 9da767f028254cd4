"""What a network is to achieve: how its outputs are held against the targets of a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import ops
from ..data import Dataset
from ..nn import prediction
from ..tensor import Tensor
from ..tensor.dtypes import is_float
from .metric import Answers
from .reading import Reading


@dataclass(frozen=True, slots=True)
class Goal:
    """The loss and the answers of a batch, from outputs and the data set's own targets.

    Attributes:
        loss: (outputs, targets) ↦ the number to make small; of a network that puts out several
            tensors it receives them all, and of padded targets the `mask` of those that count.
        reading: what the outputs mean.
        dataset: what the targets are from.
    """

    loss: Callable[..., Tensor]
    reading: Reading
    dataset: Dataset

    def __call__(self, outputs: Any, targets: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The loss; of targets at every step of padded sequences that of the steps there are."""
        wanted = self.reading.targets(self.dataset.prepare_targets(targets))
        wanted = wanted.astype(self.dataset.dtype) if is_float(wanted.dtype) else wanted
        mask = self._mask(targets, lengths)
        return self.loss(outputs, wanted, **({} if mask is None else {"mask": mask}))

    def answers(self, outputs: Any, targets: Tensor, lengths: Tensor | None = None) -> Answers:
        """What metrics are made of."""
        first = prediction(outputs)
        task = self.dataset.task or "classification"
        wanted = self.dataset.prepare_targets(targets)
        decided = self.reading.decide(first)
        return Answers(first, decided, wanted, task, self._mask(targets, lengths))

    def _mask(self, targets: Tensor, lengths: Tensor | None) -> Tensor | None:
        """Which steps count (N, time), where there is a target for each."""
        if lengths is None or not self.dataset.by_step:
            return None
        places = Tensor(np.arange(targets.shape[1]))
        return ops.less(places, ops.expand_dims(lengths, 1))
