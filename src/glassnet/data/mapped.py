"""Data larger than memory: arrays that stay in their files and are read batch by batch."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..errors import DataError, FileFormatError, OutputError
from ..tensor.dtypes import SUPPORTED
from .dataset import Dataset, Task
from .places import Readable

Array = np.ndarray[Any, Any]
FACTS = "data.json"
FILES = ("inputs.npy", "targets.npy")


def mapped(folder: str | os.PathLike[str]) -> Dataset:
    """A folder that `write_map` wrote, or one with inputs.npy and targets.npy, as a data set.

    Opening it reads nothing but the labels. A training step gathers the rows of its batch straight
    from the file, in native code; the system keeps in memory what is used often. Splits are cuts
    at one place (see `split`): write the rows in random order.

    Inputs may be uint8, float32 or float64. They are not looked through for NaN as other data is:
    the step that meets one says so.

    Raises:
        FileFormatError: a file is missing, or is no array of NumPy.
        DataError: the arrays are no data.
    """
    place = Path(folder)
    inputs, targets = (_open(place / name) for name in FILES)
    facts: dict[str, Any] = {}
    if (place / FACTS).exists():
        with Readable(place / FACTS, "what the data is"):
            text = (place / FACTS).read_bytes()
        try:
            facts = dict(json.loads(text))
            classes, shape = tuple(facts.get("classes", ())), facts.get("image_shape")
            shape = None if shape is None else tuple(map(int, shape))
        except (ValueError, TypeError) as error:
            raise FileFormatError(
                f"{place / FACTS} does not say what the data is", received=str(error)[:80]
            ) from None
        return Dataset(inputs, targets, name=place.resolve().name, task=facts.get("task"),
                       classes=classes, image_shape=shape)  # fmt: skip
    return Dataset(inputs, targets, name=place.resolve().name)


def write_map(
    folder: str | os.PathLike[str],
    portions: Dataset | Iterable[tuple[Any, Any]],
    *,
    task: Task | None = None,
    classes: Sequence[str] = (),
) -> Path:
    """Writes data into a folder that `mapped` opens; returns the folder.

    Args:
        folder: made if it is not there.
        portions: a data set; or pairs (inputs, targets) one after the other, each as many rows as
            fit into memory, all of one shape and type.
        task: see `Dataset`; a data set brings its own.
        classes: the classes' names; a data set brings its own.

    Raises:
        DataError: portions of different shapes or types, or none.
        OutputError: the folder cannot be written.

    >>> import tempfile
    >>> from glassnet import data
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = data.write_map(folder, data.iris())
    ...     len(data.mapped(place))
    150
    """
    place = Path(folder)
    facts: dict[str, Any] = {"task": task, "classes": list(classes), "image_shape": None}
    if isinstance(portions, Dataset):
        facts["task"], facts["classes"] = portions.task, list(portions.classes)
        facts["image_shape"] = None if portions.image_shape is None else [*portions.image_shape]
        portions = [(portions.inputs, portions.targets)]
    try:
        place.mkdir(parents=True, exist_ok=True)
        with (place / FILES[0]).open("wb") as first, (place / FILES[1]).open("wb") as second:
            writers = Growing(first), Growing(second)
            for arrays in portions:
                for writer, array in zip(writers, arrays, strict=True):
                    writer.add(np.asarray(array))
            for writer in writers:
                writer.finish()
        (place / FACTS).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"{place} cannot be written",
            expected="a folder that takes files and has room",
            received=error.strerror or str(error),
        ) from error
    return place


class Growing:
    """An .npy file that grows by portions; its length is written into the header at the end."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.rows = 0
        self.shape: tuple[int, ...] | None = None
        self.dtype = np.dtype(np.float32)

    def add(self, array: Array) -> None:
        """Writes the rows of a portion."""
        if self.shape is None:
            self.shape, self.dtype = array.shape[1:], array.dtype
            if self.dtype not in SUPPORTED or not array.ndim:
                raise DataError(
                    "this is no portion of data",
                    expected=f"rows of {', '.join(map(str, SUPPORTED))}",
                    received=f"{array.dtype} {array.shape}",
                )
            self._head()
        if (array.shape[1:], array.dtype) != (self.shape, self.dtype):
            raise DataError(
                "portions are of one shape and type",
                expected=f"rows of {self.dtype} {self.shape}",
                received=f"rows of {array.dtype} {array.shape[1:]}",
                where=f"after {self.rows} rows",
            )
        self.stream.write(np.ascontiguousarray(array).data)
        self.rows += len(array)

    def finish(self) -> None:
        """Writes the header anew, now that the number of rows is known."""
        if not self.rows:
            raise DataError("there are no rows to write", where=self.stream.name)
        self.stream.seek(0)
        self._head()

    def _head(self) -> None:
        """A header, in which NumPy leaves room for the largest number of rows."""
        header = {
            "shape": (self.rows, *(self.shape or ())),
            "fortran_order": False,
            "descr": np.lib.format.dtype_to_descr(self.dtype),
        }
        np.lib.format.write_array_header_1_0(self.stream, header)


def _open(path: Path) -> Array:
    with Readable(path, "an array of NumPy"):
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except (ValueError, EOFError, SyntaxError, TypeError, OverflowError) as error:
            raise FileFormatError(
                f"{path.name} is not an array of NumPy",
                expected="a file written by numpy.save or data.write_map",
                received=str(error).partition("\n")[0][:80],
                where=str(path),
            ) from None
    if not isinstance(array, np.ndarray) or array.dtype not in SUPPORTED:
        raise DataError(
            f"{path.name} cannot be read batch by batch",
            expected=f"one array of {', '.join(map(str, SUPPORTED))}",
            received=str(getattr(array, "dtype", "an archive of arrays")),
            where=str(path),
        )
    return array
