"""Recurrent layers beside PyTorch's values: their arguments, ended sequences, what is refused."""

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn

LAYERS = [nn.RNN, nn.GRU, nn.LSTM]


def batch(*shape):
    return gn.Generator(1).normal(shape)


def test_a_layer_is_its_cell_step_by_step():
    layer = nn.LSTM(3, 4, seed=0)
    cell = nn.LSTMCell(3, 4)
    cell.load_parameters({k.removesuffix("_l0"): v for k, v in layer.named_parameters().items()})
    x = gn.tensor(batch(2, 5, 3))
    outputs, _ = layer(x)
    state = None
    for t in range(5):
        state = cell(x[:, t], state)
        np.testing.assert_allclose(outputs.numpy()[:, t], state[0].numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("layer", LAYERS)
def test_what_lies_behind_the_end_changes_nothing(layer):
    model = layer(3, 4, num_layers=2, bidirectional=True, seed=0)
    x, other = batch(2, 5, 3), batch(2, 5, 3)
    other[0, 3:] = 100.0
    other[0, :3], other[1] = x[0, :3], x[1]
    found, expected = (model(a, lengths=[3, 5]) for a in (other, x))
    for a, b in zip(found[0].numpy(), expected[0].numpy(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not found[0].numpy()[0, 3:].any()
    alone, _ = model(x[:1, :3])
    np.testing.assert_allclose(found[0].numpy()[0, :3], alone.numpy()[0], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_state_is_handed_on(layer):
    model, x = layer(3, 4, num_layers=2, seed=0), batch(2, 6, 3)
    whole, last = model(x)
    first, state = model(x[:, :2])
    second, end = model(x[:, 2:], state)
    pieces = np.concatenate([first.numpy(), second.numpy()], axis=1)
    np.testing.assert_allclose(pieces, whole.numpy(), rtol=1e-5, atol=1e-6)
    pairs = zip(end, last, strict=True) if isinstance(end, tuple) else [(end, last)]
    for a, b in pairs:
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-6)


def test_dropout_works_between_the_layers_in_training():
    model, x = nn.GRU(3, 4, num_layers=2, dropout=0.5, seed=0), batch(2, 5, 3)
    plain, _ = model(x)
    np.testing.assert_array_equal(model(x)[0].numpy(), plain.numpy())
    trained, _ = model(x, training=True, generator=gn.Generator(0))
    assert not np.allclose(trained.numpy(), plain.numpy())
    alone = nn.GRU(3, 4, dropout=0.5, seed=0)
    trained, _ = alone(x, training=True, generator=gn.Generator(0))
    np.testing.assert_array_equal(trained.numpy(), alone(x)[0].numpy())


def test_lengths_may_change_from_call_to_call_of_a_compiled_function():
    model = nn.LSTM(3, 4, bidirectional=True, seed=0)
    fast = gn.compile(lambda x, lengths: model(x, lengths=lengths)[0])
    x = batch(2, 5, 3)
    for lengths in ([3, 5], [1, 0]):
        found = fast(x, np.array(lengths)).numpy()
        expected = model(x, lengths=lengths)[0].numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_what_is_refused():
    with pytest.raises(gn.ArgumentError, match="at least one of its hidden_size"):
        nn.LSTM(3, 0)
    with pytest.raises(gn.ArgumentError, match="tanh or relu"):
        nn.RNN(3, 4, nonlinearity="gelu")
    model = nn.LSTM(3, 4)
    with pytest.raises(gn.ShapeError, match=r"\(B, T, 3\)(?s:.*)\(2, 3\)"):
        model(batch(2, 3))
    with pytest.raises(gn.ShapeError, match="whole sequence"):
        nn.GRUCell(3, 4)(batch(2, 5, 3))
    with pytest.raises(gn.ShapeError, match=r"\(h, c\)"):
        model(batch(2, 5, 3), gn.tensor(np.zeros((1, 2, 4), "f4")))
    with pytest.raises(gn.ShapeError, match="one length for each"):
        model(batch(2, 5, 3), lengths=[1, 2, 3])
    with pytest.raises(gn.ArgumentError, match="0 to 5"):
        model(batch(2, 5, 3), lengths=[1, 6])
    with pytest.raises(gn.DTypeError, match="lengths are integers"):
        model(batch(2, 5, 3), lengths=[1.0, 2.0])
