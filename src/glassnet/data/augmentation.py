"""Augmentation: every step sees its images moved a little, differently each time.

All moves together say, for each pixel of the new image, at which place of the old one it looks;
the image is then read once. It is a part of the training step and is compiled with it.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from .. import ops
from ..errors import ArgumentError, ShapeError
from ..tensor import Generator, Tensor, as_tensor, float32, int32, int64
from ..tensor.dtypes import is_float

Array = np.ndarray[Any, Any]
Place = tuple[Tensor, Tensor]  # row and column, in pixels, of shapes that broadcast to (M, H, W)


class Draws:
    """Random numbers for a batch of images: one an image each time, (M, 1, 1), from a key."""

    def __init__(self, key: Tensor, images: int) -> None:
        self.key = key
        self.images = images
        self.count = 0

    def uniform(self, low: float = 0.0, high: float = 1.0) -> Tensor:
        """The next number of each image, uniform on [low, high)."""
        stream = zlib.crc32(f"augmentation {self.count}".encode())
        self.count += 1
        return ops.uniform(self.key, size=(self.images, 1, 1), stream=stream) * (high - low) + low


class Move(Protocol):
    """One way to move an image; `whole` where it moves pixels onto pixels."""

    whole: ClassVar[bool]

    def look(self, y: Tensor, x: Tensor, size: tuple[int, int], draws: Draws) -> Place:
        """Where in the old image the pixels of the new one lie."""


@dataclass(frozen=True, slots=True)
class Flip:
    """The mirror image, in some of the cases: left and right change places, or top and bottom.

    Args:
        axis: "horizontal" or "vertical".
        chance: how often.
    """

    axis: str = "horizontal"
    chance: float = 0.5
    whole: ClassVar[bool] = True

    def __post_init__(self) -> None:
        _check(self.axis in ("horizontal", "vertical"), 'axis is "horizontal" or "vertical"', self)
        _check(0.0 <= self.chance <= 1.0, "0 ≤ chance ≤ 1", self)

    def look(self, y: Tensor, x: Tensor, size: tuple[int, int], draws: Draws) -> Place:
        turned = ops.less(draws.uniform(), self.chance)
        if self.axis == "horizontal":
            return y, ops.where(turned, (size[1] - 1.0) - x, x)
        return ops.where(turned, (size[0] - 1.0) - y, y), x


@dataclass(frozen=True, slots=True)
class Shift:
    """Up to so many whole pixels up or down, and left or right.

    Args:
        pixels: the most in each direction; all from −pixels to pixels are equally likely.
    """

    pixels: int = 2
    whole: ClassVar[bool] = True

    def __post_init__(self) -> None:
        _check(self.pixels >= 0 and self.pixels == int(self.pixels), "pixels: 0, 1, 2, …", self)

    def look(self, y: Tensor, x: Tensor, size: tuple[int, int], draws: Draws) -> Place:
        reach = 2 * self.pixels + 1
        down, right = (ops.floor(draws.uniform(0, reach)) - self.pixels for _ in range(2))
        return y - down, x - right


@dataclass(frozen=True, slots=True)
class Rotate:
    """Up to so many degrees to either side around the centre, read with bilinear weights."""

    degrees: float = 10.0
    whole: ClassVar[bool] = False

    def __post_init__(self) -> None:
        _check(0.0 <= self.degrees <= 180.0, "0 ≤ degrees ≤ 180", self)

    def look(self, y: Tensor, x: Tensor, size: tuple[int, int], draws: Draws) -> Place:
        most = math.radians(self.degrees)
        angle = draws.uniform(-most, most)
        sine, cosine = ops.sin(angle), ops.cos(angle)
        middle, centre = (size[0] - 1) / 2, (size[1] - 1) / 2
        down, right = y - middle, x - centre
        return down * cosine - right * sine + middle, down * sine + right * cosine + centre


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of the image enlarged to the size of the whole, read with bilinear weights.

    Args:
        least: the smallest part's side as a share of the image's; up to 1 all are equally likely.
    """

    least: float = 0.8
    whole: ClassVar[bool] = False

    def __post_init__(self) -> None:
        _check(0.0 < self.least <= 1.0, "0 < least ≤ 1", self)

    def look(self, y: Tensor, x: Tensor, size: tuple[int, int], draws: Draws) -> Place:
        side = draws.uniform(self.least, 1.0)
        top, left = (draws.uniform() * (n - 1.0) * (1.0 - side) for n in size)
        return y * side + top, x * side + left


class Augmentation:
    """Moves applied one after the other to every image that a training step learns from.

    Args:
        moves: `Flip`, `Shift`, `Rotate`, `Crop`, in the order in which they happen.
        fill: what lies outside an image, in the unit of the stored inputs.

    Same seed, same images, on every engine; where all moves are whole, to the last bit. The data
    held out is never augmented.

    >>> from glassnet import Generator, data
    >>> twist = data.Augmentation(data.Flip(), data.Shift(2), data.Rotate(15))
    >>> images = data.digits().inputs[:3].reshape(3, 8, 8, 1)
    >>> twist(images, Generator(0)).shape
    (3, 8, 8, 1)
    """

    def __init__(self, *moves: Move, fill: float = 0.0) -> None:
        wrong = [move for move in moves if not hasattr(move, "look")]
        if wrong or not moves:
            raise ArgumentError(
                "an augmentation is made of moves",
                expected="data.Augmentation(data.Flip(), data.Shift(2), …)",
                received=repr(wrong[0]) if wrong else "none",
            )
        self.moves = moves
        self.fill = fill

    def __repr__(self) -> str:
        filled = [f"fill={self.fill}"] if self.fill else []
        return f"Augmentation({', '.join([*map(repr, self.moves), *filled])})"

    def __call__(self, images: Any, key: Any) -> Tensor:
        """Images (M, H, W, C) ↦ images moved, (M, H, W, C).

        Bytes stay bytes where all moves are whole, and become float32 otherwise.

        Args:
            images: a tensor or an array.
            key: a `Generator`, or its key.

        Raises:
            ShapeError: these are no images.
        """
        found = as_tensor(images)
        if found.ndim != 4:
            raise ShapeError(
                "what is augmented is a batch of images",
                expected="(M, height, width, channels)",
                received=f"{found.shape}",
                mend="give the data set its images as images: inputs.reshape(-1, 28, 28, 1)",
            )
        count, *size, _ = found.shape
        draws = Draws(as_tensor(key.key() if isinstance(key, Generator) else key), count)
        y = _counted(size[0], (1, -1, 1))
        x = _counted(size[1], (1, 1, -1))
        for move in reversed(self.moves):
            y, x = move.look(y, x, (size[0], size[1]), draws)
        if all(move.whole for move in self.moves):
            return _read(found, y, x, self.fill)
        return self._blend(found if is_float(found.dtype) else found.astype(float32), y, x)

    def _blend(self, images: Tensor, y: Tensor, x: Tensor) -> Tensor:
        """Each pixel from the four around its place, the nearer the more."""
        top, left = ops.floor(y), ops.floor(x)
        down, right = y - top, x - left  # from 0 to 1: how far the place lies from (top, left)
        total = images * 0.0
        for i, vertical in enumerate((1.0 - down, down)):
            for j, horizontal in enumerate((1.0 - right, right)):
                weight = (vertical * horizontal).astype(images.dtype)
                pixels = _read(images, top + float(i), left + float(j), self.fill)
                total = total + pixels * weight.reshape((*weight.shape, 1))
        return total


def _counted(length: int, shape: tuple[int, ...]) -> Tensor:
    return Tensor(np.arange(length, dtype=float32).reshape(shape))


def _read(images: Tensor, y: Tensor, x: Tensor, fill: float) -> Tensor:
    """The pixels at whole places (y, x) of each image, (M, H, W, C); `fill` outside."""
    count, height, width, channels = images.shape
    dtype = int32 if count * height * width < 2**31 else int64
    row = ops.minimum(ops.maximum(y, 0.0), height - 1.0)
    column = ops.minimum(ops.maximum(x, 0.0), width - 1.0)
    image = Tensor((np.arange(count) * height * width).astype(dtype).reshape(-1, 1, 1))
    flat = image + row.astype(dtype) * width + column.astype(dtype)  # (M, H, W)
    pixels = ops.gather(images.reshape((count * height * width, channels)), flat)
    inside = ops.logical_and(ops.equal(row, y), ops.equal(column, x))
    inside = inside.reshape((*inside.shape, 1))
    return ops.where(inside, pixels, fill if is_float(images.dtype) else round(fill))


def _check(good: bool, expected: str, move: object) -> None:
    if not good:
        raise ArgumentError("an image cannot be moved so", expected=expected, received=repr(move))
