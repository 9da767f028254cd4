"""glassnet with the hand-written step compiled by `gn.compile`, called from a Python loop."""

from __future__ import annotations

from typing import Any

import numpy as np

import glassnet as gn

from ..material import Material
from .glassnet_eager import GlassnetEager

Array = np.ndarray[Any, Any]


class GlassnetStep(GlassnetEager):
    flags = "gn.compile of the whole step"

    def __init__(self, material: Material, threads: int) -> None:
        super().__init__(material, threads)
        self.compiled = gn.compile(self.step)

    def choices(self) -> list[int]:
        return [self.threads]  # glassnet chooses itself

    def run(self) -> Any:
        inputs, labels = self.inputs, self.labels
        return [self.compiled(inputs[index], labels[index]) for index in self.order]

    def losses(self, raw: Any) -> Array:
        return np.array([loss.item() for loss in raw])
