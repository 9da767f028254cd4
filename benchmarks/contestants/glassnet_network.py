"""glassnet's own networks, the loop compiled as `fit` runs it: one native call for all steps."""

from __future__ import annotations

from typing import Any

import numpy as np

import glassnet as gn
from glassnet import nn

from ..material import Material
from ..networks import build
from .glassnet_loop import GlassnetLoop

Array = np.ndarray[Any, Any]


class GlassnetNetwork(GlassnetLoop):
    note = (
        "where it pays, 3×3 convolutions by Winograd's products: a quarter of the multiplications "
        "that GFLOP/s counts"
    )

    def __init__(self, material: Material, threads: int, dtype: str = "float32") -> None:
        self.dtype = dtype
        super().__init__(material, threads)
        if self.inputs.dtype.kind == "f":
            self.inputs = self.inputs.astype(dtype)

    def build(self) -> nn.Module:
        return build(self.row.network).astype(self.dtype)

    def initial(self) -> dict[str, Array]:
        return self.material.arrays

    def eager(self, rows: Array) -> float:
        """One step on the reference engine."""
        return float(self.step(gn.Tensor(self.inputs[rows]), gn.Tensor(self.labels[rows])).item())

    def weights(self) -> list[tuple[Array, Array]]:
        return []
