"""Positions: learned, sinusoidal, rotary."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn, ops

KINDS = [
    lambda: nn.LearnedPositions(8, 4),
    lambda: nn.SinusoidalPositions(4),
    lambda: nn.RotaryPositions(4),
]


@pytest.mark.parametrize("make", KINDS, ids=["learned", "sinusoidal", "rotary"])
def test_a_sequence_may_start_anywhere(make) -> None:
    layer, x = make(), gn.tensor(gn.Generator(0).normal((2, 6, 4)))
    later = layer(x[:, 2:], start=2)
    np.testing.assert_allclose(later.numpy(), layer(x).numpy()[:, 2:], rtol=1e-6)


@pytest.mark.parametrize("make", KINDS, ids=["learned", "sinusoidal", "rotary"])
def test_vectors_of_another_length_are_refused(make) -> None:
    with pytest.raises(gn.ShapeError):
        make()(gn.tensor(np.zeros((1, 2, 6), np.float32)))


def test_more_positions_than_there_are_is_an_error() -> None:
    with pytest.raises(gn.ShapeError, match="longer than there are positions"):
        nn.LearnedPositions(4, 2)(gn.tensor(np.zeros((1, 3, 2), np.float32)), start=2)


def test_the_sines_are_those_of_the_paper() -> None:
    table = ops.sinusoidal_positions(50, 16, dtype=gn.float64).numpy()
    for t, i in ((0, 0), (7, 3), (49, 7)):
        phi = t / 10_000 ** (2 * i / 16)
        assert table[t, 2 * i] == pytest.approx(np.sin(phi), abs=1e-12)
        assert table[t, 2 * i + 1] == pytest.approx(np.cos(phi), abs=1e-12)


def test_a_rotation_keeps_lengths_and_products_depend_on_distance_alone() -> None:
    rng, layer = gn.Generator(1), nn.RotaryPositions(8)
    q, k = (gn.tensor(np.tile(rng.normal((1, 8)), (10, 1))) for _ in range(2))
    turned_q, turned_k = layer(q).numpy(), layer(k).numpy()
    np.testing.assert_allclose((turned_q**2).sum(1), (q.numpy() ** 2).sum(1), rtol=1e-5)
    products = turned_q @ turned_k.T
    for distance in range(-3, 4):
        line = np.diagonal(products, distance)
        np.testing.assert_allclose(line, line[0], rtol=1e-4, atol=1e-5)
    assert abs(products[0, 0] - products[0, 3]) > 1e-3


def test_an_odd_number_of_features_is_refused() -> None:
    for layer in (nn.SinusoidalPositions, nn.RotaryPositions):
        with pytest.raises(gn.ArgumentError, match="pairs"):
            layer(3)
