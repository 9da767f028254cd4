"""glassnet on its numpy engine: the hand-written training loop of the README, eagerly."""

from __future__ import annotations

from typing import Any

import numpy as np

import glassnet as gn
from glassnet import losses, nn, optim

from ..material import Material
from .blas import BlasContestant

Array = np.ndarray[Any, Any]


class GlassnetEager(BlasContestant):
    def __init__(self, material: Material, threads: int) -> None:
        super().__init__(material, threads)
        self.inputs, self.labels = material.inputs, material.labels
        self.model = self._build()
        kind = optim.SGD if self.row.optimizer == "sgd" else optim.Adam
        self.optimizer = kind(self.model, lr=self.row.lr)
        self.restart()

    def _build(self) -> nn.Sequential:
        layers: list[nn.Module] = []
        for inputs, outputs in self.row.layers:
            layers += [nn.Linear(inputs, outputs)]
            layers += [nn.Tanh() if self.row.activation == "tanh" else nn.ReLU()]
        model = nn.Sequential(*layers[:-1])
        model.initialise(0)
        return model

    def linears(self) -> list[nn.Linear]:
        return [layer for layer in self.model if isinstance(layer, nn.Linear)]

    def restart(self) -> None:
        for layer, (w, b) in zip(self.linears(), self.material.pairs(), strict=True):
            refill(layer.weight, w)
            refill(layer.bias, b)
        for kept in self.optimizer.state.values():
            for tensor in kept.values():
                refill(tensor, 0.0)
        self.optimizer.steps = 0

    def prepare(self, steps: int) -> None:
        self.order = self.material.order(steps)

    def step(self, x: gn.Tensor, y: gn.Tensor) -> gn.Tensor:
        """The training step, the same for all of glassnet's contestants."""
        loss = losses.cross_entropy(self.model(x, training=True), y)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss

    def run(self) -> Any:
        steps = []
        for index in self.order:
            x, y = gn.Tensor(self.inputs[index]), gn.Tensor(self.labels[index])
            steps.append(self.step(x, y).item())
        return steps

    def weights(self) -> list[tuple[Array, Array]]:
        return [(layer.weight.numpy(), layer.bias.numpy()) for layer in self.linears()]


def refill(tensor: gn.Tensor, values: Array | float) -> None:
    """Other numbers in the memory that is there already: where it lies is not measured again."""
    if not tensor.array.flags.writeable:
        tensor.array = tensor.array.copy()
    tensor.array[...] = values
