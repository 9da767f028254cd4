"""Initialisers: their variances, bounds and names."""

from __future__ import annotations

import math

import numpy as np
import pytest

import glassnet as gn
from glassnet.nn import init

SHAPE = (300, 200)  # (out, in)
VARIANCES = {
    "fan_in_uniform": 1 / (3 * 200),
    "glorot_normal": 2 / 500,
    "glorot_uniform": 2 / 500,
    "he_normal": 2 / 200,
    "he_uniform": 2 / 200,
    "lecun_normal": 1 / 200,
    "lecun_uniform": 1 / 200,
    "normal": 1.0,
    "orthogonal": 1 / 300,
}


@pytest.mark.parametrize("name", VARIANCES)
def test_mean_and_variance(name: str) -> None:
    values = init.INITIALISERS[name](SHAPE, gn.Generator(0))
    variance = VARIANCES[name]
    # 60,000 numbers: the mean is known to σ/245, the variance to 0.6 % (five times that here).
    assert abs(values.mean()) < 5 * math.sqrt(variance / values.size)
    assert values.var() == pytest.approx(variance, rel=0.03)
    if name.endswith("_uniform"):
        assert np.abs(values).max() <= math.sqrt(3 * variance)


def test_bounds_and_constants() -> None:
    rng = gn.Generator(0)
    low = init.uniform(-2.0, -1.0)((1000,), rng)
    assert -2.0 <= low.min() < -1.98 < -1.02 < low.max() < -1.0
    assert init.normal(3.0, 0.0)((4,), rng).tolist() == [3.0] * 4
    assert init.constant(0.5)((2,), rng).tolist() == [0.5, 0.5]
    assert init.zeros((2,), rng).tolist() == [0.0, 0.0]
    assert init.ones((2,), rng).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (4, 3, 3, 2)])
def test_orthogonal_rows_or_columns(shape: tuple[int, ...]) -> None:
    q = init.orthogonal(shape, gn.Generator(1)).reshape(shape[0], -1)
    gram = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
    np.testing.assert_allclose(gram, np.eye(min(q.shape)), atol=1e-12)


def test_fans_of_a_convolution() -> None:
    assert init.fans((16, 5, 5, 3)) == (75, 400)


def test_a_vector_has_no_fans() -> None:
    with pytest.raises(gn.ShapeError, match="only a weight with inputs and outputs has fans"):
        init.he_normal((3,), gn.Generator(0))


def test_names() -> None:
    assert init.initialiser("kaiming_normal") is init.he_normal
    assert init.initialiser("xavier_uniform") is init.glorot_uniform
    assert init.initialiser(init.ones) is init.ones
    with pytest.raises(gn.ArgumentError, match='no initialiser "he_norml"') as caught:
        init.initialiser("he_norml")
    assert 'did you mean "he_normal"?' in caught.value.mend
