"""Real data that comes with the package; the licences stand beside the files in `shipped/`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import float32
from .dataset import Dataset

Array = np.ndarray[Any, Any]
SPECIES = ("setosa", "versicolor", "virginica")
MEASURES = ("sepal length", "sepal width", "petal length", "petal width")


def digits() -> Dataset:
    """1,797 images of handwritten digits, 8×8 pixels of 0 (paper) to 1 (ink), ten classes.

    Inputs (1797, 64), row by row of the image; about 180 images a class, by 13 writers.

    Source: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI 1998, test part,
    https://doi.org/10.24432/C50P49, CC BY 4.0.

    >>> digits()
    Dataset("digits", 1797 rows of (64,), classification into 10 classes)
    """
    stored = _load("digits")
    features = tuple(f"row {i}, column {j}" for i in range(8) for j in range(8))
    return Dataset(
        stored["pixels"].astype(float32) / float32.type(16.0),
        stored["labels"],
        name="digits",
        classes=tuple("0123456789"),
        features=features,
        image_shape=(8, 8, 1),
    )


def iris() -> Dataset:
    """150 flowers of three species of iris, four lengths of each in centimetres.

    Inputs (150, 4), 50 flowers a species.

    Source: Fisher, The use of multiple measurements in taxonomic problems, 1936; UCI,
    https://doi.org/10.24432/C56C76, CC BY 4.0.

    >>> iris()
    Dataset("iris", 150 rows of (4,), classification into 3 classes)
    """
    stored = _load("iris")
    return Dataset(
        stored["millimetres"] / 10.0,
        stored["labels"],
        name="iris",
        classes=SPECIES,
        features=tuple(f"{measure} (cm)" for measure in MEASURES),
    )


def _load(name: str) -> dict[str, Array]:
    from importlib.resources import files  # which takes time to load

    path = files(__package__) / "shipped" / f"{name}.npz"
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
        return dict(stored)
