"""PyTorch as most people run it: a module, a loss, an optimiser, eagerly."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from ..material import Material
from .base import Contestant, thread_choices

Array = np.ndarray[Any, Any]


class TorchEager(Contestant):
    flags = "fused optimizer, gradients set to None"

    def __init__(self, material: Material, threads: int) -> None:
        super().__init__(material, threads)
        torch.set_num_threads(threads)
        self.inputs = torch.from_numpy(material.inputs)
        self.labels = torch.from_numpy(material.labels)
        self.model = self._build()
        self.restart()

    def _build(self) -> nn.Module:
        layers: list[nn.Module] = []
        for inputs, outputs in self.row.layers:
            layers += [nn.Linear(inputs, outputs)]
            layers += [nn.Tanh() if self.row.activation == "tanh" else nn.ReLU()]
        return nn.Sequential(*layers[:-1])

    def choices(self) -> list[int]:
        return thread_choices(self.threads)

    def use_threads(self, count: int) -> None:
        torch.set_num_threads(count)

    def linears(self) -> list[nn.Linear]:
        return [layer for layer in self.model.modules() if isinstance(layer, nn.Linear)]

    def _load(self) -> None:
        for layer, (w, b) in zip(self.linears(), self.material.pairs(), strict=True):
            layer.weight.copy_(torch.from_numpy(w))
            layer.bias.copy_(torch.from_numpy(b))

    def restart(self) -> None:
        with torch.no_grad():
            self._load()
        parameters = self.model.parameters()
        if self.row.optimizer == "adam":
            self.optimizer: torch.optim.Optimizer = torch.optim.Adam(
                parameters, lr=self.row.lr, fused=True
            )
        else:
            momentum = 0.9 if self.row.optimizer == "momentum" else 0.0
            self.optimizer = torch.optim.SGD(
                parameters, lr=self.row.lr, momentum=momentum, fused=True
            )

    def prepare(self, steps: int) -> None:
        self.order = list(torch.from_numpy(self.material.order(steps)))

    def loss(self, index: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(self.model(self.inputs[index]), self.labels[index])

    def run(self) -> Any:
        losses = []
        for index in self.order:
            loss = self.loss(index)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            losses.append(loss.detach())
        return losses

    def losses(self, raw: Any) -> Array:
        return torch.stack(raw).double().numpy()

    def weights(self) -> list[tuple[Array, Array]]:
        return [
            (layer.weight.detach().numpy().copy(), layer.bias.detach().numpy().copy())
            for layer in self.linears()
        ]
