"""IDX, the format of MNIST and its relatives: a short header, then one array of numbers."""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..errors import DataError, FileFormatError
from .dataset import Dataset
from .places import Readable

Array = np.ndarray[Any, Any]

# The header's third byte says what the numbers are; they are big-endian.
TYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(">u1"),
    0x09: np.dtype(">i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
GZIP = b"\x1f\x8b"
MOST_SHRUNK = 1032  # no deflated byte stands for more bytes than this
CHUNK = 1 << 20


def read_idx(path: str | os.PathLike[str]) -> Array:
    """The array in an IDX file, plain or gzip, in this machine's byte order.

    Nothing is believed that the file does not hold: memory is taken as its bytes arrive, and a
    header that promises more than can come is refused before any.

    Raises:
        FileFormatError: not an IDX file; cut short; followed by more; damaged.

    Source: LeCun, Cortes and Burges, The MNIST database, http://yann.lecun.com/exdb/mnist/.

    >>> import pathlib, tempfile
    >>> header = bytes([0, 0, 8, 2]) + (1).to_bytes(4, "big") + (3).to_bytes(4, "big")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "three-idx2-ubyte"
    ...     _ = path.write_bytes(header + bytes([7, 8, 9]))
    ...     read_idx(path).tolist()
    [[7, 8, 9]]
    """
    place = Path(path)
    with Readable(place, "an IDX file"), place.open("rb") as stored:
        size = os.fstat(stored.fileno()).st_size
        packed = stored.read(2) == GZIP
        stored.seek(0)
        if not packed:
            return _array(stored, size, place)
        try:
            with gzip.open(stored) as stream:
                return _array(stream, MOST_SHRUNK * size, place)  # type: ignore[arg-type] # reads
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise _wrong(place, "a whole gzip file", str(error)) from None


def idx(folder: str | os.PathLike[str], part: str = "train") -> Dataset:
    """A part of a data set of images that lies in a folder as MNIST does.

    The files are `PART-images-idx3-ubyte` and `PART-labels-idx1-ubyte`, with or without `.gz`.
    Images (rows, height, width, 1) stay bytes in memory and reach the network as 0 … 1.

    Args:
        folder: where the files lie.
        part: what their names begin with: "train", "t10k", "valid"; see `idx_parts`.

    Raises:
        FileFormatError: a file is missing, or not what it should be.
        DataError: images and labels are not of the same number.
    """
    place = Path(folder)
    images = read_idx(_file(place, f"{part}-images-idx"))
    labels = read_idx(_file(place, f"{part}-labels-idx"))
    if images.ndim not in (3, 4) or labels.ndim != 1:
        raise DataError(
            "these are no images with their labels",
            expected="images (rows, height, width[, channels]) and labels (rows,)",
            received=f"images {images.shape}, labels {labels.shape}",
            where=str(place),
        )
    images = images.reshape(*images.shape[:3], -1)
    shape = images.shape[1:]
    return Dataset(images, labels, name=f"{place.name} {part}", image_shape=shape)


def idx_parts(folder: str | os.PathLike[str]) -> tuple[str, ...]:
    """The parts that lie in a folder, such as ("t10k", "train"); empty if it holds none.

    >>> idx_parts(".")
    ()
    """
    found = Path(folder).glob("*-images-idx*")
    return tuple(sorted({path.name.partition("-images-idx")[0] for path in found}))


def _file(folder: Path, beginning: str) -> Path:
    found = sorted(folder.glob(f"{beginning}[1-9]-*"))
    if not found:
        raise FileFormatError(
            f"{folder} has no file {beginning}…",
            expected=f"{beginning}N-ubyte or {beginning}N-ubyte.gz",
            received=", ".join(idx_parts(folder)) or "no IDX files",
            mend="data.idx_parts(folder) names the parts that are there",
        )
    return found[0]


def _array(stream: BinaryIO, most: int, path: Path) -> Array:
    """The one array of a stream that holds at most so many bytes."""
    start = stream.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in TYPES or not start[3]:
        received = start.hex(" ") or "nothing"
        raise _wrong(path, "0 0, a type from 8 to 14, the number of axes", received)
    dtype, axes = TYPES[start[2]], start[3]
    sizes = stream.read(4 * axes)
    if len(sizes) < 4 * axes:
        raise _wrong(path, f"the sizes of {axes} axes", f"{len(sizes)} bytes of {4 * axes}")
    shape = struct.unpack(f">{axes}I", sizes)
    promised = dtype.itemsize * math.prod(shape)
    what = f"{promised:,} bytes for the shape {shape}"
    if axes > 8 or promised > most:
        raise _wrong(path, f"{what}, of which the header speaks", "a file that cannot hold them")
    content = _read(stream, promised + 1)
    if len(content) != promised:
        more = len(content) > promised
        raise _wrong(path, what, "more bytes" if more else f"{len(content):,} bytes")
    numbers = np.frombuffer(content, dtype).reshape(shape)
    return numbers.astype(dtype.newbyteorder("="), copy=False)


def _read(stream: BinaryIO, count: int) -> bytearray:
    """So many bytes, or all there are; memory grows with what has come."""
    content = bytearray()
    while len(content) < count:
        chunk = stream.read(min(CHUNK, count - len(content)))
        if not chunk:
            break
        content += chunk
    return content


def _wrong(path: Path, expected: str, received: str) -> FileFormatError:
    return FileFormatError(
        f"{path.name} is not a whole IDX file",
        expected=expected,
        received=received,
        where=str(path),
        mend="fetch the file again",
    )
