"""Augmented images are the moved ones: checked move by move, and engine against engine."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, nn
from glassnet.data import Augmentation, Crop, Flip, Rotate, Shift
from glassnet.errors import ArgumentError, ShapeError
from glassnet.tensor import Generator
from glassnet.train import fit

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (64, 9, 7, 3)).astype(np.uint8)


def moved(*moves: Any, images: np.ndarray = IMAGES, seed: int = 0, **settings: Any) -> np.ndarray:
    return Augmentation(*moves, **settings)(images, Generator(seed)).numpy()


@pytest.mark.parametrize(("axis", "at"), [("vertical", 0), ("horizontal", 1)])
def test_flips_are_mirror_images(axis: str, at: int) -> None:
    out = moved(Flip(axis))
    turned = [np.array_equal(new, np.flip(old, at)) for new, old in zip(out, IMAGES, strict=True)]
    same = [np.array_equal(new, old) for new, old in zip(out, IMAGES, strict=True)]
    assert all(a != b for a, b in zip(turned, same, strict=True))
    assert 16 < sum(turned) < 48
    assert out.dtype == np.uint8
    np.testing.assert_array_equal(moved(Flip(axis, chance=1.0)), np.flip(IMAGES, at + 1))
    np.testing.assert_array_equal(moved(Flip(axis, chance=0.0)), IMAGES)


def test_shifts_are_all_of_the_whole_shifts() -> None:
    out = moved(Shift(2), fill=7)
    padded = np.pad(IMAGES, ((0, 0), (2, 2), (2, 2), (0, 0)), constant_values=7)
    seen = set()
    for new, old in zip(out, padded, strict=True):
        places = [
            (i, j) for i in range(5) for j in range(5)
            if np.array_equal(new, old[i : i + 9, j : j + 7])
        ]  # fmt: skip
        assert len(places) == 1
        seen.update(places)
    assert len(seen) >= 20  # of 25


def test_a_quarter_turn_and_no_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    square = IMAGES[:, :7].astype(np.float32)
    np.testing.assert_allclose(moved(Rotate(0.0), images=square), square, atol=1e-3)
    for angle, turns in ((math.pi / 2, 1), (-math.pi / 2, -1)):
        monkeypatch.setattr(data.augmentation.Draws, "uniform", lambda *_, a=angle: gn.tensor(a))
        turned = moved(Rotate(90.0), images=square)
        inner = (slice(None), slice(1, -1), slice(1, -1))  # the rim may fall outside by rounding
        expected = np.rot90(square, -turns, axes=(1, 2))
        np.testing.assert_allclose(turned[inner], expected[inner], atol=1e-2)


def test_bilinear_weights_are_exact_on_a_slope() -> None:
    y, x = np.meshgrid(np.arange(16.0), np.arange(16.0), indexing="ij")
    slope = (3.0 * y + 2.0 * x + 10.0).astype(np.float32)[None, :, :, None]
    slopes = np.repeat(slope, 20, axis=0)
    out = moved(Crop(0.5), images=slopes, fill=-1.0)
    # A part of a slope is a slope: 16 px on its side become 15 s + 1 of it.
    steps = np.diff(out, axis=1)
    sides = steps[:, 0, 0, 0] / 3.0
    np.testing.assert_allclose(steps, np.broadcast_to(steps[:, :1, :1], steps.shape), atol=1e-3)
    assert 0.5 <= sides.min() < 0.6
    assert 0.9 < sides.max() <= 1.0
    assert out.min() >= 10.0  # never outside


def test_moves_happen_in_order() -> None:
    edge = np.zeros((1, 3, 3, 1), np.float32)
    edge[0, 1, 0] = 1.0
    for seed in range(40):
        first = moved(Shift(1), Flip(chance=1.0), images=edge, seed=seed)
        lone = moved(Flip(chance=1.0), images=edge)
        assert lone[0, 1, 2, 0] == 1.0
        if first.sum():
            place = np.argwhere(first[0, :, :, 0])[0]
            assert place[1] in (1, 2)  # shifted by 0 or 1 to the right, then mirrored


@pytest.mark.parametrize(
    "moves", [(Flip(), Shift(2)), (Rotate(20.0), Crop(0.7), Shift(1), Flip("vertical"))]
)
@pytest.mark.parametrize("kind", ["uint8", "float32"])
def test_same_seed_same_images_on_every_engine(moves: Any, kind: str) -> None:
    augment = Augmentation(*moves)
    images = IMAGES[:8].astype(kind)
    key = Generator(3).key()
    eager = augment(images, key).numpy()
    native = gn.compile(augment)(gn.tensor(images), gn.tensor(key)).numpy()
    assert eager.dtype == native.dtype
    if all(move.whole for move in moves):
        np.testing.assert_array_equal(eager, native)
    else:
        np.testing.assert_allclose(eager, native, atol=0.05)  # of 255
    np.testing.assert_array_equal(eager, augment(images, key).numpy())
    assert not np.array_equal(eager, augment(images, Generator(4)).numpy())


def squares(count: int = 60) -> data.Dataset:
    labels = np.arange(count) % 2
    images = np.zeros((count, 8, 8, 1), np.uint8)
    images[labels == 0, 2:6, 2:4] = 255
    images[labels == 1, 3:5, 2:6] = 255
    return data.Dataset(images, labels, name="bars")


def network() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.Tanh(), nn.Linear(8, 2))


def test_training_sees_other_images_every_step_and_the_same_on_both_engines() -> None:
    settings: dict[str, Any] = {"epochs": 3, "seed": 1, "augment": Augmentation(Flip(), Shift(2))}
    runs = {e: fit(network(), squares(), engine=e, **settings) for e in ("numpy", "native")}
    rows = [[row["loss"] for row in run.history] for run in runs.values()]
    np.testing.assert_allclose(*rows, rtol=1e-4)
    plain = fit(network(), squares(), epochs=3, seed=1)
    assert abs(plain.history[-1]["loss"] - rows[0][-1]) > 1e-3
    assert "Shift(pixels=2)" in runs["numpy"].settings["augment"]


def test_mistakes() -> None:
    for wrong in (
        lambda: Flip("diagonal"), lambda: Flip(chance=2), lambda: Shift(-1), lambda: Shift(1.5),
        lambda: Rotate(-1), lambda: Rotate(float("nan")), lambda: Crop(0.0), lambda: Crop(1.5),
    ):  # fmt: skip
        with pytest.raises(ArgumentError, match="an image cannot be moved so"):
            wrong()
    with pytest.raises(ArgumentError, match="made of moves"):
        Augmentation()
    with pytest.raises(ArgumentError, match="made of moves"):
        Augmentation("flip")
    with pytest.raises(ShapeError, match="a batch of images"):
        fit(nn.Linear(64, 10), data.digits(), augment=Augmentation(Flip()))
    with pytest.raises(ShapeError, match="keeps the shape"):
        fit(network(), squares(), augment=lambda x, key: x[:, 1:])  # type: ignore[arg-type]
