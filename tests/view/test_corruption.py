"""An autoencoder ranks corrupted images above clean ones by its error, on real digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, losses, models, optim, view
from glassnet.data import Dataset

GOAL = 0.95  # area under the ROC curve
MNIST = "shared/data/mnist8k"


def corrupted(clean: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Images (N, side, side) with a square of noise, with noise on all, and shuffled."""
    side = clean.shape[1] * 3 // 8
    squares = clean.copy()
    for image in squares:
        row, column = rng.integers(0, clean.shape[1] - side + 1, 2)
        image[row : row + side, column : column + side] = rng.random((side, side))
    noisy = np.clip(clean + 0.2 * rng.normal(size=clean.shape), 0, 1)
    shuffled = rng.permuted(clean.reshape(len(clean), -1), axis=1).reshape(clean.shape)
    return {"square": squares, "noise": noisy, "shuffled": shuffled}


def areas(
    learned: Dataset, held: Dataset, epochs: int, batch_size: int, **sizes: object
) -> dict[str, float]:
    """The area under the ROC curve for each kind of corruption."""
    shape = learned.inputs.shape[1:]
    model = models.autoencoder(shape, **sizes)  # type: ignore[arg-type]
    steps = epochs * -(-len(learned) // batch_size)
    gn.fit(
        model, learned.unlabelled(), losses.binary_cross_entropy_with_logits,
        optim.Adam(lr=optim.Cosine(3e-3, steps=steps)), epochs=epochs,
        batch_size=batch_size, seed=0,
    )  # fmt: skip
    clean = held.prepared().astype(np.float32)

    def errors(images: np.ndarray) -> np.ndarray:
        again = gn.ops.sigmoid(model.predict(images.reshape(clean.shape))).numpy()
        return ((again - images.reshape(clean.shape)) ** 2).reshape(len(clean), -1).mean(axis=1)

    side = round(clean[0].size ** 0.5)
    kinds = corrupted(clean.reshape(-1, side, side), np.random.default_rng(0))
    usual = errors(clean)
    return {kind: view.auc(usual, errors(x.astype(np.float32))) for kind, x in kinds.items()}


def test_the_digits_that_come_with_the_package() -> None:
    learned, held = data.split(data.digits(), 0.25, seed=0)
    found = areas(learned, held, 60, 32, hidden=(128, 64), code=16)
    assert min(found.values()) >= GOAL, found


def test_mnist(root: Path) -> None:
    path = root.parent / MNIST
    if not path.exists():
        pytest.skip(f"{MNIST} is not there")
    learned, held = (data.idx(path, part=part) for part in ("train", "valid"))
    found = areas(learned, held, 15, 64, code=32)
    assert min(found.values()) >= GOAL, found
