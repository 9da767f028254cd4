"""glassnet on its numpy engine: the hand-written training loop of the README, eagerly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import glassnet as gn
from glassnet import losses, nn, optim

from ..material import Material
from .blas import BlasContestant

Array = np.ndarray[Any, Any]
OPTIMIZERS: dict[str, Callable[[nn.Module, float], optim.Optimizer]] = {
    "sgd": lambda model, lr: optim.SGD(model, lr=lr),
    "momentum": lambda model, lr: optim.SGD(model, lr=lr, momentum=0.9),
    "adam": lambda model, lr: optim.Adam(model, lr=lr),
}


class GlassnetEager(BlasContestant):
    def __init__(self, material: Material, threads: int) -> None:
        super().__init__(material, threads)
        self.inputs, self.labels = material.inputs, material.labels
        self.model = self.build()
        self.optimizer = OPTIMIZERS[self.row.optimizer](self.model, self.row.lr)
        self.restart()

    def build(self) -> nn.Module:
        layers: list[nn.Module] = []
        for inputs, outputs in self.row.layers:
            layers += [nn.Linear(inputs, outputs)]
            layers += [nn.Tanh() if self.row.activation == "tanh" else nn.ReLU()]
        model = nn.Sequential(*layers[:-1])
        model.initialise(0)
        return model

    def linears(self) -> list[nn.Linear]:
        return [
            layer for layer in self.model.named_modules().values() if isinstance(layer, nn.Linear)
        ]

    def initial(self) -> dict[str, Array]:
        """Parameter name → the numbers it starts with."""
        arrays = (array for pair in self.material.pairs() for array in pair)
        return dict(zip(self.model.named_parameters(), arrays, strict=True))

    def restart(self) -> None:
        parameters = self.model.named_parameters()
        for name, array in self.initial().items():
            refill(parameters[name], array)
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
