from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn, view
from glassnet.train import Approximant, Approximation
from glassnet.view.approximation import contributions

from .visual import Looks

Texts = Callable[[view.Picture], list[str]]


def network(width: int) -> nn.Sequential:
    """Units that rise one after the other and add up to about x."""
    model = nn.Sequential(nn.Linear(1, width), nn.Sigmoid(), nn.Linear(width, 1))
    centre = (np.arange(width) + 0.5) / width
    slope = np.full((width, 1), 6.0 * width)
    weight = np.full((1, width), 1.0 / width)
    return model.load_parameters(
        {"0.weight": slope, "0.bias": -slope[:, 0] * centre, "2.weight": weight, "2.bias": [0.0]}
    )


@pytest.fixture(scope="module")
def steps() -> Approximation:
    at = np.array([0.0])
    found = [Approximant(w, network(w), 0.5 / w, at, 0.1) for w in (1, 2, 3, 5, 20)]
    return Approximation(lambda x: x, "x", 1, 0.0, 1.0, tuple(found))


def test_networks_beside_the_target(steps: Approximation, texts: Texts, looks: Looks) -> None:
    picture = view.approximation(steps)
    words = texts(picture)
    assert {"1 unit", "2 units", "5 units", "20 units", "network", "x", "largest error"} <= set(
        words
    )
    assert "3 units" not in words  # four have a column; all are in the curve
    assert picture.alt == (
        "x from 0 to 1, approximated by sums of sigmoid units. Largest error: 0.5 with 1, 0.25 "
        "with 2, 0.167 with 3, 0.1 with 5, 0.025 with 20."
    )
    assert steps._repr_svg_() == picture.svg
    few = Approximation(lambda x: x, "x", 1, 0.0, 1.0, steps.networks[:2])
    looks(view.approximation(few), "approximation")


def test_units_add_up_to_the_network(steps: Approximation, texts: Texts, looks: Looks) -> None:
    x = np.linspace(0.0, 1.0, 7)
    single, constant = contributions(network(3), x)
    assert single.shape == (3, 7)
    np.testing.assert_allclose(
        single.sum(axis=0) + constant, network(3).predict(x[:, None])[:, 0], atol=1e-6
    )
    picture = view.units(steps)
    assert {"5 units, vσ(ax + b)", "all: the network"} <= set(texts(picture))
    assert "The 5 sigmoid units whose sum approximates x to within 0.1." in picture.alt
    looks(view.units(steps, 3), "units-dark", dark=True)


def test_of_two_numbers_the_curve_alone(texts: Texts) -> None:
    found = Approximation(
        lambda x, y: x, "x + y", 2, 0.0, 1.0,
        tuple(Approximant(w, network(w), 0.9 / w, np.zeros(2), 0.1) for w in (4, 8)),
    )  # fmt: skip
    assert "x + y on [0, 1]²" in texts(view.approximation(found))
    with pytest.raises(gn.ArgumentError, match="function of one number"):
        view.units(found)


def test_a_width_that_is_not_there(steps: Approximation) -> None:
    with pytest.raises(gn.ArgumentError, match="width 4"):
        view.units(steps, 4)
