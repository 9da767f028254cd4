"""The letters of a contraction such as `"bij,bjk->bik"`, sorted into their four roles."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ProgramError, ShapeError

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Contraction:
    """A two-operand Einstein sum: out[batch, left, right] = Σ_inner a[…] · b[…]."""

    spec: str
    a: str
    b: str
    out: str
    batch: str  # in both operands and the output
    inner: str  # in both operands, summed away
    left: str  # in `a` and the output only
    right: str  # in `b` and the output only

    @staticmethod
    @functools.cache
    def parse(spec: str) -> Contraction:
        """Reads a spec; ProgramError when a letter has none of the four roles."""
        operands, arrow, out = spec.partition("->")
        a, comma, b = operands.partition(",")
        letters = set(a) | set(b) | set(out)
        batch = "".join(c for c in out if c in a and c in b)
        inner = "".join(c for c in a if c in b and c not in out)
        left = "".join(c for c in out if c in a and c not in b)
        right = "".join(c for c in out if c in b and c not in a)
        distinct = all(len(set(term)) == len(term) for term in (a, b, out))
        covered = letters == set(batch + inner + left + right)
        if not (arrow and comma and distinct and covered):
            raise ProgramError(
                f'"{spec}" is not a contraction of two operands',
                expected='each letter once per term, as in "bij,bjk->bik"; '
                "a letter of one operand alone must stay in the output",
            )
        return Contraction(spec, a, b, out, batch, inner, left, right)

    def sizes(self, a: tuple[int, ...], b: tuple[int, ...]) -> dict[str, int]:
        """The length of each letter; ShapeError when the operands disagree."""
        sizes: dict[str, int] = {}
        for letters, shape in ((self.a, a), (self.b, b)):
            if len(letters) != len(shape):
                raise ShapeError(f'"{self.spec}" does not fit {a} and {b}')
            for letter, size in zip(letters, shape, strict=True):
                if sizes.setdefault(letter, size) != size:
                    raise ShapeError(f'"{self.spec}": axis {letter} differs in {a} and {b}')
        return sizes

    def shape(self, a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
        """The output's shape."""
        sizes = self.sizes(a, b)
        return tuple(sizes[letter] for letter in self.out)

    def matmul(self, a: Array, b: Array) -> Array:
        """The contraction as one (batched) matrix product: (batch, left, inner)·(…, right)."""
        sizes = self.sizes(a.shape, b.shape)

        def length(letters: str) -> int:
            return math.prod(sizes[c] for c in letters)

        batch = tuple(sizes[c] for c in self.batch)
        order = self.batch + self.left + self.inner
        lhs = a.transpose([self.a.index(c) for c in order])
        lhs = lhs.reshape((*batch, length(self.left), length(self.inner)))
        order = self.batch + self.inner + self.right
        rhs = b.transpose([self.b.index(c) for c in order])
        rhs = rhs.reshape((*batch, length(self.inner), length(self.right)))
        order = self.batch + self.left + self.right
        product = np.matmul(lhs, rhs).reshape([sizes[c] for c in order])
        turned: Array = product.transpose([order.index(c) for c in self.out])
        return turned
