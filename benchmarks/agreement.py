"""Equal work: the losses of all contestants against a reference in float64.

Of linear layers it is written by hand, of deeper networks it is glassnet's reference engine.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .contestants.numpy_hand import NumpyHand
from .material import Material
from .networks import NetworkRow, exact_losses

Array = np.ndarray[Any, Any]
EARLY, EARLY_TOLERANCE = 3, 1e-4  # steps before rounding has been learned from
# Later on it has: a ReLU at the edge of 0 falls to the other side, and Adam's first steps follow
# the sign of a gradient, however small.
TOLERANCE = 5e-3


def reference(material: Material, steps: int) -> Array:
    """The losses of the first steps in float64."""
    if isinstance(material.row, NetworkRow):
        return exact_losses(material, steps)
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
    """Whether the first losses are equal but for rounding, and all of them nearly so."""
    early = difference(losses[:EARLY], exact[:EARLY]) <= EARLY_TOLERANCE
    return early and difference(losses, exact) <= TOLERANCE
