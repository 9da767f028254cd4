"""The table of a model."""

from __future__ import annotations

import pytest

import glassnet as gn
from glassnet import nn


def test_images() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 1000), nn.Sequential(nn.ReLU()))
    assert model.summary((8, 8)).split("\n") == [
        "layer             output shape   parameters",
        "Sequential        (batch, 1000)      65,000",
        "  0 (Flatten)     (batch, 64)             0",
        "  1 (Linear)      (batch, 1000)      65,000",
        "  2 (Sequential)  (batch, 1000)           0",
        "    2.0 (ReLU)    (batch, 1000)           0",
        "65,000 parameters, 65,000 of them trainable, 260,000 bytes",
    ]


def test_frozen_numbers_are_counted_apart() -> None:
    model = nn.Sequential(nn.Linear(2, 3).freeze(), nn.Linear(3, 1))
    assert model.summary().endswith("13 parameters, 4 of them trainable, 52 bytes")
    assert model.astype(gn.float64).summary().endswith("104 bytes")


def test_without_a_known_input_there_are_no_shapes() -> None:
    text = nn.Sequential(nn.Flatten(), nn.Linear(4, 2)).summary()
    assert text.split("\n")[1].split() == ["Sequential", "–", "10"]


def test_a_layer_that_does_not_run_has_no_shape() -> None:
    class Idle(nn.Module):
        used: nn.Linear
        idle: nn.Linear

        def __init__(self) -> None:
            self.used, self.idle = nn.Linear(2, 3), nn.Linear(2, 4)

        def forward(self, x: gn.Tensor) -> gn.Tensor:
            return self.used(x)

    rows = Idle().summary((2,)).split("\n")
    assert rows[2].split() == ["used", "(Linear)", "(batch,", "3)", "9"]
    assert rows[3].split() == ["idle", "(Linear)", "–", "12"]


def test_a_wrong_shape_is_found_without_numbers() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 1))
    with pytest.raises(gn.ShapeError, match="wrong number of features"):
        model.summary()
    assert not model[0].weight.drawn


def test_an_output_without_a_batch_is_refused() -> None:
    class Total(nn.Module):
        def forward(self, x: gn.Tensor) -> gn.Tensor:
            return x.sum()

    with pytest.raises(gn.ShapeError, match="has no batch"):
        Total().summary((2,))
