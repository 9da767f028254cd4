"""What every contestant of a row receives: one file of data, batches and initial weights."""

from __future__ import annotations

import gzip
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import networks
from .networks import NetworkRow
from .rows import AnyRow, Row

Array = np.ndarray[Any, Any]
STEPS = 2048  # batches in the file; longer runs go round again
SEED = 20240229
START = "start "  # before the names of initial parameters in the file


@dataclass
class Material:
    """Inputs (N, …), labels (N, …), batches (steps, B) of row numbers, initial parameters.

    Of a row of linear layers the parameters are `w0` (out, in), `b0` (out,), `w1`, …; of a network
    those of glassnet's model by name. `test` is inputs and labels kept apart, or None.
    """

    row: AnyRow
    inputs: Array
    labels: Array
    batches: Array
    arrays: dict[str, Array]
    test: tuple[Array, Array] | None = None

    def order(self, steps: int) -> Array:
        """Row indices of the first `steps` batches, (steps, B)."""
        return np.take(self.batches, range(steps), axis=0, mode="wrap")

    def pairs(self, dtype: str = "float32") -> list[tuple[Array, Array]]:
        """Fresh copies of the initial (weight, bias) of each layer."""
        return [
            (self.arrays[f"w{i}"].astype(dtype), self.arrays[f"b{i}"].astype(dtype))
            for i in range(len(self.arrays) // 2)
        ]

    def save(self, path: Path) -> None:
        arrays = {START + name: array for name, array in self.arrays.items()}
        arrays |= {"inputs": self.inputs, "labels": self.labels, "batches": self.batches}
        if self.test is not None:
            arrays |= {"test_inputs": self.test[0], "test_labels": self.test[1]}
        np.savez(path, **arrays)

    @staticmethod
    def load(path: Path, row: AnyRow) -> Material:
        with np.load(path, allow_pickle=False) as stored:
            names = [name.removeprefix(START) for name in stored if name.startswith(START)]
            held = [stored[name] for name in ("test_inputs", "test_labels") if name in stored]
            return Material(
                row,
                stored["inputs"],
                stored["labels"],
                stored["batches"].astype(np.int64),
                {name: stored[START + name] for name in names},
                (held[0], held[1]) if held else None,
            )


def make(row: AnyRow, mnist: Path, steps: int = STEPS, seed: int = SEED) -> tuple[Material, str]:
    """The material of a row, and where its data come from."""
    rng = np.random.default_rng(seed)
    deep = isinstance(row, NetworkRow)
    inputs, labels, source = (
        networks.data(row, mnist, rng) if deep else DATA[row.data](row, mnist, rng)
    )
    batches = deal(len(inputs), row.batch, steps, rng)
    arrays = networks.initial(row) if deep else initial(row, rng)
    return Material(row, inputs, labels, batches, arrays), source


def deal(count: int, batch: int, steps: int, rng: np.random.Generator) -> Array:
    """Batches (steps, B) without replacement, epoch after epoch; the short last one is left out."""
    whole = count // batch
    epochs = [
        rng.permutation(count)[: whole * batch].reshape(whole, batch)
        for _ in range(math.ceil(steps / whole))
    ]
    return np.concatenate(epochs)[:steps].astype(np.int32)


def initial(row: Row, rng: np.random.Generator) -> dict[str, Array]:
    """Weights and biases uniform on ±1/√inputs."""
    arrays = {}
    for i, (inputs, outputs) in enumerate(row.layers):
        bound = 1 / math.sqrt(inputs)
        arrays[f"w{i}"] = rng.uniform(-bound, bound, (outputs, inputs)).astype(np.float32)
        arrays[f"b{i}"] = rng.uniform(-bound, bound, outputs).astype(np.float32)
    return arrays


# -- data ----------------------------------------------------------------------------------------
Data = tuple[Array, Array, str]


def _spiral(*_: object) -> Data:
    from glassnet import data

    points = data.standardise(data.spiral(1000, seed=0))[0]
    return np.ascontiguousarray(points.inputs, np.float32), points.targets, "spiral, 1,000 points"


def _digits(*_: object) -> Data:
    from glassnet import data

    images = data.digits()
    return np.ascontiguousarray(images.inputs, np.float32), images.targets, "digits, 1,797 images"


def _mnist(_: Row, mnist: Path, rng: np.random.Generator) -> Data:
    return images_of(mnist, rng)


def images_of(mnist: Path, rng: np.random.Generator) -> Data:
    """MNIST's images as rows of 784 numbers, or as many of noise."""
    images, labels = mnist / "train-images-idx3-ubyte.gz", mnist / "train-labels-idx1-ubyte.gz"
    if not (images.exists() and labels.exists()):
        inputs, chosen = _noise(784, 10, rng)
        return inputs, chosen, f"synthetic images: no MNIST in {mnist}"
    pixels = read_idx(images).reshape(-1, 784)
    inputs = pixels.astype(np.float32) / np.float32(255)
    return inputs, read_idx(labels).astype(np.int64), f"MNIST, {len(inputs):,} images"


def _synthetic(row: Row, _: Path, rng: np.random.Generator) -> Data:
    return *_noise(row.widths[0], row.widths[-1], rng), "synthetic, 7,000 rows"


def _noise(width: int, classes: int, rng: np.random.Generator) -> tuple[Array, Array]:
    labels = rng.integers(0, classes, 7000)
    return rng.random((7000, width), np.float32), labels


DATA = {"digits": _digits, "mnist": _mnist, "spiral": _spiral, "synthetic": _synthetic}


def read_idx(path: Path) -> Array:
    """The array of an IDX file: two zero bytes, the type (8 is uint8), the axes, their lengths."""
    content = gzip.decompress(path.read_bytes())
    axes = content[3]
    shape = np.frombuffer(content, ">i4", axes, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)
