"""An array in a few numbers: how every engine describes one, and what it looks at."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
SUMMARY = 6  # size, lowest, highest, mean, root mean square, share of zeros


def described(array: Array, bins: int, sample: int) -> Array:
    """The reference: the summary and the counts (SUMMARY + bins,) of a float32 array.

    The counts are of equal bins from the lowest to the highest value; of more than `sample` values
    they are of so many, evenly spread.

    >>> described(np.array([0, 1, 1, 4], "f4"), bins=2, sample=100)[[0, 1, 2, 3, 5, 6, 7]].tolist()
    [4.0, 0.0, 4.0, 1.5, 0.25, 3.0, 1.0]
    """
    x = np.asarray(array, np.float32).reshape(-1)
    low, high, size = x.min(), x.max(), np.float32(x.size)
    with np.errstate(all="ignore"):  # what is not finite lies in some bin
        scale = np.float32(bins) / (high - low if high > low else np.float32(1))
        place = (x[:: distance(x.size, sample)] - low) * scale
        place = np.where(place < bins - 1, place, np.float32(bins - 1))
        counts = np.bincount(np.where(place > 0, place, 0).astype(np.int64), minlength=bins)
        mean, square = x.sum() / size, np.dot(x, x) / size
    summary = [size, low, high, mean, np.sqrt(square), np.sum(x == 0) / size]
    return np.concatenate([summary, counts]).astype(np.float32)


def distance(size: int, sample: int) -> int:
    """From how many values one is looked at, so that at most `sample` are; 1 for all.

    It shares no factor with the size, so that they do not all fall into one channel or one row of
    a picture.
    """
    step = -(-size // sample)
    while math.gcd(step, size) > 1 and size > sample:
        step += 1
    return max(step, 1)
