"""Images from files: a folder of pictures for each class."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError, FileFormatError
from .dataset import Dataset
from .libraries import pillow
from .places import Readable

Array = np.ndarray[Any, Any]
Size = tuple[int, int]  # height, width
ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
PURPOSE = "reading images"
MODES = {1: "L", 3: "RGB"}


def images(
    folder: str | os.PathLike[str], *, size: Size | None = None, channels: int | None = None
) -> Dataset:
    """A folder of images as a data set: each folder in it is a class, called as it is.

    Images stay bytes in memory, (rows, height, width, channels), and reach the network as 0 … 1.
    Files of other kinds, and those whose name begins with a dot, are left aside.

    Args:
        folder: what holds a folder for each class, with images in it.
        size: (height, width) that every image is brought to; left out, all must have the same.
        channels: 1 for grey, 3 for colour; left out, grey if every image is grey.

    Raises:
        FileFormatError: no such folder; images that cannot be read, all of them named.
        DataError: no classes, a class without images, or images of different sizes.
        MissingDependencyError: Pillow is not installed.
    """
    if channels is not None and channels not in MODES:
        raise ArgumentError("an image is grey or in colour", expected="channels=1 or 3",
                            received=f"channels={channels!r}")  # fmt: skip
    place = Path(folder)
    with Readable(place, "a folder with a folder of images for each class"):
        classes = sorted(p.name for p in place.iterdir() if p.is_dir() and not _hidden(p))
        files = [image_files(place / name) for name in classes]
    empty = [name for name, found in zip(classes, files, strict=True) if not found]
    if len(classes) < 2 or empty:
        raise DataError(
            "this is no folder of images in classes",
            expected="a folder for each of at least two classes, with images in it: "
            f"{', '.join(ENDINGS)}",
            received=f'no images in "{empty[0]}"' if empty else f"{len(classes)} folders",
            where=str(place),
        )
    labels = np.repeat(np.arange(len(classes)), [len(found) for found in files])
    pixels = read_images([file for found in files for file in found], size, channels)
    return Dataset(
        pixels, labels, name=place.resolve().name, classes=classes, image_shape=pixels.shape[1:]
    )


def image_files(folder: Path) -> list[Path]:
    """The image files in a folder, sorted by name."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in ENDINGS and path.is_file() and not _hidden(path)
    )


def read_images(
    files: Sequence[Path], size: Size | None = None, channels: int | None = None
) -> Array:
    """The pixels of images as bytes (rows, height, width, channels).

    Raises:
        FileFormatError: files that cannot be read, all of them named.
        DataError: images of different sizes, where no size is given.
    """
    heads = [_head(path) for path in files]
    broken = [str(path) for path, head in zip(files, heads, strict=True) if head is None]
    sizes = {head[0]: path for path, head in zip(files, heads, strict=True) if head is not None}
    if not broken and size is None and len(sizes) > 1:
        (first, one), (second, other) = list(sizes.items())[:2]
        raise DataError(
            "the images are of different sizes",
            expected="one size, or the size to bring them to",
            received=f"{one.name} of {first}, {other.name} of {second} (height, width)",
            mend=f"size={first} brings all to that size; on the command line --size "
            f"{first[0]},{first[1]}",
        )
    channels = channels or (1 if all(head is not None and head[1] for head in heads) else 3)
    height, width = size or next(iter(sizes), (1, 1))
    pixels = np.empty((len(files), height, width, channels), np.uint8)
    for row, path in enumerate(files):
        if heads[row] is not None and not _decode(path, pixels[row]):
            broken.append(str(path))
    if broken:
        more = f" and {len(broken) - 5} more" if len(broken) > 5 else ""
        raise FileFormatError(
            f"{len(broken)} of {len(files)} images cannot be read",
            expected="whole image files",
            received="\n".join(broken[:5]) + more,
            mend="mend them, or move them out of the folder",
        )
    return pixels


def _head(path: Path) -> tuple[Size, bool] | None:
    """Size and whether it is grey, from the beginning of the file; None if it is broken."""
    try:
        with _opened(path) as image:
            turned = image.getexif().get(0x0112, 1) >= 5  # on its side
            width, height = image.size[::-1] if turned else image.size
            return (height, width), image.mode in ("1", "L", "LA", "I;16", "I")
    except _broken():
        return None


def _decode(path: Path, target: Array) -> bool:
    """Whether the image could be read into the target."""
    from PIL import ImageOps

    height, width, channels = target.shape
    try:
        with _opened(path) as image:
            upright = ImageOps.exif_transpose(image)
            if upright.mode in ("I", "I;16"):  # 16 bits a pixel, of which the upper 8 are kept
                upright = pillow(PURPOSE).fromarray((np.asarray(upright) >> 8).astype(np.uint8))
            plain = upright.convert(MODES[channels])
            if plain.size != (width, height):
                smooth = pillow(PURPOSE).Resampling.BILINEAR
                plain = plain.resize((width, height), smooth, reducing_gap=3.0)
            target[...] = np.asarray(plain).reshape(target.shape)
    except _broken():
        return False
    return True


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The image in a file; too large a one is an error, and odd notes in it are left unsaid."""
    library = pillow(PURPOSE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", library.DecompressionBombWarning)
        with library.open(path) as image:
            yield image


def _broken() -> tuple[type[Exception], ...]:
    """What a broken image file may lead to in Pillow."""
    library = pillow(PURPOSE)
    return (
        OSError, SyntaxError, ValueError, EOFError, TypeError, IndexError, KeyError,
        OverflowError, MemoryError, library.DecompressionBombError,
        library.DecompressionBombWarning,
    )  # fmt: skip


def _hidden(path: Path) -> bool:
    return path.name.startswith(".")
