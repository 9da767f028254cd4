"""Equal work: the losses of all contestants against a float64 reference written by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from .contestants.numpy_hand import NumpyHand
from .material import Material

Array = np.ndarray[Any, Any]
TOLERANCE = 1e-3  # float32 sums in another order, over a dozen steps


def reference(material: Material, steps: int) -> Array:
    """The losses of the first steps in float64."""
    exact = NumpyHand(material, threads=1, dtype="float64")
    exact.prepare(steps)
    return exact.losses(exact.run())


def difference(losses: list[float], exact: Array) -> float:
    """The largest relative difference."""
    found = np.asarray(losses, np.float64)
    if found.shape != exact.shape:
        return float("inf")
    return float(np.max(np.abs(found - exact) / np.abs(exact)))


def agrees(losses: list[float], exact: Array) -> bool:
    return difference(losses, exact) <= TOLERANCE
