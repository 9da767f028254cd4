"""Parameters taken over: all checked before the first one changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn


@pytest.fixture
def model() -> nn.Sequential:
    return nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)).initialise(0)


def values(model: nn.Module) -> dict[str, Any]:
    return {name: np.full(p.shape, 0.5) for name, p in model.named_parameters().items()}


def test_values_are_copied_in_the_models_own_type(model: nn.Sequential) -> None:
    given = values(model)
    model.load_parameters(given)
    given["0.weight"][:] = 9.0
    assert all((p.numpy() == 0.5).all() and p.dtype == gn.float32 for p in model.parameters())


def test_a_wrong_shape_changes_nothing(model: nn.Sequential) -> None:
    before = model.predict([[1.0, 2.0]])
    with pytest.raises(gn.ShapeError, match=r'"1\.bias" has another shape') as caught:
        model.load_parameters({**values(model), "1.bias": np.zeros(2)})
    assert (caught.value.expected, caught.value.received) == ("(1,)", "(2,)")
    np.testing.assert_array_equal(model.predict([[1.0, 2.0]]), before)


def test_missing_and_unexpected_names(model: nn.Sequential) -> None:
    given = values(model)
    given["1.wieght"] = given.pop("1.weight")
    with pytest.raises(gn.DataError) as caught:
        model.load_parameters(given)
    assert caught.value.received == "no value for 1.weight; no parameter for 1.wieght"
    assert 'did you mean "1.weight"?' in caught.value.mend
    del given["1.wieght"]
    with pytest.raises(gn.DataError, match="names of the values"):
        model.load_parameters(given)


def test_not_strict_takes_what_fits(model: nn.Sequential) -> None:
    before = model[1].weight.numpy().copy()
    model.load_parameters({"0.bias": np.ones(3), "other": np.ones(1)}, strict=False)
    assert model[0].bias.numpy().tolist() == [1.0] * 3
    np.testing.assert_array_equal(model[1].weight.numpy(), before)


def test_truth_values_are_no_numbers(model: nn.Sequential) -> None:
    with pytest.raises(gn.DTypeError):
        model.load_parameters({**values(model), "1.bias": np.ones(1, bool)})
