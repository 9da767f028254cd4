"""Metrics by hand, over batches as over the whole, and in the compiled loop as outside it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassnet as gn
from glassnet import data, nn
from glassnet.errors import ArgumentError
from glassnet.tensor import Tensor
from glassnet.train import METRICS, Answers, Metric, fit, top_k
from glassnet.train.metrics import metric, metrics_for
from glassnet.view import confusion
from glassnet.view.confusion import count

SCORES = np.array([[3.0, 1.0, 2.0], [0.0, 1.0, 2.0], [1.0, 5.0, 2.0], [4.0, 3.0, 2.0]])
LABELS = np.array([0, 1, 1, 1])  # said: 0, 2, 1, 0


def labelled(scores: Any = SCORES, labels: Any = LABELS) -> Answers:
    outputs = Tensor(np.asarray(scores, np.float32))
    return Answers(outputs, outputs.argmax(-1), Tensor(np.asarray(labels)), "classification")


def numbers(predictions: Any, targets: Any) -> Answers:
    said = Tensor(np.asarray(predictions, np.float64))
    return Answers(said, said, Tensor(np.asarray(targets, np.float64)), "regression")


def value(one: Metric, answers: Answers) -> Any:
    return one.value(one.sums(answers).numpy().astype(np.float64))


# -- classes ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accuracy", 2 / 4),
        # Class 0: said 2, right 1, is 1.  Class 1: said 1, right 1, is 3.  Class 2: said 1, is 0.
        ("precision_macro", (1 / 2 + 1 + 0) / 3),
        ("recall_macro", (1 + 1 / 3 + 0) / 3),
        ("f1_macro", (2 / 3 + 2 / 4 + 0) / 3),
        ("f1", (2 / 3 + 2 / 4 + 0) / 3),
        ("precision_micro", 2 / 4),
        ("recall_micro", 2 / 4),
        ("f1_micro", 2 / 4),
    ],
)
def test_classes_by_hand(name: str, expected: float) -> None:
    assert value(METRICS[name], labelled()) == pytest.approx(expected)


def test_which_class_is_taken_for_which() -> None:
    assert value(METRICS["confusion"], labelled()).tolist() == [[1, 0, 0], [1, 1, 1], [0, 0, 0]]
    mask = Tensor(np.array([True, True, False, False]))
    some = value(METRICS["confusion"], labelled()._replace(mask=mask))
    assert some.tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0]]


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_the_confusion_of_every_epoch_is_counted_in_the_loop(engine: str) -> None:
    digits = data.digits().subset(slice(0, 300))
    model = nn.Sequential(nn.Linear(64, 10))
    run = fit(
        model, digits, epochs=2, validation=digits, seed=0, engine=engine,
        metrics=["confusion", "accuracy", "recall_macro"], patience=5,
    )  # fmt: skip
    assert run.history.columns[:3] == ["epoch", "loss", "accuracy"]
    assert [len(matrices) for matrices in run.matrices.values()] == [2, 2]
    found = run.matrices["validation_confusion"][-1]
    said = run.predict(digits)
    np.testing.assert_array_equal(found, count(digits.targets, said, 10))
    shares = np.diag(found) / found.sum(axis=1)
    assert run.history[-1]["validation_recall_macro"] == pytest.approx(shares.mean())
    assert confusion(found).alt == confusion(digits.targets, said, digits.classes).alt
    with pytest.raises(ArgumentError, match="confusion"):
        fit(model, digits, epochs=1, metrics=["confusion"], monitor="confusion")


def test_of_two_classes_the_second_is_positive() -> None:
    # said 1, 1, 0, 0; is 1, 0, 0, 1: one right, one false, one missed
    two = labelled([[0, 1], [0, 1], [1, 0], [1, 0]], [1, 0, 0, 1])
    for name in ("precision", "recall", "f1"):
        assert value(METRICS[name], two) == 0.5
    one = Answers(Tensor(np.float32([[2], [2], [-2], [-2]])), two.predictions, *two[2:])
    assert value(METRICS["f1"], one) == 0.5


def test_a_class_that_nobody_mentions_counts_for_nothing() -> None:
    scores = np.eye(5)[[0, 1, 1, 0]]
    assert value(METRICS["f1_macro"], labelled(scores, [0, 1, 1, 0])) == 1.0
    assert value(METRICS["recall_macro"], labelled(scores, [2, 2, 2, 2])) == 0.0


def test_the_true_class_among_the_largest() -> None:
    # Ranks of the true classes: 0, 1, 0, 1.
    assert [value(top_k(k), labelled()) for k in (1, 2, 3)] == [0.5, 1.0, 1.0]
    assert value(top_k(1), labelled()) == value(METRICS["accuracy"], labelled())


def test_perplexity_of_a_uniform_guess_is_the_number_of_classes() -> None:
    labels = np.array([[0, 1], [4, 2]])
    assert value(METRICS["perplexity"], labelled(np.zeros((2, 2, 5)), labels)) == pytest.approx(5.0)


def test_labels_at_every_step_of_a_sequence() -> None:
    scores, labels = np.stack([SCORES, SCORES]), np.stack([LABELS, LABELS])
    for name in ("accuracy", "f1_macro", "top3"):
        assert value(METRICS[name], labelled(scores, labels)) == pytest.approx(
            value(METRICS[name], labelled())
        )


# -- numbers ---------------------------------------------------------------------------------------
def test_numbers_worked_by_hand() -> None:
    answers = numbers([[1.0], [2.0], [4.0]], [[1.0], [3.0], [5.0]])
    assert value(METRICS["mae"], answers) == pytest.approx(2 / 3)
    # Targets 1, 3, 5: mean 3, spread 8; squared errors 0 + 1 + 1.
    assert value(METRICS["r2"], answers) == pytest.approx(1 - 2 / 8)


def test_r2_is_the_mean_over_outputs() -> None:
    answers = numbers([[0.0, 2.0], [2.0, 2.0]], [[0.0, 0.0], [2.0, 4.0]])  # the second: its mean
    assert value(METRICS["r2"], answers) == pytest.approx(0.5)


def test_r2_of_a_constant_target() -> None:
    constant = np.full((7, 1), 0.1)
    assert value(METRICS["r2"], numbers(constant, constant)) == 1.0
    assert value(METRICS["r2"], numbers(constant + 0.5, constant)) == 0.0


@pytest.mark.parametrize("name", ["mae", "r2"])
@given(
    rows=st.lists(st.tuples(*[st.floats(-100, 100, width=32)] * 2), min_size=2, max_size=30),
    cut=st.integers(1, 29),
)
def test_sums_of_batches_add_up(name: str, rows: list[tuple[float, float]], cut: int) -> None:
    said, true = np.array(rows)[:, :1], np.array(rows)[:, 1:]
    one = METRICS[name]
    pieces = [numbers(said[part], true[part]) for part in (slice(cut), slice(cut, None))]
    parts = sum(one.sums(piece).numpy() for piece in pieces if len(piece.targets))
    whole = value(one, numbers(said, true))
    assert one.value(np.asarray(parts)) == pytest.approx(whole, rel=1e-9, abs=1e-9)


# -- in a training ---------------------------------------------------------------------------------
def test_both_engines_measure_the_same() -> None:
    fitting = (one for one in METRICS.values() if "classification" in one.tasks)
    names = [one.name for one in fitting if not one.is_matrix]
    rows = []
    for engine in ("native", "numpy"):
        model = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))
        digits = data.digits().subset(slice(0, 300))
        run = fit(model, digits, epochs=1, metrics=names, validation=0.3, engine=engine, seed=1)
        rows.append(run.history.rows[0])
    assert set(names) < rows[0].keys()
    for name, number in rows[0].items():
        if name != "seconds":
            assert number == pytest.approx(rows[1][name], rel=1e-4), name


def test_a_function_is_a_metric() -> None:
    seen: list[tuple[int, ...]] = []

    def worst(predictions: np.ndarray, targets: np.ndarray) -> float:
        seen.append(predictions.shape)
        return float(np.abs(predictions - targets).max())

    one = metric(worst)
    assert one.name == "worst"
    assert value(one, numbers([[1.0], [2.0]], [[1.0], [4.0]])) == 2.0
    model = nn.Linear(2, 1)
    plane = data.plane(50, seed=0)
    run = fit(model, plane, metrics=["r2", worst], epochs=2, batch_size=20, validation=plane)
    assert seen[-1] == (50, 1)
    assert (20, 1) in seen
    assert run.history["validation_worst"][-1] == pytest.approx(
        np.abs(run.predict(plane) - plane.targets).max(), rel=1e-5
    )


def test_names_are_checked() -> None:
    with pytest.raises(ArgumentError, match='no metric "acuracy"') as caught:
        metric("acuracy")
    assert 'did you mean "accuracy"?' in str(caught.value)
    with pytest.raises(ArgumentError, match="this is no metric"):
        metric(3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match='"accuracy" is not made for regression'):
        metrics_for("regression", ["accuracy"])
    with pytest.raises(ArgumentError, match="k is out of range"):
        top_k(0)


def test_usual_metrics() -> None:
    assert [one.name for one in metrics_for("classification", None)] == ["accuracy"]
    assert [one.name for one in metrics_for("regression", None)] == ["r2", "mae"]
    assert metrics_for("regression", ()) == ()


def test_values_that_are_no_numbers_stay_what_they_are() -> None:
    assert math.isinf(METRICS["perplexity"].value(np.array([1e6, 1.0])))
    assert gn.train.METRICS["mae"].higher_is_better is False
