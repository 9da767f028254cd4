"""Stacks of Transformer layers."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn


def encoder(**settings: bool) -> nn.TransformerEncoder:
    layer = nn.TransformerEncoderLayer(8, 2, 16, 0.0, **settings)
    return nn.TransformerEncoder(layer, 3, nn.LayerNorm(8))


def test_the_layers_of_a_stack_are_alike_but_each_its_own() -> None:
    stack = encoder(norm_first=True).initialise(0)
    first, second = (layer.linear1.weight.numpy() for layer in stack.layers[:2])
    assert stack.layers[0].config() == stack.layers[2].config()
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("norm_first", [False, True])
def test_with_a_cache_a_stack_goes_on(norm_first: bool) -> None:
    stack, x = encoder(norm_first=norm_first), gn.tensor(gn.Generator(0).normal((2, 5, 8)))
    whole = stack(x, causal=True).numpy()
    cache, pieces = (), []
    for start, stop in ((0, 2), (2, 3), (3, 5)):
        out, cache = stack(x[:, start:stop], causal=True, cache=cache)
        pieces.append(out.numpy())
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), whole, rtol=1e-4, atol=1e-5)


def test_a_decoder_does_not_see_ahead_unless_told() -> None:
    layer = nn.TransformerDecoderLayer(8, 2, 16, 0.0)
    x, memory = (gn.tensor(gn.Generator(seed).normal((1, 4, 8))) for seed in (0, 1))
    changed = gn.tensor(np.where(np.arange(4)[:, None] < 3, x.numpy(), 5.0).astype("float32"))
    first = layer(x, memory).numpy()[:, :3]
    np.testing.assert_allclose(layer(changed, memory).numpy()[:, :3], first, rtol=1e-5)
    assert np.abs(layer(changed, memory, causal=False).numpy()[:, :3] - first).max() > 1e-3


def test_a_stack_without_layers_is_refused() -> None:
    with pytest.raises(gn.ArgumentError, match="at least one layer"):
        nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2), 0)
