"""Dropout: its share, its mean, and the bits it draws."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn

ONES = gn.tensor(np.ones((100, 1000), np.float32))


def test_share_and_mean() -> None:
    out = nn.Dropout(0.3)(ONES, training=True, generator=gn.Generator(0)).numpy()
    # 100,000 draws: the share is known to 0.15 %; three times that here.
    assert (out == 0.0).mean() == pytest.approx(0.3, abs=0.0045)
    assert np.unique(out).tolist() == [0.0, np.float32(1.0 / 0.7)]


def test_the_same_key_gives_the_same_bits() -> None:
    model = nn.Sequential(nn.Dropout(0.5), nn.Dropout(0.5))
    first, again, later = (
        model(ONES, training=True, generator=gn.Generator(3, step=step)).numpy()
        for step in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, later)


def test_layers_and_repeated_calls_draw_independently() -> None:
    class Twice(nn.Module):
        dropout: nn.Dropout

        def __init__(self) -> None:
            self.dropout = nn.Dropout(0.5)

        def forward(self, x: gn.Tensor) -> gn.Tensor:
            return gn.ops.stack([self.dropout(x), self.dropout(x)])

    one, two = Twice()(ONES, training=True, generator=gn.Generator(0)).numpy() > 0
    assert (one & two).mean() == pytest.approx(0.25, abs=0.01)
    both = nn.Sequential(nn.Dropout(0.5), nn.Dropout(0.5))
    out = both(ONES, training=True, generator=gn.Generator(0)).numpy()
    assert (out > 0).mean() == pytest.approx(0.25, abs=0.01)


def test_training_without_a_generator_is_told() -> None:
    model = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.5))
    with pytest.raises(gn.ArgumentError, match="dropout needs random numbers") as caught:
        model([[1.0]], training=True)
    assert 'layer "1" (Dropout)' in str(caught.value)
    assert nn.Dropout(0.0)(ONES, training=True) is ONES


@pytest.mark.parametrize("p", [-0.1, 1.0, float("nan")])
def test_the_probability_is_checked(p: float) -> None:
    with pytest.raises(gn.ArgumentError, match="out of range"):
        nn.Dropout(p)
