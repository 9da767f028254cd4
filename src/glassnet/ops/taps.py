"""How a transposed convolution with a stride is cut into plain convolutions, axis by axis."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Taps:
    """Which places of the kernel meet the places stride·u + remainder of one axis, and where.

    Those k with k·dilation ≡ remainder + padding (mod stride): k = first + t·step for t below
    `count`; k meets y at u − shift − t·apart.
    """

    first: int
    step: int
    count: int
    shift: int
    apart: int

    @staticmethod
    def of(remainder: int, padding: tuple[int, int], stride: int, dilation: int, n: int) -> Taps:
        goal, common = remainder + padding[0], math.gcd(dilation, stride)
        step = stride // common
        first = next((k for k in range(step) if (k * dilation - goal) % stride == 0), n)
        count = len(range(first, n, step))
        return Taps(first, step, count, (first * dilation - goal) // stride, dilation // common)

    def frame(self, length: int, lots: int) -> tuple[int, int]:
        """Zeros around y, such that a window at u has the last tap first."""
        reach = (self.count - 1) * self.apart
        before = self.shift + reach
        return before, lots + reach - length - before
