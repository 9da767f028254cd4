"""glassnet's own networks, the loop compiled as `fit` runs it: one native call for all steps."""

from __future__ import annotations

from typing import Any

import numpy as np

import glassnet as gn
from glassnet import losses, optim
from glassnet.compilation.loop import Loop
from glassnet.engines.native import user_folder

from ..material import Material
from ..networks import build
from .base import Contestant, thread_choices
from .glassnet_eager import refill

Array = np.ndarray[Any, Any]


class GlassnetNetwork(Contestant):
    flags = "the whole step traced and compiled; batches gathered by index inside"

    def __init__(self, material: Material, threads: int, dtype: str = "float32") -> None:
        super().__init__(material, threads)
        labels = material.labels
        inputs = material.inputs
        self.tables = [inputs.astype(dtype) if inputs.dtype.kind == "f" else inputs, labels]
        self.model = build(self.row.network).astype(dtype)
        settings = {"momentum": 0.9} if self.row.optimizer == "momentum" else {}
        kind = optim.SGD if settings else optim.Adam
        self.optimizer = kind(self.model, lr=self.row.lr, **settings)
        self.restart()
        self.use_threads(threads)

    def choices(self) -> list[int]:
        return thread_choices(self.threads)

    def use_threads(self, count: int) -> None:
        self.loop = Loop(self.step, threads=count, cache=user_folder())

    def restart(self) -> None:
        for name, parameter in self.model.named_parameters().items():
            refill(parameter, self.material.arrays[name])
        for kept in self.optimizer.state.values():
            for tensor in kept.values():
                refill(tensor, 0.0)
        self.optimizer.steps = 0

    def prepare(self, steps: int) -> None:
        self.order = self.material.order(steps)

    def step(self, x: gn.Tensor, y: gn.Tensor) -> gn.Tensor:
        loss = losses.cross_entropy(self.model(x, training=True), y)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss

    def run(self) -> Any:
        [found] = self.loop(self.tables, self.order)
        return found

    def eager(self, rows: Array) -> float:
        """One step on the reference engine."""
        x, y = (gn.Tensor(table[rows]) for table in self.tables)
        return float(self.step(x, y).item())

    def weights(self) -> list[tuple[Array, Array]]:
        return []
