"""The loss around a network's parameters, and the way that training took."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, losses, nn, optim, view
from glassnet.train import Run
from glassnet.view.landscape import _direction, surveyed

from .visual import Looks

Texts = Callable[[view.Picture], list[str]]


@pytest.fixture(scope="module")
def watched_run() -> Run:
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 2))
    names = list(model.named_parameters())
    return gn.fit(
        model, data.moons(120, seed=0), None, optim.SGD(lr=0.5), epochs=6, seed=0,
        engine="numpy", watch=names, watch_every=2,
    )  # fmt: skip


def test_the_plane_along_the_path(watched_run: Run) -> None:
    model = watched_run.predictor.model
    before = {name: p.numpy().copy() for name, p in model.named_parameters().items()}
    found = surveyed(watched_run, None, None, None, "path", 1.0, 9, 0)
    for name, p in model.named_parameters().items():
        np.testing.assert_array_equal(p.numpy(), before[name])  # left as it was
    assert found.path.shape == (len(watched_run.watched["0.bias"]) + 1, 2)
    np.testing.assert_allclose(found.path[-1], [0, 0], atol=1e-9)
    assert 0.9 < found.share <= 1.0 + 1e-9
    x, y = watched_run.train.prepared(), watched_run.train.targets
    at_end = losses.cross_entropy(model(gn.Tensor(x)), y).item()
    assert found.loss == pytest.approx(at_end, rel=1e-4)
    start = {name: looks[0][1] for name, looks in watched_run.watched.items()}
    at_start = losses.cross_entropy(model.load_parameters(start)(gn.Tensor(x)), y).item()
    model.load_parameters(before)
    assert found.terrain.height(found.path[:1]) == pytest.approx(at_start, rel=0.15)


def test_random_directions_have_the_norm_of_each_filter(watched_run: Run) -> None:
    end = {"w": np.arange(12.0).reshape(3, 2, 2) + 1, "b": np.ones(3)}
    drawn = _direction(end, gn.Generator(0))
    rows = drawn[:12].reshape(3, 4)
    np.testing.assert_allclose(
        np.linalg.norm(rows, axis=1), np.linalg.norm(end["w"].reshape(3, 4), axis=1)
    )
    assert not drawn[12:].any()
    found = surveyed(watched_run, None, None, None, "random", 0.5, 5, 0)
    assert found.terrain.heights[2, 2] == pytest.approx(found.loss)
    assert found.share < 0.9


def test_a_network_and_its_data(texts: Texts, looks: Looks) -> None:
    model = nn.Linear(1, 1).load_parameters({"weight": [[2.0]], "bias": [0.0]})
    x = np.linspace(-1.0, 1.0, 21)[:, None].astype("float32")
    picture = view.landscape(model, (x, 2 * x), losses.mean_squared_error, cells=9)
    words = texts(picture)
    assert {"first random direction", "second random direction", "loss", "trained"} <= set(words)
    assert picture.alt.startswith(
        "Loss of Linear around its parameters, along two random directions: 0 where it was trained"
    )
    looks(
        view.landscape(model, (x, 2 * x), losses.mean_squared_error, cells=5), "landscape", dpi=36
    )


def test_the_path_is_drawn(watched_run: Run, texts: Texts) -> None:
    picture = view.landscape(watched_run, directions="path", cells=9)
    assert {"training", "first principal component"} <= set(texts(picture))
    count = len(watched_run.watched["0.bias"]) + 1
    assert f"through {count} checkpoints has " in picture.alt


def test_what_is_missing(watched_run: Run) -> None:
    model = watched_run.predictor.model
    with pytest.raises(gn.ArgumentError, match="loss on some data"):
        view.landscape(model)
    with pytest.raises(gn.ArgumentError, match="no path to lay the plane along"):
        view.landscape(model, watched_run.train, directions="path")
