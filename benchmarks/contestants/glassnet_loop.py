"""glassnet with the loop itself compiled, as `fit` runs it: one native call for all steps."""

from __future__ import annotations

from typing import Any

from glassnet.compilation.loop import Loop
from glassnet.engines.native import user_folder

from ..material import Material
from .glassnet_eager import GlassnetEager


class GlassnetLoop(GlassnetEager):
    flags = "the whole step traced and compiled; batches gathered by index inside"

    def __init__(self, material: Material, threads: int) -> None:
        super().__init__(material, threads)
        self.use_threads(threads)

    def choices(self) -> list[int]:
        return [self.threads]  # glassnet chooses itself, and again whenever the machine changes

    def use_threads(self, count: int) -> None:
        self.loop = Loop(self.step, threads=count, cache=user_folder())

    def run(self) -> Any:
        [losses] = self.loop([self.inputs, self.labels], self.order)
        return losses
