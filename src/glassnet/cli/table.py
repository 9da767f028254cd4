"""Rows of numbers from a file: a table of text, or NumPy's arrays."""

from __future__ import annotations

import csv
import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError, FileFormatError
from ..train import Predictor

Array = np.ndarray[Any, Any]
ENDINGS = (".csv", ".npy", ".npz")


def read_rows(path: Path, predictor: Predictor) -> Array:
    """The rows of a file in the shape that the network takes.

    Raises:
        FileFormatError: no such file, or not one of these formats.
        DataError: no rows; a cell that is no number, with line and column; a missing column.
    """
    ending = path.suffix.lower()
    try:
        if ending == ".csv":
            rows = _from_csv(path, predictor)
        elif ending in (".npy", ".npz"):
            rows = _from_numpy(path)
        else:
            raise FileFormatError(
                f"{path.name} is not of a format that can be read",
                expected=f"a name that ends in {', '.join(ENDINGS)}",
                received=ending or "no ending",
            )
    except OSError as error:
        raise FileFormatError(
            f"{path} cannot be read",
            expected="a file with the new data",
            received=error.strerror or str(error),
            mend="check the path",
        ) from None
    if not len(rows):
        raise DataError("there are no rows to predict", where=str(path))
    size = math.prod(predictor.input_shape)
    if rows[0].size == size:
        return rows.reshape(len(rows), *predictor.input_shape)
    return rows  # the network says what it expected


def _from_numpy(path: Path) -> Array:
    try:
        content = np.load(path, allow_pickle=False)
        if isinstance(content, np.ndarray):
            return _numeric(content, path)
        with content as arrays:
            names = list(arrays)
            chosen = next((name for name in ("inputs", "x", "X") if name in names), None)
            if chosen is None and len(names) != 1:
                raise DataError(
                    f"{path.name} holds several arrays, none of them named inputs",
                    expected="one array, or one that is named inputs",
                    received=", ".join(names) or "none",
                )
            return _numeric(arrays[chosen or names[0]], path)
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        if isinstance(error, DataError):
            raise
        raise FileFormatError(
            f"{path.name} is not an array of NumPy",
            expected="a file written by numpy.save or numpy.savez, with numbers",
            received=str(error).partition("\n")[0][:80],
        ) from None


def _numeric(array: Array, path: Path) -> Array:
    if array.dtype.kind not in "biuf" or array.ndim == 0:
        raise DataError(
            f"{path.name} does not hold rows of numbers",
            expected="an array (rows, …) of integers or floats",
            received=f"{array.dtype} {array.shape}",
        )
    return array


def _from_csv(path: Path, predictor: Predictor) -> Array:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.reader(stream)
            lines = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except (csv.Error, UnicodeDecodeError) as error:
        raise FileFormatError(
            f"{path.name} is not a table of text", expected="CSV in UTF-8", received=str(error)
        ) from None
    if not lines:
        return np.empty((0, 0))
    first = lines[0][1]
    named = not any(map(_is_number, first))
    columns = _columns(first, predictor, path) if named else range(len(first))
    body = lines[1:] if named else lines
    rows = [_row(cells, columns, first if named else (), line, path) for line, cells in body]
    return np.array(rows, np.float64)


def _columns(names: Sequence[str], predictor: Predictor, path: Path) -> Sequence[int]:
    """The places of the network's features among the table's columns."""
    known = [name.strip().lower() for name in names]
    wanted = [name.lower() for name in predictor.features]
    if not wanted:
        return range(len(names))
    missing = [name for name in wanted if name not in known]
    if missing and len(names) == len(wanted) and len(missing) == len(wanted):
        return range(len(names))  # other names for the same columns, in the same order
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise DataError(
            f"{path.name} lacks columns that the network was trained on",
            expected=", ".join(missing[:3]) + more,
            received=", ".join(name.strip() for name in names[:8]),
            mend="rename the columns, or leave the line of names out and keep their order",
        )
    return [known.index(name) for name in wanted]


def _row(
    cells: Sequence[str], columns: Sequence[int], names: Sequence[str], line: int, path: Path
) -> list[float]:
    row = []
    for column in columns:
        cell = cells[column].strip() if column < len(cells) else ""
        if not _is_number(cell):
            title = f' "{names[column].strip()}"' if column < len(names) else ""
            raise DataError(
                "a cell holds no number",
                expected="a number",
                received=repr(cell) if cell else "nothing",
                where=f"{path.name}, line {line}, column {column + 1}{title}",
            )
        row.append(float(cell))
    return row


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
