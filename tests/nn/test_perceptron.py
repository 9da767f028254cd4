"""The perceptron and its rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn


def separable(seed: int, count: int = 200) -> tuple[Any, Any]:
    """Points with a gap of 0.2 around a line."""
    rng = gn.Generator(seed)
    x = rng.normal((count, 2), dtype=gn.float64)
    side = x @ [0.8, -0.6] + 0.3
    return x + 0.1 * np.sign(side)[:, None] * [0.8, -0.6], np.sign(side).astype(np.int64)


@pytest.mark.parametrize("seed", range(5))
def test_converges_on_separable_points(seed: int) -> None:
    x, y = separable(seed)
    model = nn.Perceptron(2).fit(x, y, epochs=500, seed=seed)
    assert model.mistakes[-1] == 0
    assert all(count > 0 for count in model.mistakes[:-1])
    np.testing.assert_array_equal(model.classify(x), y)
    np.testing.assert_array_equal(model(x.astype(np.float32)).numpy(), y)


def test_the_rule_by_hand() -> None:
    # x = (1, 2), t = +1: on the line, so w = (1, 2), b = 1; then x = (2, 1), t = −1 has the score
    # 2 + 2 + 1 = 5, wrong: w = (−1, 1), b = 0. The first point's score is now 1, the second's −1.
    order = [x for x in range(50) if gn.Generator(x).permutation(2).tolist() == [0, 1]]
    model = nn.Perceptron(2).fit([[1.0, 2.0], [2.0, 1.0]], [1, -1], seed=order[0])
    assert model.weight.numpy().tolist() == [-1.0, 1.0]
    assert model.bias.item() == 0.0
    assert model.mistakes == [2, 0]


def test_says_so_when_it_does_not_converge() -> None:
    x, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), [0, 1, 1, 0]
    model = nn.Perceptron(2)
    with pytest.warns(gn.ConvergenceWarning, match="mistakes in the last of 10 epochs"):
        model.fit(x, y, epochs=10)
    assert len(model.mistakes) == 10


@pytest.mark.parametrize("labels", [(0, 1), (3, 7), (-0.5, 2.5), ("no", "yes")])
def test_any_two_labels(labels: tuple[Any, Any]) -> None:
    x, y = separable(0)
    named = np.array(labels)[(y > 0).astype(int)]
    model = nn.Perceptron(2).fit(x, named, epochs=500)
    assert model.classify(x).tolist() == named.tolist()
    again = nn.build(model.config()).load_parameters(model.named_parameters())
    assert isinstance(again, nn.Perceptron)
    assert again.classify(x).tolist() == named.tolist()


def test_the_same_seed_gives_the_same_line() -> None:
    x, y = separable(1)
    one, same = (nn.Perceptron(2).fit(x, y, seed=4, epochs=500) for _ in range(2))
    np.testing.assert_array_equal(one.weight.numpy(), same.weight.numpy())
    assert one.mistakes == same.mistakes


def test_wrong_data() -> None:
    x, y = separable(0)
    with pytest.raises(gn.DataError, match="tells two classes apart"):
        nn.Perceptron(2).fit(x, np.ones(len(x)))
    with pytest.raises(gn.DataError, match="tells two classes apart"):
        nn.Perceptron(2).fit(x, np.arange(len(x)))
    with pytest.raises(gn.ShapeError, match="points and their labels"):
        nn.Perceptron(3).fit(x, y)
    with pytest.raises(gn.ShapeError, match="points and their labels"):
        nn.Perceptron(2).fit(x, y[:-1])
    x[5, 1] = np.nan
    with pytest.raises(gn.DataError, match="the points hold nan") as caught:
        nn.Perceptron(2).fit(x, y)
    assert caught.value.where == "row 5, column 1"


def test_wrong_settings() -> None:
    for settings in ({"in_features": 0}, {"in_features": 2, "labels": (1, 1)}):
        with pytest.raises(gn.ArgumentError):
            nn.Perceptron(**settings)
    with pytest.raises(gn.ArgumentError, match="at least once"):
        nn.Perceptron(2).fit([[0.0, 1.0]], [0], epochs=0)
    with pytest.raises(gn.ShapeError, match="wrong number of features"):
        nn.Perceptron(2)([[1.0]])
