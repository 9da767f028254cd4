"""A running mean of the weights, which often judges better than the weights of any one step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import ArgumentError
from ..graph import no_grad, per_call
from ..nn import Module
from ..tensor import Tensor

WARM = 10.0  # the mean forgets its start within the first steps, however slowly it forgets later


class Average:
    """a ← d·a + (1 − d)·p after every step, for every parameter p and running statistic

    with d = min(decay, (1 + t) / (10 + t)) at step t: a fresh mean follows the weights quickly.

    Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992.

    Args:
        model: whose weights; they have their numbers already.
        decay: the share of the mean that a step leaves, such as 0.999.

    Raises:
        ArgumentError: the decay is not between 0 and 1.

    >>> from glassnet import nn
    >>> layer = nn.Linear(1, 1, seed=0).load_parameters({"weight": [[0.0]], "bias": [0.0]})
    >>> average = Average(layer, 0.5)
    >>> _ = layer.load_parameters({"weight": [[1.0]], "bias": [0.0]})
    >>> average.update()
    >>> round(average.tensors["weight"].item(), 2)  # d = 0.1 at step 0
    0.9
    """

    def __init__(self, model: Module, decay: float) -> None:
        if not 0.0 < decay < 1.0:
            raise ArgumentError(
                "the decay of an average is a share",
                expected="0 < average < 1, such as 0.999",
                received=f"average={decay!r}",
            )
        self.decay = decay
        self.steps = 0
        self.parameters = model.named_parameters()
        self.tensors = {
            name: Tensor(parameter.numpy().copy(), name=f"average of {name}")
            for name, parameter in self.parameters.items()
        }

    def update(self) -> None:
        """Takes the weights as they stand into the mean; a part of the compiled step."""
        numbers = per_call(
            lambda: {"left": min(self.decay, (1.0 + self.steps) / (WARM + self.steps))}, self._count
        )
        left = numbers["left"]
        with no_grad():
            for name, tensor in self.tensors.items():
                own = left.astype(tensor.dtype) if isinstance(left, Tensor) else left
                weight = self.parameters[name]
                tensor.array = (weight + (tensor - weight) * own).array

    def _count(self, steps: int) -> None:
        self.steps += steps

    @contextmanager
    def standing_in(self) -> Iterator[None]:
        """Inside the block the model has the averaged weights."""
        before = {name: parameter.array for name, parameter in self.parameters.items()}
        for name, parameter in self.parameters.items():
            parameter.array = self.tensors[name].array
        try:
            yield
        finally:
            for name, array in before.items():
                self.parameters[name].array = array
