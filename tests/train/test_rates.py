"""The trial that finds a learning rate."""

from __future__ import annotations

import math

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, nn, optim
from glassnet.errors import ArgumentError, DataError

DIGITS = data.digits().subset(slice(0, 400))


def network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(64, 16), nn.Tanh(), nn.Dropout(0.1), nn.Linear(16, 10))


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_the_suggestion_is_learned_with_and_far_larger_ones_are_not(engine: str) -> None:
    found = gn.find_rate(network(), DIGITS, optimizer=optim.SGD(lr=1.0), engine=engine)
    assert 0.01 < found.suggestion < 1.0

    def after_two_epochs(rate: float) -> float:
        method = optim.SGD(lr=rate)
        run = gn.fit(network(), DIGITS, optimizer=method, epochs=2, engine=engine)
        return float(run.history.rows[-1]["loss"])

    small, right, large = (after_two_epochs(found.suggestion * f) for f in (1e-3, 1.0, 1e3))
    assert right < small
    assert right < large


def test_both_engines_find_the_same() -> None:
    native, eager = (gn.find_rate(network(), DIGITS, engine=e) for e in ("native", "numpy"))
    count = (
        min(len(native.rates), len(eager.rates)) - 5
    )  # where it runs away, rounding is magnified
    np.testing.assert_allclose(native.losses[:count], eager.losses[:count], rtol=1e-2)
    assert native.suggestion == pytest.approx(eager.suggestion, rel=0.5)


def test_the_rates_grow_by_one_factor_and_end_where_the_loss_runs_away() -> None:
    found = gn.find_rate(network(), DIGITS, optimizer="adam", low=1e-4, high=1e4, steps=81)
    np.testing.assert_allclose(found.rates[:3], [1e-4, 1e-4 * 10**0.1, 1e-4 * 10**0.2])
    assert len(found.rates) == len(found.losses) == len(found.smoothed) < 81
    assert np.isfinite(found.losses).all()
    assert found.suggestion == pytest.approx(0.1 * found.rates[10 + found.smoothed[10:].argmin()])
    assert repr(found).startswith("RateCurve(")


def test_the_model_stays_as_it_is() -> None:
    fresh, drawn = network(), network().initialise(1)
    before = [p.numpy().copy() for p in drawn.parameters()]
    for model in (fresh, drawn):
        gn.find_rate(model, DIGITS)
    assert not any(p.drawn for p in fresh.parameters())  # type: ignore[attr-defined]
    for parameter, array in zip(drawn.parameters(), before, strict=True):
        np.testing.assert_array_equal(parameter.numpy(), array)
        assert parameter.grad is None


def test_few_rows_are_dealt_again_and_again() -> None:
    tiny = data.Dataset(np.eye(3), [0.0, 1.0, 2.0])
    assert len(gn.find_rate(nn.Linear(3, 1), tiny, high=0.1, batch_size=2).rates) == 100
    assert len(gn.find_rate(nn.Linear(3, 1), tiny, high=0.1, batch_size=None).rates) == 100


def test_what_is_refused() -> None:
    with pytest.raises(ArgumentError, match="from a low one to a high one"):
        gn.find_rate(network(), DIGITS, low=1.0, high=0.1)
    with pytest.raises(ArgumentError, match="steps is out of range"):
        gn.find_rate(network(), DIGITS, steps=3)
    with pytest.raises(ArgumentError, match="the loss never fell"):
        gn.find_rate(network(), DIGITS, lambda y, t: (y * 0.0).sum() + 1.0)
    with pytest.raises(DataError, match="made for classification"):
        gn.find_rate(network(), DIGITS, "huber")
    with pytest.raises(ArgumentError, match='did you mean "numpy"'):
        gn.find_rate(network(), DIGITS, engine="nunpy")


def test_the_picture_says_the_suggestion() -> None:
    found = gn.find_rate(network(), DIGITS)
    picture = found.picture()
    assert f"suggested: {found.suggestion:.2g}" in picture.svg
    assert "learning rate" in picture.svg
    assert not math.isnan(found.suggestion)
