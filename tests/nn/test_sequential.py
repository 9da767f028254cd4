"""Layers one after another, and the linear layer's own cases."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn


def test_order_length_slices() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).initialise(0)
    x = gn.tensor([[1.0, 2.0]])
    assert len(model) == len(list(model)) == 3
    np.testing.assert_array_equal(model[1:](model[0](x)).numpy(), model(x).numpy())
    assert nn.Sequential()(x) is x


def test_a_setting_goes_to_the_layers_that_take_it() -> None:
    model = nn.Sequential(nn.Linear(1, 2), nn.Sequential(nn.GlobalAvgPool1d()), nn.Tanh())
    x = gn.Generator(0).normal((2, 3, 1))
    model.initialise(0)
    assert model.takes("lengths")
    short = model(gn.tensor(x[:1, :2]))
    np.testing.assert_allclose(model(x, lengths=[2, 3]).numpy()[:1], short.numpy(), rtol=1e-6)
    with pytest.raises(gn.ArgumentError, match="no layer takes causal"):
        model(x, causal=True)


@pytest.mark.parametrize("wrong", [nn.Tanh, np.tanh, 3])
def test_what_is_no_module_is_refused(wrong: object) -> None:
    with pytest.raises(gn.ArgumentError, match="Sequential holds modules") as caught:
        nn.Sequential(nn.Linear(2, 2), wrong)  # type: ignore[arg-type]
    assert "number 1" in caught.value.received


def test_linear_without_bias_and_over_many_axes() -> None:
    layer = nn.Linear(3, 2, bias=False, seed=0)
    x = gn.Generator(0).normal((4, 5, 3))
    assert list(layer.named_parameters()) == ["weight"]
    np.testing.assert_allclose(layer(x).numpy(), x @ layer.weight.numpy().T, rtol=1e-5)


def test_linear_starts_as_pytorch_does() -> None:
    layer = nn.Linear(400, 300, seed=0)
    assert layer.bias is not None
    for numbers in (layer.weight.numpy(), layer.bias.numpy()):
        assert 0.048 < np.abs(numbers).max() <= 0.05
    other = nn.Linear(400, 300, init="he_normal")
    assert other.bias is not None
    assert not other.bias.numpy().any()


@pytest.mark.parametrize("sizes", [(0, 1), (1, -1), (2.0, 1), (True, 1)])
def test_sizes_of_linear(sizes: tuple[int, int]) -> None:
    with pytest.raises(gn.ArgumentError, match="Linear has at least one"):
        nn.Linear(*sizes)


def test_flatten_some_axes() -> None:
    x = np.zeros((2, 3, 4, 5), np.float32)
    assert nn.Flatten()(x).shape == (2, 60)
    assert nn.Flatten(0, 1)(x).shape == (6, 4, 5)
    assert nn.Flatten(-2)(x).shape == (2, 3, 20)
    with pytest.raises(gn.ShapeError, match="has not the axes"):
        nn.Flatten()(x[0, 0, 0])
    with pytest.raises(gn.ShapeError, match="has not the axes"):
        nn.Flatten(3, 2)(x)


def test_activations_by_name() -> None:
    for name, cls in nn.ACTIVATIONS.items():
        assert type(nn.activation(name)) is cls
    with pytest.raises(gn.ArgumentError, match='no activation "tahn"') as caught:
        nn.activation("tahn")
    assert 'did you mean "tanh"?' in caught.value.mend


def test_softmax_keeps_the_order() -> None:
    x = gn.Generator(0).normal((5, 7))
    p = nn.Softmax()(x).numpy()
    np.testing.assert_array_equal(p.argsort(-1), x.argsort(-1))
    np.testing.assert_allclose(p.sum(-1), 1.0, rtol=1e-6)
