"""The product alone: NumPy, that is, its BLAS."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..material import Material
from .base import Contestant

Array = np.ndarray[Any, Any]


class MatmulNumpy(Contestant):
    """C = A·B with A (m, k) and B (k, n); k and n are the row's widths, m its batch."""

    flags = "out="

    def __init__(self, material: Material, threads: int) -> None:
        super().__init__(material, threads)
        self.a = np.ascontiguousarray(material.inputs[: self.row.batch])
        self.b = np.ascontiguousarray(material.arrays["w0"].T)
        self.c = np.empty((self.row.batch, self.row.widths[1]), np.float32)

    def restart(self) -> None:
        """Nothing is learned here."""

    def prepare(self, steps: int) -> None:
        self.steps = steps

    def run(self) -> Any:
        for _ in range(self.steps):
            np.matmul(self.a, self.b, out=self.c)
        return self.c

    def losses(self, raw: Any) -> Array:
        """A checksum of the product in the place of each step's loss."""
        return np.full(self.steps, checksum(np.asarray(raw)))

    def weights(self) -> list[tuple[Array, Array]]:
        return []


def checksum(product: Array) -> float:
    """Mean of squares: notices a wrong element, keeps its size."""
    return float(np.square(product, dtype=np.float64).mean())
