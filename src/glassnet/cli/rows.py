"""New data for a trained network: a table, arrays, images."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from ..data import Columns
from ..data.arrays import INPUTS, choose, numeric, read_arrays
from ..data.images import ENDINGS as IMAGES
from ..data.images import image_files, read_images
from ..data.table import ENDINGS as TABLES
from ..data.table import read_table
from ..errors import DataError, FileFormatError
from ..train import Predictor

Array = np.ndarray[Any, Any]
ARRAYS = (".npy", ".npz")


def read_rows(path: Path, predictor: Predictor) -> Array:
    """The rows of a file, or the images of a folder, in the shape that the network takes.

    Raises:
        FileFormatError: no such file, or not one of these formats.
        DataError: no rows; a cell that is no number, with line and column; a missing column.
    """
    ending = path.suffix.lower()
    if path.is_dir() or ending in IMAGES:
        return _from_images(path, predictor)
    if ending in TABLES:
        rows = _from_table(path, predictor)
    elif ending in ARRAYS:
        rows = numeric(choose(read_arrays(path), INPUTS, path), path)
    else:
        raise FileFormatError(
            f"{path.name} is not of a format that can be read",
            expected=f"a name that ends in {', '.join([*TABLES, *ARRAYS])}, or images",
            received=ending or "no ending",
        )
    if not len(rows):
        raise DataError("there are no rows to predict", where=str(path))
    size = math.prod(predictor.input_shape)
    if rows[0].size == size:
        return rows.reshape(len(rows), *predictor.input_shape)
    return rows  # the network says what it expected


def _from_table(path: Path, predictor: Predictor) -> Array:
    table = read_table(path)
    if not len(table):
        return np.empty((0, 0))
    if predictor.columns is not None:
        return predictor.columns.encode(table)
    if predictor.features and (table.names or len(table.cells) == len(predictor.features)):
        return Columns.of_numbers(predictor.features).encode(table)
    names = table.names or tuple(f"column {i + 1}" for i in range(len(table.cells)))
    return Columns.of_numbers(names).encode(table)


def _from_images(path: Path, predictor: Predictor) -> Array:
    shape = predictor.image_shape
    if shape is None:
        raise DataError(
            "the network was not trained on images",
            expected=f"rows of shape {predictor.input_shape}",
            received=str(path),
        )
    files = image_files(path) if path.is_dir() else [path]
    if not files:
        raise DataError("there are no images to predict", where=str(path))
    pixels = read_images(files, (shape[0], shape[1]), shape[2])
    return pixels.reshape(len(files), *predictor.input_shape)
