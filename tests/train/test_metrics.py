"""Metrics by hand, and over batches as over the whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.errors import ArgumentError
from glassnet.train.metrics import METRICS, Metric, metric, metrics_for

LABELS = (np.array([0, 1, 2, 1]), np.array([0, 1, 1, 1]))
NUMBERS = (np.array([[1.0], [2.0], [4.0]]), np.array([[1.0], [3.0], [5.0]]))


def value(one: Metric, predictions: np.ndarray, targets: np.ndarray) -> float:
    return one.value(one.sums(predictions, targets))


def test_numbers_worked_by_hand() -> None:
    assert value(METRICS["accuracy"], *LABELS) == 0.75
    assert value(METRICS["mae"], *NUMBERS) == pytest.approx(2 / 3)
    # Targets 1, 3, 5: mean 3, spread 8; squared errors 0 + 1 + 1.
    assert value(METRICS["r2"], *NUMBERS) == pytest.approx(1 - 2 / 8)


def test_r2_is_the_mean_over_outputs() -> None:
    targets = np.array([[0.0, 0.0], [2.0, 4.0]])
    predictions = np.array([[0.0, 2.0], [2.0, 2.0]])  # the second predicts its mean
    assert value(METRICS["r2"], predictions, targets) == pytest.approx(0.5)


def test_r2_of_a_constant_target() -> None:
    constant = np.full((7, 1), 0.1)
    assert value(METRICS["r2"], constant, constant) == 1.0
    assert value(METRICS["r2"], constant + 0.5, constant) == 0.0


@pytest.mark.parametrize("name", ["mae", "r2"])
@given(
    rows=st.lists(st.tuples(*[st.floats(-100, 100, width=32)] * 2), min_size=2, max_size=30),
    cut=st.integers(1, 29),
)
def test_sums_of_batches_add_up(name: str, rows: list[tuple[float, float]], cut: int) -> None:
    predictions, targets = np.array(rows)[:, :1], np.array(rows)[:, 1:]
    one = METRICS[name]
    parts = one.sums(predictions[:cut], targets[:cut]) + one.sums(predictions[cut:], targets[cut:])
    assert one.value(parts) == pytest.approx(value(one, predictions, targets), rel=1e-9, abs=1e-9)


def test_a_function_is_a_metric() -> None:
    def worst(predictions: np.ndarray, targets: np.ndarray) -> float:
        return float(np.abs(predictions - targets).max())

    one = metric(worst)
    assert one.name == "worst"
    assert value(one, *NUMBERS) == 1.0


def test_names_are_checked() -> None:
    with pytest.raises(ArgumentError, match='no metric "acuracy"') as caught:
        metric("acuracy")
    assert 'did you mean "accuracy"?' in str(caught.value)
    with pytest.raises(ArgumentError, match="this is no metric"):
        metric(3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match='"accuracy" is not made for regression'):
        metrics_for("regression", ["accuracy"])


def test_usual_metrics() -> None:
    assert [one.name for one in metrics_for("classification", None)] == ["accuracy"]
    assert [one.name for one in metrics_for("regression", None)] == ["r2", "mae"]
    assert metrics_for("regression", ()) == ()
