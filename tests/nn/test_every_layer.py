"""What holds for every layer of the library; a new layer joins by its line in CASES."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn, optim
from glassnet.nn.library import LIBRARY
from glassnet.nn.summary import output_shapes


@dataclass(frozen=True)
class Case:
    make: Callable[[], nn.Module]
    shape: tuple[int, ...] = (5, 3)  # of a batch of inputs
    differentiable: bool = True


CASES: dict[type[nn.Module], Case] = {
    nn.BatchNorm1d: Case(lambda: nn.BatchNorm1d(3)),
    nn.BatchNorm2d: Case(lambda: nn.BatchNorm2d(3), (5, 2, 2, 3)),
    nn.Conv1d: Case(lambda: nn.Conv1d(2, 3, 2, padding="same"), (3, 4, 2)),
    nn.Conv2d: Case(lambda: nn.Conv2d(2, 2, (2, 3), stride=(2, 1), padding=1), (2, 3, 3, 2)),
    nn.ConvTranspose1d: Case(lambda: nn.ConvTranspose1d(2, 3, 3, stride=2), (3, 3, 2)),
    nn.ConvTranspose2d: Case(lambda: nn.ConvTranspose2d(2, 1, 2, init="he_normal"), (3, 2, 2, 2)),
    nn.Dropout: Case(lambda: nn.Dropout(0.25)),
    nn.ELU: Case(lambda: nn.ELU(0.5)),
    nn.Flatten: Case(nn.Flatten, (5, 2, 3, 2)),
    nn.GELU: Case(nn.GELU),
    nn.GroupNorm: Case(lambda: nn.GroupNorm(2, 4), (5, 2, 4)),
    nn.Identity: Case(nn.Identity),
    nn.LayerNorm: Case(lambda: nn.LayerNorm((2, 3)), (5, 2, 3)),
    nn.LeakyReLU: Case(lambda: nn.LeakyReLU(0.2)),
    nn.Linear: Case(lambda: nn.Linear(3, 4, init="he_normal")),
    nn.LogSoftmax: Case(nn.LogSoftmax),
    nn.Perceptron: Case(lambda: nn.Perceptron(3), differentiable=False),
    nn.RMSNorm: Case(lambda: nn.RMSNorm(3)),
    nn.ReLU: Case(nn.ReLU),
    nn.Sequential: Case(lambda: nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))),
    nn.SiLU: Case(nn.SiLU),
    nn.Sigmoid: Case(nn.Sigmoid),
    nn.Softmax: Case(nn.Softmax),
    nn.Softplus: Case(nn.Softplus),
    nn.Tanh: Case(nn.Tanh),
}
KEY = gn.tensor(np.array([1, 2, 3], np.uint32))
every_layer = pytest.mark.parametrize("case", CASES.values(), ids=lambda c: type(c.make()).__name__)
learning = pytest.mark.parametrize(
    "case",
    [case for case in CASES.values() if case.differentiable],
    ids=lambda c: type(c.make()).__name__,
)


def inputs(case: Case, dtype: Any = gn.float32) -> gn.Tensor:
    """Numbers away from 0, where some activations have a kink."""
    rng = gn.Generator(3)
    signs = np.where(rng.uniform(case.shape) < 0.5, -1.0, 1.0)
    return gn.tensor(rng.uniform(case.shape, 0.2, 2.0, dtype=gn.float64) * signs, dtype=dtype)


def run(model: nn.Module, x: gn.Tensor) -> gn.Tensor:
    out = model(x, training=True, generator=KEY)
    assert isinstance(out, gn.Tensor)
    return out


def test_every_layer_of_the_library_has_a_case() -> None:
    assert set(CASES) == set(LIBRARY)


@every_layer
def test_a_layer_names_its_shape(case: Case) -> None:
    assert "hape:" in (type(case.make()).__doc__ or "") or isinstance(case.make(), nn.Sequential)


@every_layer
def test_the_traced_shape_is_the_real_one(case: Case) -> None:
    model, single = case.make(), (1, *case.shape[1:])
    traced = output_shapes(model, case.shape[1:])[id(model)]
    assert traced == model(gn.tensor(np.zeros(single, np.float32))).shape
    assert run(model, inputs(case)).shape == (case.shape[0], *traced[1:])


@every_layer
def test_the_trace_draws_no_numbers(case: Case) -> None:
    model = case.make()
    model.summary(case.shape[1:])
    assert not any(isinstance(p, nn.Parameter) and p.drawn for p in model.parameters())


@every_layer
def test_the_configuration_makes_the_same_layer(case: Case) -> None:
    model = case.make().initialise(1)
    again = nn.build(json.loads(json.dumps(model.config())))
    assert repr(again) == repr(model)
    assert again.config() == model.config()
    again.load_parameters(model.named_parameters())
    np.testing.assert_array_equal(again.predict(inputs(case)), model.predict(inputs(case)))


@every_layer
@pytest.mark.parametrize("dtype", [gn.float32, gn.float64], ids=str)
def test_the_type_of_float_is_kept(case: Case, dtype: Any) -> None:
    model = case.make().astype(dtype)
    assert run(model, inputs(case, dtype)).dtype == dtype


@learning
def test_the_gradients_are_right(case: Case) -> None:
    model = case.make().initialise(2).astype(gn.float64)
    learned = {name: p for name, p in model.named_parameters().items() if p.requires_grad}
    names, values = list(learned), [p.numpy() for p in learned.values()]

    def function(x: gn.Tensor, *parameters: gn.Tensor) -> gn.Tensor:
        for name, value in zip(names, parameters, strict=True):
            owner = model
            *path, field = name.split(".")
            for part in path:
                owner = owner.children()[part]  # type: ignore[assignment]
            vars(owner)[field] = value
        return run(model, x)

    gn.check_grads(function, inputs(case, gn.float64), *values, order=2)


@learning
def test_a_training_step_lowers_the_loss(case: Case) -> None:
    x = inputs(case, gn.float64)
    body = case.make().astype(gn.float64)
    features = int(np.prod(run(body, x).shape[1:]))
    model = nn.Sequential(body, nn.Flatten(), nn.Linear(features, 1)).initialise(0)
    model.astype(gn.float64)
    optimizer = optim.SGD(model, lr=1e-3)

    def loss() -> gn.Tensor:
        difference = run(model, x) - 1.0
        return (difference * difference).mean()

    before = loss()
    before.backward()
    assert all((p.grad is not None) == p.requires_grad for p in model.parameters())
    optimizer.step()
    assert loss().item() < before.item()


@every_layer
def test_the_batch_does_not_matter(case: Case) -> None:
    model, x = case.make().initialise(0), inputs(case).numpy()
    whole = model.predict(x)
    np.testing.assert_allclose(model.predict(x, batch_size=2), whole, rtol=1e-6)
