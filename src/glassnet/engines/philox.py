"""Philox4x32-10, the counter-based generator: any word of any stream, in any order.

Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011. The words of a
draw are a pure function of (seed, stream, step, position), so every engine, thread count and
resumed run sees the same bits.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
KEY_INCREMENTS = (0x9E3779B9, 0xBB67AE85)  # golden ratio, √3 − 1
ROUNDS = 10
_MASK = 0xFFFFFFFF

Words = np.ndarray[Any, np.dtype[np.uint32]]
Words64 = np.ndarray[Any, np.dtype[np.uint64]]


def block(counter: tuple[Words, Words, Words, Words], key: tuple[int, int]) -> Words:
    """The four output words of each counter, (n, 4): ten rounds of multiply, swap and xor."""
    even = np.array(counter[::2], np.uint64)  # words 0 and 2, (2, n) …
    odd = np.array(counter[1::2], np.uint64)  # … 1 and 3
    multipliers = np.array(MULTIPLIERS, np.uint64)[:, None]
    for keys in _keys(key):
        product = even * multipliers
        even = (product >> np.uint64(32))[::-1] ^ odd ^ keys
        odd = (product & np.uint64(_MASK))[::-1]
    words = np.stack([even, odd], axis=1).reshape(4, -1)
    return np.ascontiguousarray(words.T, np.uint32)


@functools.lru_cache(maxsize=64)
def _keys(key: tuple[int, int]) -> Words64:
    """Both words of every round's key, (rounds, 2, 1)."""
    rounds = np.arange(ROUNDS, dtype=np.uint64)[:, None]
    words = np.array(key, np.uint64) + rounds * np.array(KEY_INCREMENTS, np.uint64)
    return (words & np.uint64(_MASK))[:, :, None]


def bits(shape: tuple[int, ...], seed: tuple[int, int], stream: int, step: int) -> Words:
    """Word n of a draw is lane n mod 4 of the block with counter (n div 4, 0, stream, step)."""
    count = math.prod(shape)
    index = np.arange((count + 3) // 4, dtype=np.uint32)
    zeros = np.zeros_like(index)
    counter = (
        index,
        zeros,
        np.full_like(index, stream & _MASK),
        np.full_like(index, step & _MASK),
    )
    return block(counter, seed).reshape(-1)[:count].reshape(shape)
