"""Parts of a batch in one compiled loop: its bits are those of the parts written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses, models, nn, optim
from glassnet.compilation import Loop
from glassnet.train import Step, step

RNG = np.random.default_rng(0)
TARGETS = RNG.integers(0, 3, 26)


def dense() -> nn.Module:
    return nn.Sequential(
        nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3)
    )


def recurrent() -> nn.Module:
    return models.lstm_classifier(2, 3, hidden_size=4)


def learner(model: nn.Module, part: int) -> Loop:
    model.initialise(0)
    adam = optim.Adam(lr=0.01, weight_decay=0.1).bind(model)
    return Loop(Step(model, losses.cross_entropy, adam, gn.Generator(0), part=part))


def trained(model: nn.Module, inputs: np.ndarray, rows: int, part: int) -> list[bytes]:
    """Losses, outputs and parameters of two steps."""
    order = np.arange(2 * rows).reshape(2, rows) % len(inputs)
    found = learner(model, part)([inputs, TARGETS], order)
    return [array.tobytes() for array in (*found, *(p.numpy() for p in model.parameters()))]


@pytest.mark.parametrize(
    ("make", "shape"), [(dense, (4,)), (recurrent, (3, 2))], ids=["dense", "recurrent"]
)
def test_the_bits_are_those_of_the_parts_written_out(
    make: Any, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three parts of 8 in the loop, and two rows behind it."""
    inputs = RNG.normal(size=(26, *shape)).astype("f")
    looped = trained(make(), inputs, 26, 8)
    monkeypatch.setattr(step, "is_watched", lambda: True)
    assert looped == trained(make(), inputs, 26, 8)


def test_code_does_not_grow_with_the_number_of_parts() -> None:
    tables = [np.zeros((26, 4), "f"), TARGETS]
    few, many = (len(learner(dense(), 4).program(tables, rows)[1].ir()) for rows in (8, 24))
    assert abs(many - few) < 0.01 * few


def test_a_parameter_that_takes_no_part_receives_no_gradient() -> None:
    class Half(nn.Module):
        used: nn.Module
        unused: nn.Module

        def __init__(self) -> None:
            self.used, self.unused = nn.Linear(4, 3), nn.Linear(4, 3)

        def forward(self, x: gn.Tensor) -> gn.Tensor:
            return self.used(x)

    inputs = RNG.normal(size=(26, 4)).astype("f")
    model = Half()
    before = model.initialise(0).unused.weight.numpy().copy()
    trained(model, inputs, 16, 8)
    assert model.unused.weight.numpy().tolist() == before.tolist()  # no weight decay either
    assert all(p.grad is None for p in model.parameters())
