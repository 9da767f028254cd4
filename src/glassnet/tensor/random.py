"""Random numbers without hidden state: a seed, a stream and a counter give the bits.

All draws are words of Philox4x32-10 (see `engines/philox.py`), so the same seed gives the same
bits on every engine, with any number of threads, and after a resumed run.
"""

from __future__ import annotations

import math
import zlib
from typing import Any

import numpy as np

from ..engines import philox
from ..errors import ArgumentError
from .dtypes import DType, float32, float64

Array = np.ndarray[Any, Any]
_MASK = 0xFFFFFFFF


class Generator:
    """A reproducible source of random numbers: `Generator(seed)`.

    Every draw takes the next step of the stream; `fork` opens an independent stream whose
    numbers do not depend on how much was drawn from this one.

    Args:
        seed: any integer from 0 to 2⁶⁴ − 1.

    Raises:
        ArgumentError: the seed is not such an integer.

    >>> rng = Generator(0)
    >>> rng.uniform((2,)).round(3).tolist() == Generator(0).uniform((2,)).round(3).tolist()
    True
    >>> sorted(rng.permutation(4).tolist())
    [0, 1, 2, 3]
    """

    __slots__ = ("seed", "step", "stream")

    def __init__(self, seed: int, *, stream: int = 0, step: int = 0) -> None:
        whole = hasattr(seed, "__index__") and not isinstance(seed, bool)
        if not whole or not 0 <= int(seed) < 2**64:
            raise ArgumentError(
                "a seed is a whole number",
                expected="an integer from 0 to 2**64 - 1",
                received=repr(seed),
            )
        self.seed = int(seed)
        self.stream = stream & _MASK
        self.step = step

    def __repr__(self) -> str:
        return f"Generator(seed={self.seed}, stream={self.stream}, step={self.step})"

    def fork(self, name: int | str) -> Generator:
        """An independent stream, told apart by a number or a name."""
        label = name if isinstance(name, str) else str(int(name))
        return Generator(self.seed, stream=zlib.crc32(label.encode(), self.stream))

    def next_key(self, ahead: int = 0) -> Array:
        """The key of the next draw, or of one after it: (seed low, seed high, step).

        It is what the engines' `random_bits` takes.
        """
        step = (self.step + ahead) & _MASK
        return np.array([self.seed & _MASK, self.seed >> 32, step], np.uint32)

    def next_keys(self, draws: int) -> Array:
        """The keys of so many draws that come next (draws, 3)."""
        keys = np.empty((draws, 3), np.uint32)
        keys[:, 0], keys[:, 1] = self.seed & _MASK, self.seed >> 32
        keys[:, 2] = (self.step + np.arange(draws)) & _MASK
        return keys

    def advance(self, draws: int = 1) -> None:
        """Leaves so many draws out."""
        self.step += draws

    def key(self) -> Array:
        """The next draw's key, which is then used up."""
        key = self.next_key()
        self.advance()
        return key

    def bits(self, shape: tuple[int, ...]) -> Array:
        """uint32 words, each of their 2³² values equally likely."""
        low, high, step = (int(word) for word in self.key())
        return philox.bits(shape, (low, high), self.stream, step)

    def uniform(
        self,
        shape: tuple[int, ...] = (),
        low: float = 0.0,
        high: float = 1.0,
        dtype: DType = float32,
    ) -> Array:
        """Uniform on [low, high): 24 random bits a number in float32, 53 in float64."""
        if dtype == float64:
            words = self.bits((*shape, 2)).astype(np.uint64)
            fraction = (
                (words[..., 0] << np.uint64(32) | words[..., 1]) >> np.uint64(11)
            ) * 2.0**-53
        else:
            fraction = (self.bits(shape) >> np.uint32(8)).astype(float32) * float32.type(2.0**-24)
        values = low + (high - low) * fraction
        # Rounding may reach `high`, which the interval leaves out.
        below = np.nextafter(high, low, dtype=dtype)
        return np.asarray(np.minimum(values, below), dtype)

    def normal(
        self,
        shape: tuple[int, ...] = (),
        mean: float = 0.0,
        deviation: float = 1.0,
        dtype: DType = float32,
    ) -> Array:
        """Normal numbers by Box and Muller (1958): √(−2 ln u) · cos 2πv."""
        u, v = (self.uniform(shape, dtype=float64) for _ in range(2))
        standard = np.sqrt(-2.0 * np.log1p(-u)) * np.cos(2.0 * math.pi * v)
        return np.asarray(mean + deviation * standard, dtype)

    def integers(self, low: int, high: int, shape: tuple[int, ...] = ()) -> Array:
        """int64 numbers from `low` to `high` − 1, all equally likely to within 2⁻⁵³."""
        if low >= high:
            raise ArgumentError(f"no integer is ≥ {low} and < {high}", expected="low < high")
        steps = np.floor(self.uniform(shape, dtype=float64) * (high - low))
        return np.asarray(low + steps, np.int64)

    def permutation(self, count: int) -> Array:
        """0 … count − 1 in random order: the order of `count` random words of 64 bits."""
        words = self.bits((count, 2)).astype(np.uint64)
        return np.argsort(words[:, 0] << np.uint64(32) | words[:, 1], kind="stable")


Seed = int | Generator


def generator(seed: Seed) -> Generator:
    """The generator itself, or a new one for an integer seed."""
    return seed if isinstance(seed, Generator) else Generator(seed)
