"""A trained network read with what its inputs and outputs mean."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, nn
from glassnet.errors import ArgumentError, DataError, ShapeError
from glassnet.train import READINGS, Predictor, Run, fit


@pytest.fixture(scope="module")
def flowers() -> Run:
    train, test = data.standardise(*data.split(data.iris(), seed=0))
    model = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
    return fit(model, train, validation=test, epochs=20)


def test_raw_inputs_and_standardised_data_give_the_same(flowers: Run) -> None:
    held = flowers.held_out
    by_data = flowers.predict(held)
    np.testing.assert_array_equal(by_data, flowers.predict(held.inputs))
    raw = data.iris()
    np.testing.assert_array_equal(flowers.predict(raw), flowers.predict(raw.inputs))
    assert (flowers.predict(raw) == raw.targets).mean() > 0.9


def test_labels_and_probabilities(flowers: Run) -> None:
    first = data.iris().inputs[:3]
    assert flowers.predictor.labels(first) == ["setosa"] * 3
    probabilities = flowers.predictor.probabilities(gn.tensor(first))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-5)
    assert (probabilities[:, 0] > 0.8).all()


def test_lists_will_do(flowers: Run) -> None:
    assert flowers.predict([[5.1, 3.5, 1.4, 0.2]]).tolist() == [0]


def test_other_rows_are_refused(flowers: Run) -> None:
    with pytest.raises(ShapeError, match="another shape than those trained on") as caught:
        flowers.predict(np.zeros(4))
    assert "a single row is x[None]" in str(caught.value)
    with pytest.raises(ShapeError, match="another shape than those trained on"):
        flowers.predict(np.zeros((2, 5)))
    with pytest.raises(DataError, match=r'nan in the inputs: row 0, column 1 \("sepal width'):
        flowers.predict([[1.0, np.nan, 1.0, 1.0]])


def test_a_regression_has_numbers_only() -> None:
    run = fit(nn.Linear(2, 1), data.plane(100), epochs=1)
    assert run.predict(data.plane(5)).shape == (5, 1)
    with pytest.raises(ArgumentError, match="a regression has no classes"):
        run.predictor.labels(data.plane(5))
    with pytest.raises(ArgumentError, match="tell no probabilities"):
        run.predictor.probabilities(data.plane(5))


@pytest.mark.parametrize(
    ("name", "outputs", "labels", "probabilities"),
    [
        ("logits", [[0.0, 0.0], [1.0, 3.0]], [0, 1], [[0.5, 0.5], [0.119203, 0.880797]]),
        (
            "log-probabilities",
            np.log([[0.25, 0.75], [0.9, 0.1]]),
            [1, 0],
            [[0.25, 0.75], [0.9, 0.1]],
        ),
        ("scores", [[2.0, 1.0], [1.0, 3.0]], [0, 1], None),
        ("logit", [[-2.0], [2.0]], [0, 1], [[0.880797, 0.119203], [0.119203, 0.880797]]),
        ("margin", [[-2.0], [2.0]], [0, 1], None),
    ],
)
def test_readings_by_hand(
    name: str, outputs: object, labels: list[int], probabilities: list[list[float]] | None
) -> None:
    reading = READINGS[name]
    array = np.array(outputs, np.float64)
    assert reading.decide(array).tolist() == labels
    if probabilities is None:
        assert reading.probabilities is None
    else:
        assert reading.probabilities is not None
        np.testing.assert_allclose(reading.probabilities(array), probabilities, atol=1e-6)


def test_targets_as_the_losses_want_them() -> None:
    labels = gn.tensor([0, 1, 1])
    assert READINGS["logit"].targets(labels).numpy().tolist() == [[0.0], [1.0], [1.0]]
    assert READINGS["margin"].targets(labels).numpy().tolist() == [[-1.0], [1.0], [1.0]]
    assert READINGS["logits"].targets(labels) is labels


def test_facts_and_back(flowers: Run) -> None:
    again = Predictor.from_facts(flowers.model, flowers.predictor.facts())
    assert again.facts() == flowers.predictor.facts()
    with pytest.raises(DataError, match="does not say what a network's inputs and outputs mean"):
        Predictor.from_facts(flowers.model, {"reading": "tea leaves"})
