"""Multi-head attention: masks, weights, cache, and weights that are watched."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, nn, train

RNG = gn.Generator(0)


def sequence(length: int = 5, batch: int = 2, width: int = 8) -> gn.Tensor:
    return gn.tensor(RNG.normal((batch, length, width)))


def test_a_causal_layer_does_not_see_ahead() -> None:
    layer, x = nn.MultiHeadAttention(8, 2), sequence()
    changed = gn.tensor(np.concatenate([x.numpy()[:, :3], 9.0 + x.numpy()[:, 3:]], axis=1))
    before, after = layer(x, causal=True).numpy(), layer(changed, causal=True).numpy()
    np.testing.assert_allclose(before[:, :3], after[:, :3], rtol=1e-5)
    assert np.abs(before[:, 3:] - after[:, 3:]).max() > 0.1


def test_padding_counts_for_nothing() -> None:
    layer, x = nn.MultiHeadAttention(8, 2), sequence()
    kept = np.array([[True] * 3 + [False] * 2] * 2)
    padded = layer(x, key_mask=kept).numpy()
    np.testing.assert_allclose(padded[:, :3], layer(x[:, :3]).numpy(), rtol=1e-5, atol=1e-6)


def test_lengths_are_a_mask_of_keys() -> None:
    layer, x = nn.MultiHeadAttention(8, 2), sequence()
    kept = np.arange(5) < np.array([[2], [4]])
    np.testing.assert_array_equal(layer(x, lengths=[2, 4]).numpy(), layer(x, key_mask=kept).numpy())
    both = layer(x, lengths=[2, 4], key_mask=np.arange(5) < [[5], [3]]).numpy()
    np.testing.assert_array_equal(both, layer(x, lengths=[2, 3]).numpy())


def test_both_masks_together() -> None:
    layer, x = nn.MultiHeadAttention(8, 2), sequence()
    kept = np.array([[True] * 4 + [False]] * 2)
    window = np.abs(np.subtract.outer(np.arange(5), np.arange(5))) < 2
    _, weights = layer(x, mask=window, key_mask=kept, need_weights=True)
    assert ((weights.numpy() > 0) == (window & kept[0])).all()
    numbers = np.where(window, 0.0, -np.inf).astype(np.float32)
    _, same = layer(x, mask=numbers[None], key_mask=kept, need_weights=True)
    np.testing.assert_array_equal(same.numpy(), weights.numpy())


def test_cross_attention_takes_keys_and_values_of_other_widths() -> None:
    layer = nn.MultiHeadAttention(8, 2, kdim=4, vdim=3)
    out = layer(sequence(), sequence(7, width=4), sequence(7, width=3))
    assert out.shape == (2, 5, 8)


@pytest.mark.parametrize("rotary", [False, True])
def test_with_a_cache_a_sequence_goes_on(rotary: bool) -> None:
    layer, x = nn.MultiHeadAttention(8, 2, rotary=rotary), sequence()
    whole = layer(x, causal=True).numpy()
    first, cache = layer(x[:, :2], causal=True, cache=())
    second, cache = layer(x[:, 2:3], causal=True, cache=cache)
    third, cache = layer(x[:, 3:], causal=True, cache=cache)
    pieces = np.concatenate([first.numpy(), second.numpy(), third.numpy()], axis=1)
    np.testing.assert_allclose(pieces, whole, rtol=1e-4, atol=1e-6)
    assert cache[0].shape == (2, 2, 5, 4)


def test_dropped_weights_are_zero_in_training_alone() -> None:
    layer, x = nn.MultiHeadAttention(8, 2, dropout=0.5), sequence()
    calm = layer(x).numpy()
    np.testing.assert_array_equal(layer(x).numpy(), calm)
    wild = layer(x, training=True, generator=gn.Generator(0)).numpy()
    assert np.abs(wild - calm).max() > 1e-2


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_the_weights_can_be_watched_while_training(engine: str) -> None:
    inputs, labels = RNG.normal((16, 4, 6)), RNG.integers(0, 2, (16,))
    model = nn.Sequential(nn.MultiHeadAttention(6, 2), nn.Flatten(), nn.Linear(24, 2))
    run = train.fit(
        model, data.Dataset(inputs, labels), epochs=1, batch_size=8, engine=engine,
        watch=["0.weights", "0.weights.grad"], watch_every=1, progress=False,
    )  # fmt: skip
    (step, weights), _ = run.watched["0.weights"]
    assert (step, weights.shape) == (1, (8, 2, 4, 4))
    np.testing.assert_allclose(weights.sum(-1), 1.0, rtol=1e-5)
    assert np.abs(run.watched["0.weights.grad"][0][1]).max() > 0.0


def test_heads_that_do_not_divide_the_features_are_refused() -> None:
    with pytest.raises(gn.ArgumentError, match="share out"):
        nn.MultiHeadAttention(8, 3)


def test_inputs_that_are_no_sequences_are_refused() -> None:
    layer, x = nn.MultiHeadAttention(8, 2), sequence()
    with pytest.raises(gn.ShapeError, match="sequences of one batch"):
        layer(x[0])
    with pytest.raises(gn.ShapeError, match="sequences of one batch"):
        layer(x, x, x[:, :2])
