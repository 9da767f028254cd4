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
    tokens: int = 0  # inputs are integers below it
    order: int = 2  # of the gradients; 1 where a layer is made of layers that have cases here


class Decoding(nn.Module):
    """A decoder whose memory is its own input. Shape: (B, T, d_model) → the same."""

    decoder: nn.Module

    def __init__(self, decoder: nn.Module) -> None:
        self.decoder = decoder

    def forward(self, x: gn.Tensor) -> gn.Tensor:
        out: gn.Tensor = self.decoder(x, x)
        return out


class Remembering(nn.Module):
    """Outputs and last states of a recurrent layer, side by side. Shape: (B, …) → (B, n)"""

    inner: nn.Module

    def __init__(self, inner: nn.Module) -> None:
        self.inner = inner

    def forward(self, x: gn.Tensor) -> gn.Tensor:
        found = self.inner(x)
        parts = found if isinstance(found, tuple) else (found,)
        parts = tuple(t for part in parts for t in (part if isinstance(part, tuple) else (part,)))
        if isinstance(self.inner, nn.LSTMCell | nn.GRUCell | nn.RNNCell):
            return gn.ops.concat(*parts, axis=1)
        rows = [parts[0], *(state.transpose(1, 0, 2) for state in parts[1:])]
        return gn.ops.concat(*(row.reshape((x.shape[0], -1)) for row in rows), axis=1)


def decoder_layer() -> nn.TransformerDecoderLayer:
    return nn.TransformerDecoderLayer(4, 2, 3, 0.25, "gelu")


CASES: dict[type[nn.Module], Case] = {
    nn.AvgPool1d: Case(lambda: nn.AvgPool1d(3, stride=2, padding=1), (3, 5, 2)),
    nn.AvgPool2d: Case(lambda: nn.AvgPool2d(2, count_include_pad=False), (3, 2, 5, 2)),
    nn.BatchNorm1d: Case(lambda: nn.BatchNorm1d(3)),
    nn.BatchNorm2d: Case(lambda: nn.BatchNorm2d(3), (5, 2, 2, 3)),
    nn.Conv1d: Case(lambda: nn.Conv1d(2, 3, 2, padding="same"), (3, 4, 2)),
    nn.Conv2d: Case(lambda: nn.Conv2d(2, 2, (2, 3), stride=(2, 1), padding=1), (2, 3, 3, 2)),
    nn.ConvTranspose1d: Case(lambda: nn.ConvTranspose1d(2, 3, 3, stride=2), (3, 3, 2)),
    nn.ConvTranspose2d: Case(lambda: nn.ConvTranspose2d(2, 1, 2, init="he_normal"), (3, 2, 2, 2)),
    nn.Dropout: Case(lambda: nn.Dropout(0.25)),
    nn.ELU: Case(lambda: nn.ELU(0.5)),
    nn.Embedding: Case(lambda: nn.Embedding(7, 3), (5, 2), tokens=7),
    nn.GRU: Case(lambda: Remembering(nn.GRU(2, 2, dropout=0.5)), (3, 2, 2)),
    nn.GRUCell: Case(lambda: Remembering(nn.GRUCell(3, 2))),
    nn.Flatten: Case(nn.Flatten, (5, 2, 3, 2)),
    nn.GELU: Case(nn.GELU),
    nn.GlobalAvgPool1d: Case(nn.GlobalAvgPool1d, (3, 4, 2)),
    nn.GlobalAvgPool2d: Case(nn.GlobalAvgPool2d, (3, 2, 3, 2)),
    nn.GroupNorm: Case(lambda: nn.GroupNorm(2, 4), (5, 2, 4)),
    nn.Identity: Case(nn.Identity),
    nn.LayerNorm: Case(lambda: nn.LayerNorm((2, 3)), (5, 2, 3)),
    nn.LSTM: Case(
        lambda: Remembering(nn.LSTM(2, 1, 2, dropout=0.25, bidirectional=True)), (3, 2, 2), order=1
    ),
    nn.LSTMCell: Case(lambda: Remembering(nn.LSTMCell(3, 2))),
    nn.LeakyReLU: Case(lambda: nn.LeakyReLU(0.2)),
    nn.LearnedPositions: Case(lambda: nn.LearnedPositions(4, 3), (5, 2, 3)),
    nn.Linear: Case(lambda: nn.Linear(3, 4, init="he_normal")),
    nn.LogSoftmax: Case(nn.LogSoftmax),
    nn.MultiHeadAttention: Case(lambda: nn.MultiHeadAttention(4, 2, 0.25), (3, 2, 4)),
    nn.MaxPool1d: Case(lambda: nn.MaxPool1d(3, stride=1, padding=1), (3, 5, 2)),
    nn.MaxPool2d: Case(lambda: nn.MaxPool2d(2), (3, 4, 5, 2)),
    nn.Perceptron: Case(lambda: nn.Perceptron(3), differentiable=False),
    nn.RNN: Case(lambda: Remembering(nn.RNN(2, 2, 2, bias=False)), (3, 3, 2)),
    nn.RNNCell: Case(lambda: Remembering(nn.RNNCell(3, 2))),
    nn.RMSNorm: Case(lambda: nn.RMSNorm(3)),
    nn.ReLU: Case(nn.ReLU),
    nn.RotaryPositions: Case(lambda: nn.RotaryPositions(4), (5, 3, 4)),
    nn.Sequential: Case(lambda: nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))),
    nn.SiLU: Case(nn.SiLU),
    nn.Sigmoid: Case(nn.Sigmoid),
    nn.SinusoidalPositions: Case(lambda: nn.SinusoidalPositions(4), (5, 3, 4)),
    nn.Softmax: Case(nn.Softmax),
    nn.Softplus: Case(nn.Softplus),
    nn.Tanh: Case(nn.Tanh),
    nn.TransformerDecoder: Case(
        lambda: Decoding(nn.TransformerDecoder(decoder_layer(), 1)), (2, 2, 4), order=1
    ),
    nn.TransformerDecoderLayer: Case(lambda: Decoding(decoder_layer()), (2, 2, 4), order=1),
    nn.TransformerEncoder: Case(
        lambda: nn.TransformerEncoder(
            nn.TransformerEncoderLayer(4, 2, 3, 0.25, "tanh"), 2, nn.LayerNorm(4)
        ),
        (2, 2, 4),
        order=1,
    ),
    nn.TransformerEncoderLayer: Case(
        lambda: nn.TransformerEncoderLayer(4, 1, 3, norm_first=True, rotary=True),
        (2, 2, 4),
        order=1,
    ),
    nn.Upsample: Case(lambda: nn.Upsample(scale_factor=2, mode="bilinear"), (2, 2, 3, 2)),
}
KEY = gn.tensor(np.array([1, 2, 3], np.uint32))
every_layer = pytest.mark.parametrize(
    "case", [pytest.param(case, id=layer.__name__) for layer, case in CASES.items()]
)
learning = pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=layer.__name__) for layer, case in CASES.items() if case.differentiable],
)


def inputs(case: Case, dtype: Any = gn.float32) -> gn.Tensor:
    """Numbers away from 0, where some activations have a kink; or tokens."""
    rng = gn.Generator(3)
    if case.tokens:
        return gn.tensor(rng.integers(0, case.tokens, case.shape))
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
    model, single = case.make(), inputs(case)[:1]
    traced = output_shapes(model, case.shape[1:], dtype=single.dtype)[id(model)]
    assert traced == model(single).shape
    assert run(model, inputs(case)).shape == (case.shape[0], *traced[1:])


@every_layer
def test_the_trace_draws_no_numbers(case: Case) -> None:
    model = case.make()
    model.summary(case.shape[1:], dtype=inputs(case).dtype)
    assert not any(isinstance(p, nn.Parameter) and p.drawn for p in model.parameters())


@every_layer
def test_the_configuration_makes_the_same_layer(case: Case) -> None:
    model = case.make().initialise(1)
    again = nn.build(json.loads(json.dumps(model.config())), classes=[Decoding, Remembering])
    assert repr(again) == repr(model)
    assert again.config() == model.config()
    again.load_parameters(model.named_parameters())
    np.testing.assert_array_equal(again.predict(inputs(case)), model.predict(inputs(case)))


@every_layer
@pytest.mark.parametrize("dtype", [gn.float32, gn.float64], ids=str)
def test_the_type_of_float_is_kept(case: Case, dtype: Any) -> None:
    model = case.make().astype(dtype)
    assert run(model, inputs(case, dtype)).dtype == dtype


@pytest.mark.no_cover
@learning
def test_the_gradients_are_right(case: Case) -> None:
    model = case.make().initialise(2).astype(gn.float64)
    learned = {name: p for name, p in model.named_parameters().items() if p.requires_grad}
    names, values = list(learned), [p.numpy() for p in learned.values()]

    modules = model.named_modules()

    def function(x: gn.Tensor, *parameters: gn.Tensor) -> gn.Tensor:
        for name, value in zip(names, parameters, strict=True):
            path, _, field = name.rpartition(".")
            vars(modules[path])[field] = value
        return run(model, x)

    x = inputs(case, gn.float64)
    if case.tokens:
        gn.check_grads(lambda *parameters: function(x, *parameters), *values, order=case.order)
    else:
        gn.check_grads(function, x, *values, order=case.order)


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
