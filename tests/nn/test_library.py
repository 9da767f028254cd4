"""Modules made from data, which can name no code."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassnet as gn
from glassnet import nn
from glassnet.nn.library import LIBRARY


class Stack(nn.Module):
    """A module of the user's, with modules among its arguments."""

    body: nn.Module
    head: nn.Module
    extra: list[nn.Module]

    def __init__(self, body: nn.Module, width: int, *rest: nn.Module, note: str = "") -> None:
        self.body, self.width, self.extra, self.note = body, width, list(rest), note
        self.head = nn.Linear(width, 1)

    def forward(self, x: gn.Tensor) -> gn.Tensor:
        x = self.body(x)
        for layer in self.extra:
            x = layer(x)
        return self.head(x)


def through_json(module: nn.Module) -> Any:
    return json.loads(json.dumps(module.config()))


def test_own_classes_are_named_by_the_caller_alone() -> None:
    model = Stack(nn.Linear(2, 3), 3, nn.Tanh(), nn.Dropout(0.2), note="a")
    with pytest.raises(gn.FileFormatError, match='no module class "Stack"') as caught:
        nn.build(through_json(model))
    assert "classes=[Stack]" in caught.value.mend
    again = nn.build(through_json(model), classes=[Stack])
    assert isinstance(again, Stack)
    assert repr(again) == repr(model)
    assert list(again.named_parameters()) == list(model.named_parameters())


def test_a_replaced_field_is_in_the_configuration() -> None:
    model = Stack(nn.Identity(), 3)
    model.head = nn.Sequential(nn.Linear(3, 5), nn.Linear(5, 2))
    again = nn.build(through_json(model), classes=[Stack])
    assert list(again.named_parameters()) == list(model.named_parameters())
    assert again.predict(np.ones((1, 3))).shape == (1, 2)


def test_the_type_of_float_is_in_the_configuration() -> None:
    model = nn.Sequential(nn.Linear(2, 3)).astype(gn.float64)
    assert through_json(model)["dtype"] == "float64"
    assert nn.build(through_json(model)).dtype == gn.float64


def test_how_numbers_are_drawn_is_left_out() -> None:
    layer = nn.Linear(2, 3, init=lambda shape, _rng: np.ones(shape), seed=3)
    assert layer.config()["arguments"] == {"in_features": 2, "out_features": 3, "bias": True}
    assert nn.Linear(2, 3, init="ones").config()["arguments"]["init"] == "ones"


def test_arguments_that_are_no_data_are_refused() -> None:
    class Odd(nn.Module):
        def __init__(self, function: Any) -> None:
            self.function = function

    with pytest.raises(gn.ArgumentError, match="cannot be written down as data") as caught:
        Odd(print).config()
    assert "Odd(function=…)" in caught.value.where


def test_numpy_numbers_become_plain_ones() -> None:
    config = nn.LeakyReLU(np.float64(0.5)).config()
    assert json.dumps(config["arguments"]) == '{"negative_slope": 0.5}'


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"class": 3},
        {"class": "Linear", "arguments": []},
        {"class": "Linear", "arguments": {"in_features": 2}},
        {"class": "Linear", "arguments": {"in_features": "2", "out_features": 3}},
        {"class": "Linear", "arguments": {"in_featurs": 2, "out_features": 3}},
        {"class": "Dropout", "arguments": {"p": "a lot"}},
        {"class": "Sequential", "arguments": {"layers": 3}},
        {"class": "Sequential", "arguments": {"layers": [3]}},
        {"class": "Tanh", "replaced": {"forward": 3}},
        {"class": "os.system", "arguments": {"command": "true"}},
        {"class": "Tanh", "dtype": "object"},
    ],
)
def test_what_describes_no_module_is_refused(config: Any) -> None:
    with pytest.raises(gn.GlassnetError):
        nn.build(config)


def test_depth_is_bounded() -> None:
    config: Any = {"class": "Tanh"}
    for _ in range(500):
        config = {"class": "Sequential", "arguments": {"layers": [config]}}
    with pytest.raises(gn.FileFormatError, match="nested too deeply"):
        nn.build(config)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["class", "arguments", "layers", "p", "in_features", "labels", "x"]),
            inner | st.sampled_from(["Linear", "Sequential", "Dropout", "Perceptron", "Flatten"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


keys = st.sampled_from(["class", "arguments", "replaced", "dtype"])
names = st.sampled_from([c.__name__ for c in LIBRARY])
settings = st.sampled_from(
    ["p", "layers", "in_features", "out_features", "bias", "init", "seed", "dim", "labels", "alpha"]
)


@pytest.mark.no_cover
@given(st.dictionaries(keys, values))
def test_random_data_makes_a_module_or_a_clear_error(config: dict[str, Any]) -> None:
    with contextlib.suppress(gn.GlassnetError):
        assert isinstance(nn.build(config), nn.Module)


@pytest.mark.no_cover
@given(names, st.dictionaries(settings, values), values)
def test_random_arguments_make_a_module_or_a_clear_error(
    name: str, arguments: dict[str, Any], dtype: Any
) -> None:
    config = {"class": name, "arguments": arguments, "dtype": dtype}
    for one in (config, {**config, "dtype": "float64"}):
        with contextlib.suppress(gn.GlassnetError):
            assert isinstance(nn.build(one), nn.Module)
