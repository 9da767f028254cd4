"""PyTorch with the whole step in one graph: gradient by torch.func, update written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional

from ..material import Material
from .base import Contestant, thread_choices

Array = np.ndarray[Any, Any]
Tensors = list[torch.Tensor]


class TorchWhole(Contestant):
    flags = "torch.compile(fullgraph) of the whole step"

    def __init__(self, material: Material, threads: int) -> None:
        super().__init__(material, threads)
        torch.set_num_threads(threads)
        self.inputs = torch.from_numpy(material.inputs)
        self.labels = torch.from_numpy(material.labels)
        self.params = [torch.from_numpy(a) for pair in material.pairs() for a in pair]
        self.first, self.second = ([torch.zeros_like(p) for p in self.params] for _ in range(2))
        self.step = torch.compile(self._sgd if self.row.optimizer == "sgd" else self._adam)
        self.restart()

    def choices(self) -> list[int]:
        return thread_choices(self.threads)

    def use_threads(self, count: int) -> None:
        torch.set_num_threads(count)

    def restart(self) -> None:
        initial = [a for pair in self.material.pairs() for a in pair]
        for p, m, v, start in zip(self.params, self.first, self.second, initial, strict=True):
            p.copy_(torch.from_numpy(start))
            m.zero_()
            v.zero_()
        self.steps = 0

    def prepare(self, steps: int) -> None:
        self.order = list(torch.from_numpy(self.material.order(steps)))

    def _loss(self, params: Tensors, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        for layer in range(len(self.row.layers)):
            x = functional.linear(x, params[2 * layer], params[2 * layer + 1])
            if layer + 1 < len(self.row.layers):
                x = torch.tanh(x) if self.row.activation == "tanh" else torch.relu(x)
        return functional.cross_entropy(x, y)

    def _gradients(self, index: torch.Tensor) -> tuple[Tensors, torch.Tensor]:
        found: tuple[Tensors, torch.Tensor] = torch.func.grad_and_value(self._loss)(
            self.params, self.inputs[index], self.labels[index]
        )
        return found

    def _sgd(self, index: torch.Tensor, rate: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        gradients, loss = self._gradients(index)
        for p, g in zip(self.params, gradients, strict=True):
            p.sub_(rate * g)
        return loss

    def _adam(self, index: torch.Tensor, rate: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        gradients, loss = self._gradients(index)
        for p, g, m, v in zip(self.params, gradients, self.first, self.second, strict=True):
            m.mul_(0.9).add_(g, alpha=0.1)
            v.mul_(0.999).addcmul_(g, g, value=0.001)
            p.sub_(rate * m / (v.sqrt() * scale + 1e-8))
        return loss

    def run(self) -> Any:
        losses = []
        with torch.no_grad():
            for index in self.order:
                self.steps += 1
                rate, scale = self._numbers()
                losses.append(self.step(index, rate, scale))
        return losses

    def _numbers(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The step size and 1/√(1 − β₂ᵗ); tensors, since a new float would compile anew."""
        if self.row.optimizer == "sgd":
            return torch.tensor(self.row.lr), torch.tensor(1.0)
        rate = self.row.lr / (1 - 0.9**self.steps)
        return torch.tensor(rate), torch.tensor((1 - 0.999**self.steps) ** -0.5)

    def losses(self, raw: Any) -> Array:
        return torch.stack(raw).double().numpy()

    def weights(self) -> list[tuple[Array, Array]]:
        arrays = [p.numpy().copy() for p in self.params]
        return list(zip(arrays[::2], arrays[1::2], strict=True))
