"""Which kernels must have run before which, kept up to date while kernels are joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from .kernel import Kernel


class Ancestors:
    """For each kernel all that it needs, directly or through others, as one bit each.

    Args:
        kernels: in an order in which they can run.
        needs: what a kernel reads from directly.
    """

    def __init__(
        self, kernels: Sequence[Kernel], needs: Callable[[Kernel], Iterable[Kernel]]
    ) -> None:
        self._bits: dict[int, int] = {}  # a kernel's own, and those of kernels joined to it
        self._above: dict[int, int] = {}
        self._places = {id(kernel): place for place, kernel in enumerate(kernels)}
        for place, kernel in enumerate(kernels):
            self._bits[id(kernel)] = 1 << place
            self._above[id(kernel)] = 0
        for kernel in kernels:
            for other in needs(kernel):
                self._above[id(kernel)] |= self._above[id(other)] | self._bits[id(other)]

    def place(self, kernel: Kernel) -> int:
        """Where a kernel stood in the order."""
        return self._places[id(kernel)]

    def needs(self, kernel: Kernel, other: Kernel) -> bool:
        """Must the other have run before?"""
        return bool(self._above[id(kernel)] & self._bits[id(other)])

    def join(self, first: Kernel, second: Kernel) -> None:
        """The two are one from now on, under the name of the first."""
        bits = self._bits[id(first)] | self._bits.pop(id(second))
        above = (self._above[id(first)] | self._above.pop(id(second))) & ~bits
        self._bits[id(first)], self._above[id(first)] = bits, above
        for key, others in self._above.items():
            if others & bits:
                self._above[key] = others | above | bits
