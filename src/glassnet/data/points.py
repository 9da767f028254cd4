"""Generated points of the plane in classes, from easy to hard for the boundary between them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..tensor import Generator, Seed, float64, generator
from .checks import check_count, check_noise
from .dataset import Dataset

Array = np.ndarray[Any, Any]


def gaussians(
    samples: int = 1000, *, classes: int = 2, noise: float = 0.4, seed: Seed = 0
) -> Dataset:
    """Round clouds around points spaced evenly on a circle of radius 2.

    With the default noise two clouds are ten deviations apart: a straight line parts them.

    Args:
        samples: points in all, the same number in each class to within one.
        classes: clouds.
        noise: standard deviation of both coordinates of a point around its centre.
        seed: same seed, same points.

    >>> gaussians(samples=100, classes=3)
    Dataset("gaussians", 100 rows of (2,), classification into 3 classes)
    """
    check_count(classes, "classes", least=2)
    check_count(samples, "samples", least=classes)
    check_noise(noise)
    labels = np.arange(samples) % classes
    angle = 2.0 * math.pi * labels / classes
    return _points("gaussians", 2.0 * _circle(angle), labels, noise, generator(seed), classes)


def xor(samples: int = 1000, *, noise: float = 0.05, seed: Seed = 0) -> Dataset:
    """The four quadrants of a square, opposite ones of the same class: no line parts them.

    Points are uniform on 0.15 ≤ |x|, |y| ≤ 1 before the noise is added; class 1 where x·y < 0.
    """
    check_count(samples, "samples", least=2)
    check_noise(noise)
    rng = generator(seed)
    labels = np.arange(samples) % 2
    x = rng.uniform((samples,), 0.15, 1.0, dtype=float64)
    y = rng.uniform((samples,), 0.15, 1.0, dtype=float64)
    side = np.where(rng.uniform((samples,)) < 0.5, -1.0, 1.0)
    corner = np.stack([side * x, side * y * np.where(labels == 0, 1.0, -1.0)], axis=1)
    return _points("xor", corner, labels, noise, rng, 2)


def circles(
    samples: int = 1000, *, factor: float = 0.5, noise: float = 0.08, seed: Seed = 0
) -> Dataset:
    """A circle of radius 1 and one of radius `factor` inside it: a boundary must close.

    Args:
        samples: points in all, half on each circle.
        factor: radius of the inner circle, between 0 and 1.
        noise: standard deviation added to both coordinates.
        seed: same seed, same points.
    """
    check_count(samples, "samples", least=2)
    check_noise(noise)
    if not 0.0 < factor < 1.0:
        raise ArgumentError(
            "the inner radius is out of range", expected="0 < factor < 1", received=f"{factor}"
        )
    rng = generator(seed)
    labels = np.arange(samples) % 2
    angle = rng.uniform((samples,), 0.0, 2.0 * math.pi, dtype=float64)
    radius = np.where(labels == 0, 1.0, factor)
    return _points("circles", radius[:, None] * _circle(angle), labels, noise, rng, 2)


def moons(samples: int = 1000, *, noise: float = 0.1, seed: Seed = 0) -> Dataset:
    """Two half circles of radius 1 that reach into each other.

    Upper: (cos φ, sin φ); lower: (1 − cos φ, ½ − sin φ); φ uniform on [0, π].
    """
    check_count(samples, "samples", least=2)
    check_noise(noise)
    rng = generator(seed)
    labels = np.arange(samples) % 2
    upper = _circle(rng.uniform((samples,), 0.0, math.pi, dtype=float64))
    lower = np.array([1.0, 0.5]) - upper
    return _points("moons", np.where(labels[:, None] == 0, upper, lower), labels, noise, rng, 2)


def spiral(
    samples: int = 1000,
    *,
    arms: int = 2,
    turns: float = 1.5,
    noise: float = 0.1,
    seed: Seed = 0,
) -> Dataset:
    """Arms wound around each other, a class each: the boundary must wind with them.

    Arm k: r = ½ + arms·turns·u and φ = 2π(turns·u + k/arms), u uniform on [0, 1]. The unit of
    length is the distance between neighbouring arms, whatever their number.

    Args:
        samples: points in all, the same number on each arm to within one.
        arms: classes.
        turns: how often an arm winds around the centre.
        noise: standard deviation added to both coordinates, in distances between arms.
        seed: same seed, same points.

    >>> spiral(seed=0)
    Dataset("spiral", 1000 rows of (2,), classification into 2 classes)
    """
    check_count(arms, "arms", least=2)
    check_count(samples, "samples", least=arms)
    check_noise(noise)
    if not (math.isfinite(turns) and turns > 0.0):
        raise ArgumentError("an arm winds", expected="turns > 0", received=f"turns={turns}")
    rng = generator(seed)
    labels = np.arange(samples) % arms
    u = rng.uniform((samples,), dtype=float64)
    radius = 0.5 + arms * turns * u
    angle = 2.0 * math.pi * (turns * u + labels / arms)
    return _points("spiral", radius[:, None] * _circle(angle), labels, noise, rng, arms)


def _circle(angle: Array) -> Array:
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _points(
    name: str, centres: Array, labels: Array, noise: float, rng: Generator, classes: int
) -> Dataset:
    moved = centres + rng.normal(centres.shape, 0.0, noise, dtype=float64)
    names = tuple(str(i) for i in range(classes))
    return Dataset(moved, labels, name=name, classes=names, features=("x", "y"))
