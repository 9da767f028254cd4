"""Philox4x32-10, the counter-based generator: any word of any stream, in any order.

Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011. The words of a
draw are a pure function of (seed, stream, step, position), so every engine, thread count and
resumed run sees the same bits.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
KEY_INCREMENTS = (0x9E3779B9, 0xBB67AE85)  # golden ratio, √3 − 1
ROUNDS = 10
_MASK = 0xFFFFFFFF

Words = np.ndarray[Any, np.dtype[np.uint32]]


def block(counter: tuple[Words, Words, Words, Words], key: tuple[int, int]) -> Words:
    """The four output words of each counter, (n, 4): ten rounds of multiply, swap and xor."""
    c0, c1, c2, c3 = (word.astype(np.uint64) for word in counter)
    k0, k1 = key
    low = np.uint64(_MASK)
    for _ in range(ROUNDS):
        product0 = c0 * np.uint64(MULTIPLIERS[0])
        product1 = c2 * np.uint64(MULTIPLIERS[1])
        c0, c1, c2, c3 = (
            (product1 >> np.uint64(32)) ^ c1 ^ np.uint64(k0),
            product1 & low,
            (product0 >> np.uint64(32)) ^ c3 ^ np.uint64(k1),
            product0 & low,
        )
        k0 = (k0 + KEY_INCREMENTS[0]) & _MASK
        k1 = (k1 + KEY_INCREMENTS[1]) & _MASK
    return np.stack([c0, c1, c2, c3], axis=-1).astype(np.uint32)


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
