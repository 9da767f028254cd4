"""Several tensors as one value: what an operation with several results gives."""

from __future__ import annotations

from collections.abc import Sequence

from .dtypes import is_float
from .tensor import Shape, Tensor


class Bundle(Tensor):
    """Tensors side by side; a part that is None stands for zeros, as in a gradient.

    A bundle has no array of its own, and so counts as symbolic.
    """

    __slots__ = ("parts", "shapes")

    def __init__(self, parts: Sequence[Tensor | None], shapes: Sequence[Shape]) -> None:
        present = [part for part in parts if part is not None]
        super().__init__(next((p for p in present if is_float(p.dtype)), present[0]).array)
        self.parts = tuple(parts)
        self.shapes = tuple(shapes)

    @property
    def shape(self) -> tuple[Shape, ...]:  # type: ignore[override]
        return self.shapes

    @property
    def size(self) -> int:
        return sum(part.size for part in self.parts if part is not None)

    @property
    def is_symbolic(self) -> bool:
        return True

    def alone(self, index: int, part: Tensor) -> Bundle:
        """A bundle of this shape with one part only."""
        parts = [part if i == index else None for i in range(len(self.shapes))]
        return Bundle(parts, self.shapes)

    def __add__(self, other: Tensor) -> Bundle:
        assert isinstance(other, Bundle)  # noqa: S101 (gradients of one bundle meet here)
        parts = [_sum(*pair) for pair in zip(self.parts, other.parts, strict=True)]
        return Bundle(parts, self.shapes)


def _sum(a: Tensor | None, b: Tensor | None) -> Tensor | None:
    if a is None or b is None:
        return b if a is None else a
    return a + b
