"""Dreams, walks and codes: what an autoencoder puts out for codes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, models, nn, view
from glassnet.data import Dataset
from glassnet.train import Predictor, Run
from glassnet.train.reading import READINGS
from glassnet.view.coder import Coder
from glassnet.view.codes import neighbours, plane
from glassnet.view.dreams import steps
from glassnet.view.plot import INK
from glassnet.view.walk import line

from .pixels import masks
from .visual import Looks

Texts = Callable[[view.Picture], list[str]]


@pytest.fixture(scope="module")
def dreamer() -> nn.Module:
    """A variational autoencoder of 8×8 images with two codes, as it is drawn."""
    model = models.vae((8, 8, 1), hidden=(24,), code=2).initialise(1)
    for parameter in model.parameters():
        parameter.array[:] *= 2.5
    return model


def test_a_run_and_a_module_are_alike(dreamer: nn.Module, eights: Dataset) -> None:
    reading = READINGS["reconstruction-logits"]
    run = Predictor.of(dreamer, reading, eights.unlabelled())
    rows = eights.inputs[:3]
    for network in (dreamer, run):
        coder = Coder.of(network)
        assert coder.shape == (8, 8, 1)
        codes = coder.encode(coder.rows(rows))
        np.testing.assert_allclose(codes, dreamer.encode(gn.tensor(rows))[0].numpy(), rtol=1e-5)
        pixels = coder.decode(codes)
        assert pixels.shape == (3, 8, 8, 1)
        assert 0.0 < pixels.min() < pixels.max() < 1.0


def test_the_plane_of_dreams(dreamer: nn.Module, texts: Texts) -> None:
    picture = view.dreams(dreamer)
    assert {"z₁", "z₂", "−1.8", "1.8"} <= set(texts(picture))
    (whole,) = masks(picture, INK)
    assert whole.shape == (12 * 9, 12 * 9)
    corner = Coder.of(dreamer).decode(np.array([[steps()[0], steps()[-1]]]))[0, ..., 0]
    np.testing.assert_allclose(whole[:8, :8], corner, atol=1 / 255)  # small z₁, large z₂


def test_steps_are_equally_likely() -> None:
    assert len(steps()) == 12
    np.testing.assert_allclose(steps(), -steps()[::-1])
    assert steps(3)[1] == pytest.approx(0.0, abs=1e-12)


def test_dreams_drawn_at_random(texts: Texts, looks: Looks) -> None:
    model = models.vae((8, 8), hidden=(8,), code=3).initialise(0)
    picture = view.dreams(model, 5, seed=4)
    (whole,) = masks(picture, INK)
    wanted = model.generate(5, seed=4)
    for i in range(5):
        np.testing.assert_allclose(whole[:8, 9 * i : 9 * i + 8], wanted[i], atol=1 / 255)
    assert texts(picture) == ["5 images drawn from N(0, 1)"]
    assert "60 images" in view.dreams(model).alt
    looks(picture, "dreams")
    looks(picture, "dreams-dark", dark=True)


def test_a_walk(dreamer: nn.Module, eights: Dataset, texts: Texts, looks: Looks) -> None:
    first, second = eights.inputs[0], eights.inputs[1]
    picture = view.walk(dreamer, first, second, steps=3)
    assert {"image", "t = 0", "t = 0.5", "t = 1"} <= set(texts(picture))
    coder = Coder.of(dreamer)
    codes = coder.encode(eights.inputs[:2])
    drawn = masks(picture, INK)
    np.testing.assert_allclose(drawn[0], first[..., 0], atol=1 / 255)
    np.testing.assert_allclose(drawn[1], second[..., 0], atol=1 / 255)
    middle = coder.decode(codes.mean(axis=0, keepdims=True))[0, ..., 0]
    np.testing.assert_allclose(drawn[3], middle, atol=2 / 255)
    assert line(np.array([[0.0, 2.0], [4.0, 0.0]]), 3).tolist() == [[0, 2], [2, 1], [4, 0]]
    looks(picture, "walk")


def test_a_plain_autoencoder_walks_too(eights: Dataset) -> None:
    model = models.autoencoder((8, 8, 1), hidden=(8,), code=3).initialise(0)
    assert "A walk of 9 steps" in view.walk(model, eights.inputs[0], eights.inputs[1]).alt


def test_codes(dreamer: nn.Module, eights: Dataset, texts: Texts, looks: Looks) -> None:
    few = eights.subset(range(0, 400, 4))
    picture = view.codes(dreamer, few)
    words = texts(picture)
    assert {"z₁", "z₂", *"0123456789"} <= set(words)
    found = neighbours(Coder.of(dreamer).encode(few.inputs), few.targets)
    assert f"For {100 * found:.0f} % of them" in picture.alt
    looks(picture, "codes")


def test_longer_codes_lie_in_the_directions_of_most_variance() -> None:
    spread = gn.Generator(0).normal((200, 3)) * np.array([0.1, 3.0, 1.0], np.float32)
    points, names = plane(spread)
    assert names[0].startswith("direction 1 (")
    np.testing.assert_allclose(points.var(axis=0), [9.0, 1.0], rtol=0.3)
    assert plane(spread[:, :1])[0].shape == (200, 2)


def test_the_nearest_neighbour() -> None:
    points = np.array([[0.0, 0.0], [0.1, 0.0], [5.0, 0.0], [5.2, 0.0]])
    assert neighbours(points, np.array([1, 1, 0, 2])) == 0.5


def test_what_is_no_autoencoder_of_images(digits_run: Run, dreamer: nn.Module) -> None:
    with pytest.raises(gn.ArgumentError, match="no autoencoder"):
        view.dreams(digits_run)
    with pytest.raises(gn.ArgumentError, match="follow no known distribution"):
        view.dreams(models.autoencoder((8, 8, 1), hidden=(4,), code=2))
    with pytest.raises(gn.DataError, match="not trained on images"):
        view.dreams(models.vae((64,), hidden=(4,), code=2))
    with pytest.raises(gn.ArgumentError, match="at least one image"):
        view.dreams(dreamer, 0)
    with pytest.raises(gn.ArgumentError, match="two ends"):
        view.walk(dreamer, np.zeros((8, 8)), np.ones((8, 8)), steps=1)
    with pytest.raises(gn.ShapeError, match="no images for the autoencoder"):
        view.walk(dreamer, np.zeros((7, 8)), np.ones((8, 8)))
    with pytest.raises(gn.DataError, match="coloured by class"):
        view.codes(dreamer, data.digits().unlabelled())
