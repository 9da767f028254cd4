"""Generated numbers to approximate: values of functions at random or evenly spaced points."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError
from ..tensor import Seed, Tensor, float64, generator
from .checks import check_count, check_noise
from .dataset import Dataset

Array = np.ndarray[Any, Any]

# Hills and hollows: centre x, centre y, height, width (standard deviation).
HILLS = ((-0.5, -0.4, 1.0, 0.3), (0.5, 0.5, 0.8, 0.35), (0.4, -0.5, -0.9, 0.3))


def plane(samples: int = 1000, *, noise: float = 0.05, seed: Seed = 0) -> Dataset:
    """z = ½x − ⅓y + ¼, at points uniform on [−1, 1]²: what one linear layer can do.

    Args:
        samples: points.
        noise: standard deviation added to z.
        seed: same seed, same points.
    """
    return _surface("plane", lambda x, y: x / 2.0 - y / 3.0 + 0.25, samples, noise, seed)


def hills(samples: int = 1000, *, noise: float = 0.05, seed: Seed = 0) -> Dataset:
    """z = Σ height · exp(−d²/2width²): two hills and a hollow on [−1, 1]².

    Args:
        samples: points.
        noise: standard deviation added to z.
        seed: same seed, same points.

    >>> hills(samples=100)
    Dataset("hills", 100 rows of (2,), regression to 1 number)
    """

    def height(x: Array, y: Array) -> Array:
        total = np.zeros_like(x)
        for centre_x, centre_y, top, width in HILLS:
            square = (x - centre_x) ** 2 + (y - centre_y) ** 2
            total += top * np.exp(-square / (2.0 * width**2))
        return total

    return _surface("hills", height, samples, noise, seed)


def curve(
    function: Callable[[Any], Any],
    low: float = 0.0,
    high: float = 1.0,
    *,
    samples: int = 200,
    noise: float = 0.0,
    seed: Seed = 0,
    name: str = "curve",
) -> Dataset:
    """(x, f(x)) at `samples` evenly spaced points of [low, high], both ends included.

    Args:
        function: takes a float64 array (samples,), returns as many numbers, as an array or a
            tensor: NumPy's functions may be used, and glassnet's operations.
        low: the left end.
        high: the right end.
        samples: points.
        noise: standard deviation added to f(x).
        seed: of the noise.
        name: what messages and reports call it.

    Raises:
        ArgumentError: low ≥ high, or fewer than two points.
        DataError: f has no finite value somewhere, or not one for each point.

    >>> import numpy as np
    >>> curve(lambda x: np.sin(6 * x) * np.exp(-x))
    Dataset("curve", 200 rows of (1,), regression to 1 number)
    """
    check_count(samples, "samples", least=2)
    check_noise(noise)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ArgumentError(
            "this is no interval", expected="low < high", received=f"low={low}, high={high}"
        )
    x = np.linspace(low, high, samples)
    with np.errstate(all="ignore"):
        values = function(x)
    y = values.numpy() if isinstance(values, Tensor) else np.asarray(values, np.float64)
    if y.shape != x.shape:
        raise DataError(
            "the function gives one number for each point",
            expected=f"shape {x.shape}",
            received=f"shape {y.shape}",
            mend="write it with functions of whole arrays: numpy.sin, not math.sin",
        )
    noisy = y + generator(seed).normal(y.shape, 0.0, noise, dtype=float64)
    return Dataset(x[:, None], noisy, name=name, task="regression", features=("x",))


def _surface(
    name: str, function: Callable[[Array, Array], Array], samples: int, noise: float, seed: Seed
) -> Dataset:
    check_count(samples, "samples", least=2)
    check_noise(noise)
    rng = generator(seed)
    inputs = rng.uniform((samples, 2), -1.0, 1.0, dtype=float64)
    values = function(inputs[:, 0], inputs[:, 1])
    values = values + rng.normal((samples,), 0.0, noise, dtype=float64)
    return Dataset(inputs, values, name=name, task="regression", features=("x", "y"))
