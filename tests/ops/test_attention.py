"""Attention: masks, blocks, rows that see nothing; compiled without ever holding all weights."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import ops
from glassnet.compilation import trace_call
from glassnet.engines.native import compile_program


def drawn(*shapes: tuple[int, ...]) -> list[gn.Tensor]:
    rng = gn.Generator(0)
    return [gn.tensor(rng.normal(shape, dtype=gn.float64), requires_grad=True) for shape in shapes]


def by_hand(q, k, v, mask=None, causal=False):
    scores = np.einsum("...td,...sd->...ts", q, k) / np.sqrt(q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    if causal:
        queries, keys = scores.shape[-2:]
        scores = np.where(np.tri(queries, keys, keys - queries, bool), scores, -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True) @ v


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("block", [None, 1, 3, 7])
def test_blocks_change_nothing(causal: bool, block: int | None) -> None:
    q, k, v = drawn((2, 7, 4), (2, 9, 4), (2, 9, 3))
    mask = np.arange(9) < np.array([9, 4])[:, None, None]
    mask[1, 0, 0] = True
    expected = by_hand(q.numpy(), k.numpy(), v.numpy(), mask, causal)
    out = ops.attention(q, k, v, mask, causal=causal, block=block)
    np.testing.assert_allclose(out.numpy(), expected, rtol=1e-12)
    whole = ops.attention(q, k, v, mask, causal=causal, block=99)
    ours = gn.gradients((out * out).sum(), [q, k, v])
    theirs = gn.gradients((whole * whole).sum(), [q, k, v])
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("block", [None, 2])
def test_a_query_that_sees_nothing_gets_zero_and_no_gradient(block: int | None) -> None:
    q, k, v = drawn((1, 4, 2), (1, 3, 2), (1, 3, 2))
    mask = np.array([[True, True, False], [False] * 3, [True] * 3, [False] * 3])
    out = ops.attention(q, k, v, mask, block=block)
    assert out.numpy()[0, 1].tolist() == [0.0, 0.0]
    (slope,) = gn.gradients(out.sum(), [q])
    assert np.isfinite(slope.numpy()).all()
    assert slope.numpy()[0, 3].tolist() == [0.0, 0.0]


def test_more_causal_queries_than_keys_leave_the_first_ones_blind() -> None:
    q, k, v = drawn((5, 2), (3, 2), (3, 2))
    for block in (None, 2):
        out = ops.attention(q, k, v, causal=True, block=block).numpy()
        assert not out[:2].any()
        np.testing.assert_allclose(out[2], v.numpy()[0], rtol=1e-12)


def test_the_weights_are_those_that_attention_uses() -> None:
    q, k, v = drawn((2, 4, 3), (2, 5, 3), (2, 5, 2))
    weights = ops.attention_weights(q, k, causal=True)
    np.testing.assert_allclose(weights.numpy().sum(-1), 1.0, rtol=1e-12)
    assert not np.triu(weights.numpy()[0], 2).any()
    out = ops.attention(q, k, v, causal=True)
    np.testing.assert_allclose((weights @ v).numpy(), out.numpy(), rtol=1e-12)


def test_compiled_no_array_holds_the_weights_of_all_rows() -> None:
    """Neither in the forward pass nor from there to the backward pass."""
    length = 512
    shape = (1, length, 8)

    def slopes(q: gn.Tensor, k: gn.Tensor, v: gn.Tensor) -> list[gn.Tensor]:
        for x in (q, k, v):
            x.requires_grad = True
        out = ops.attention(q, k, v, causal=True)
        return [out, *gn.gradients((out * out).sum(), [q, k, v])]

    rng = gn.Generator(2)
    arrays = tuple(rng.normal(shape) for _ in range(3))
    traced = trace_call(slopes, arrays, {})
    native = compile_program(traced.program)
    assert native.layout.arena_bytes < length * length * 4
    extra = [holder.array for holder in traced.captured.values()]
    for ours, theirs in zip(native(*arrays, *extra), slopes(*map(gn.tensor, arrays)), strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "shapes",
    [
        ((2, 3, 4), (2, 5, 3), (2, 5, 3)),
        ((2, 3, 4), (2, 5, 4), (2, 4, 4)),
        ((2, 3, 4), (1, 5, 4), (1, 5, 4)),
        ((3,), (3,), (3,)),
    ],
)
def test_shapes_that_do_not_belong_together_are_refused(shapes) -> None:
    with pytest.raises(gn.ShapeError, match="do not belong together"):
        ops.attention(*drawn(*shapes))


def test_a_mask_that_does_not_fit_is_refused() -> None:
    q, k, v = drawn((2, 3, 4), (2, 5, 4), (2, 5, 4))
    with pytest.raises(gn.ShapeError, match="mask does not fit"):
        ops.attention(q, k, v, np.ones((3, 4), bool))
    with pytest.raises(gn.DTypeError, match="booleans"):
        ops.attention(q, k, v, np.ones((3, 5), np.int64))
