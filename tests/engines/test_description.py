"""An array in a few numbers: the reference against NumPy's own functions."""

import numpy as np
import pytest

from glassnet.engines.description import SUMMARY, described, distance


def test_the_numbers_are_those_of_numpy():
    x = np.random.default_rng(0).normal(size=(20, 7)).astype("f4")
    x[0] = 0.0
    found = described(x, 32, 1000)
    np.testing.assert_allclose(
        found[:SUMMARY],
        [x.size, x.min(), x.max(), x.mean(), np.sqrt((x**2).mean()), 1 / 20],
        rtol=1e-5, atol=1e-6,
    )  # fmt: skip
    assert np.abs(found[SUMMARY:] - np.histogram(x, 32)[0]).sum() <= 2  # at an edge, either bin
    assert described(np.array(3.0), 2, 10).tolist() == [1.0, 3.0, 3.0, 3.0, 3.0, 0.0, 1.0, 0.0]


def test_what_is_not_finite_lies_in_some_bin():
    found = described(np.array([1.0, np.nan, np.inf, 2.0]), 4, 10)
    assert found[SUMMARY:].sum() == 4.0


@pytest.mark.parametrize("size", [10, 1024, 6 * 1024, 28 * 28 * 6 * 64])
def test_a_sample_is_spread_over_all_channels(size):
    few = np.arange(0, size, distance(size, 1024))
    assert min(size, 512) < len(few) <= 1024 or len(few) == size
    assert len(np.unique(few % 6)) == 6
