"""Data sets by name, for the command line."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import ArgumentError, did_you_mean
from ..tensor import Seed
from .dataset import Dataset
from .points import circles, gaussians, moons, spiral, xor
from .shipped import digits, iris
from .surfaces import hills, plane

REAL: dict[str, Callable[[], Dataset]] = {"digits": digits, "iris": iris}
GENERATED: dict[str, Callable[..., Dataset]] = {
    "circles": circles,
    "gaussians": gaussians,
    "hills": hills,
    "moons": moons,
    "plane": plane,
    "spiral": spiral,
    "xor": xor,
}
NAMES: tuple[str, ...] = tuple(sorted((*REAL, *GENERATED)))


def load(name: str, *, seed: Seed = 0) -> Dataset:
    """The data set of this name; `data.NAMES` lists them.

    Args:
        name: such as "digits" or "spiral".
        seed: for generated data; real data is what it is.

    Raises:
        ArgumentError: no data set has this name; the nearest is suggested.

    >>> load("iris")
    Dataset("iris", 150 rows of (4,), classification into 3 classes)
    """
    if name in REAL:
        return REAL[name]()
    if name in GENERATED:
        return GENERATED[name](seed=seed)
    raise ArgumentError(f'no data set "{name}"', mend=did_you_mean(name, NAMES))
