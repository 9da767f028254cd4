"""NumPy's own files, .npy and .npz, as data."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError, FileFormatError
from .dataset import Dataset, Task
from .places import Readable

Array = np.ndarray[Any, Any]
INPUTS = ("inputs", "x", "X", "images", "x_train")
TARGETS = ("targets", "y", "labels", "y_train")


def npz(path: str | os.PathLike[str], *, task: Task | None = None) -> Dataset:
    """An .npz file with an array of inputs and an array of targets as a data set.

    The arrays are called inputs, x, X or images, and targets, y or labels; `classes`, where it is
    there, names the classes. Labels may be words.

    Args:
        path: a file written by numpy.savez.
        task: see `Dataset`.

    Raises:
        FileFormatError: it cannot be read, or is no such file.
        DataError: the arrays are missing, or are no data.
    """
    place = Path(path)
    found = read_arrays(place)
    inputs = numeric(choose(found, INPUTS, place), place)
    targets, classes = choose(found, TARGETS, place, alone=False), found.get("classes", ())
    if targets.dtype.kind in "US":
        classes, targets = np.unique(targets.astype(str), return_inverse=True)
    return Dataset(inputs, targets, name=place.stem, task=task, classes=tuple(map(str, classes)))


def read_arrays(path: Path) -> dict[str, Array]:
    """The arrays of an .npz file by name; that of an .npy file as "inputs".

    Files that would run code as they are read, of Python's pickles, are refused.

    Raises:
        FileFormatError: it cannot be read, or is not NumPy's.
    """
    with Readable(path, "an array of NumPy"), path.open("rb") as stream:
        try:
            content = np.load(stream, allow_pickle=False)
            if isinstance(content, np.ndarray):
                return {"inputs": content}
            with content:
                return {name: content[name] for name in content.files}
        except _signs_of_damage() as error:
            raise FileFormatError(
                f"{path.name} is not an array of NumPy",
                expected="a file written by numpy.save or numpy.savez, with numbers",
                received=str(error).partition("\n")[0][:80],
            ) from None


def choose(
    found: dict[str, Array], names: Sequence[str], path: Path, *, alone: bool = True
) -> Array:
    """The array of the first of these names; or the only one that there is."""
    for name in names:
        if name in found:
            return found[name]
    if alone and len(found) == 1:
        return next(iter(found.values()))
    raise DataError(
        f"{path.name} holds {'several arrays, ' if len(found) > 1 else ''}none of them named "
        f"{names[0]}",
        expected=("one array, or " if alone else "") + f"one that is named {', '.join(names[:-1])}",
        received=", ".join(found) or "none",
    )


def numeric(array: Array, path: Path) -> Array:
    """The array, if it holds rows of numbers."""
    if array.dtype.kind not in "biuf" or array.ndim == 0:
        raise DataError(
            f"{path.name} does not hold rows of numbers",
            expected="an array (rows, …) of integers or floats",
            received=f"{array.dtype} {array.shape}",
        )
    return array


def _signs_of_damage() -> tuple[type[Exception], ...]:
    """What NumPy's reader raises on damaged files; looked up only when it has raised something."""
    import struct
    import tokenize
    import zipfile
    import zlib

    plain = (ValueError, EOFError, KeyError, SyntaxError, TypeError, OverflowError, MemoryError)
    torn = (struct.error, tokenize.TokenError, zlib.error, zipfile.BadZipFile)
    return (*plain, NotImplementedError, RuntimeError, *torn)
