"""Small images as PNG, without any library: a header, the compressed rows, checksums."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

from ..errors import ShapeError

Array = np.ndarray[Any, Any]
_KINDS = {1: 0, 3: 2, 4: 6}  # channels → colour type: grey, colours, colours with opacity


def png(image: Any) -> bytes:
    r"""An image (height, width) or (height, width, 1, 3 or 4 channels) of bytes as a PNG.

    Raises:
        ShapeError: another shape, or nothing in it.

    >>> png(np.zeros((8, 8), np.uint8))[:8]
    b'\x89PNG\r\n\x1a\n'
    """
    array = np.asarray(image, np.uint8)
    pixels = array[..., None] if array.ndim == 2 else array
    if pixels.ndim != 3 or pixels.shape[2] not in _KINDS or not pixels.size:
        raise ShapeError(
            "an image has rows, columns and channels",
            expected="(height, width), or (height, width, 1 | 3 | 4)",
            received=f"{array.shape}",
        )
    height, width, channels = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, _KINDS[channels], 0, 0, 0)
    # Each row begins with a byte that says its numbers are meant as they are.
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def to_bytes(image: Any, low: float, high: float) -> Array:
    """Numbers from `low` to `high` as bytes from 0 to 255, what lies beyond cut off."""
    scaled = (np.asarray(image, np.float64) - low) / ((high - low) or 1.0)
    return np.asarray(np.clip(np.rint(255 * scaled), 0, 255), np.uint8)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
