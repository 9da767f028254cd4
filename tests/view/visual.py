"""Whether a picture looks as it did: small PNGs compared tile by tile."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from glassnet.view import Picture

Array = np.ndarray[Any, Any]
Looks = Callable[..., None]

REFERENCES = Path(__file__).with_name("references")
DPI = 48
LARGEST = 10_000  # bytes of a reference
TILE = 8  # pixels: a letter or two
# Of 255, the mean over the tile that differs most: the stored colours are rounded, which gives up
# to 5, and edges may soften a little; a digit exchanged gives more than 30 (test_visual.py).
TOLERANCE = 14.0


def pixels(png: bytes) -> Array:
    """The image (height, width, 3), from 0 to 255."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), np.float64)


def difference(first: Array, second: Array) -> float:
    """How much two images differ where they differ most; infinite where their sizes do."""
    if any(abs(a - b) > 1 for a, b in zip(first.shape, second.shape, strict=True)):
        return np.inf
    height, width = np.minimum(first.shape, second.shape)[:2]
    apart = np.abs(first[:height, :width] - second[:height, :width]).max(axis=2)
    padded = np.pad(apart, [(0, -height % TILE), (0, -width % TILE)])
    tiles = padded.reshape(len(padded) // TILE, TILE, -1, TILE)
    return float(tiles.mean(axis=(1, 3)).max())


def compare(picture: Picture, name: str, *, dark: bool, update: bool, dpi: int = DPI) -> float:
    """The difference of a picture from its reference, which is written first where wanted."""
    path = REFERENCES / f"{name}.png"
    png = picture.png(dpi, dark=dark)
    if update:
        path.parent.mkdir(exist_ok=True)
        small = Image.open(io.BytesIO(png)).convert("RGB").quantize(256)
        small.save(path, "PNG", optimize=True)
        assert path.stat().st_size <= LARGEST, f"{name}: {path.stat().st_size} bytes"
    return difference(pixels(path.read_bytes()), pixels(png)) if path.exists() else np.inf
