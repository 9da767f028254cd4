"""Scaled dot-product attention, which for long sequences never holds all its weights at once.

Source: Vaswani et al., "Attention is all you need", 2017; in blocks: Dao et al., "FlashAttention",
2022.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..tensor import Generator, Tensor, float64
from ..tensor.dtypes import is_float
from .attention_rows import Rows, blocks, check, scale_of, spec
from .comparison import less_equal, where
from .contraction import contract
from .exponential import exp
from .move import concat, expand_dims, pad, part, slice_
from .operation import (
    Engine_,
    Gradients,
    Operation,
    Sample,
    Shape,
    needs_gradient,
    onto,
    sample,
)


class AttentionWeights(Operation):
    """w = softmax(q kᵀ · scale, masked) over the keys: how much each query heeds each key

    d/dq = scale · ds k, d/dk = scale · dsᵀ q, with ds = w · (grad − Σ grad·w)
    """

    name = "attention_weights"
    symbol = "softmax qkᵀ"
    common = slice(0, 2)
    floats_only = True

    def shape(  # type: ignore[override]
        self, q: Shape, k: Shape, mask: Shape | None = None, **settings: Any
    ) -> Shape:
        check(q, k, k, mask)
        return (*q[:-1], k[-2])

    def forward(
        self,
        xp: Engine_,
        q: Any,
        k: Any,
        mask: Any = None,
        *,
        causal: bool = False,
        scale: float | None = None,
    ) -> Any:
        rows = Rows(xp, q, k, mask, causal=causal, scale=scale)
        powers, total, _ = rows.exponentials(0, q.shape[-2])
        return xp.divide(powers, total)

    def backward(
        self,
        grad: Tensor,
        out: Tensor,
        q: Tensor,
        k: Tensor,
        mask: Tensor | None = None,
        *,
        causal: bool,
        scale: float | None,
    ) -> Gradients:
        by_scores = out * (grad - (grad * out).sum(-1, keepdims=True))
        return _by_scores(by_scores, q, k, mask, scale_of(q.shape, scale))

    def samples(self, rng: Generator) -> list[Sample]:
        q, k, _ = _drawn(rng)
        bias = rng.normal((2, 1, 4, 5), dtype=float64)
        return [sample(q, k), sample(q, k, _padding(), causal=True), sample(q, k, bias, scale=0.3)]


class AttentionLogsumexp(Operation):
    """l = ln Σ e^(q kᵀ · scale, masked) over the keys: what the weights e^(q kᵀ·scale − l) need

    d/dq = scale · g w k, d/dk = scale · (g w)ᵀ q, with w the attention weights
    """

    name = "attention_logsumexp"
    symbol = "ln Σ e^qkᵀ"
    common = slice(0, 2)
    floats_only = True

    def shape(  # type: ignore[override]
        self, q: Shape, k: Shape, mask: Shape | None = None, **settings: Any
    ) -> Shape:
        check(q, k, k, mask)
        return q[:-1]

    def forward(
        self,
        xp: Engine_,
        q: Any,
        k: Any,
        mask: Any = None,
        *,
        causal: bool = False,
        scale: float | None = None,
        block: int | None = None,
    ) -> Any:
        rows = Rows(xp, q, k, mask, causal=causal, scale=scale)
        found = []
        for start, stop in blocks(q.shape[-2], block):
            _, total, top = rows.exponentials(start, stop)
            logarithm = xp.add(top, xp.log(total))
            found.append(xp.reshape(logarithm, shape=logarithm.shape[:-1]))
        return found[0] if len(found) == 1 else xp.concat(*found, axis=q.ndim - 2)

    def backward(
        self,
        grad: Tensor,
        out: Tensor,
        q: Tensor,
        k: Tensor,
        mask: Tensor | None = None,
        *,
        causal: bool,
        scale: float | None,
        block: int | None,
    ) -> Gradients:
        weights = attention_weights(q, k, mask, causal=causal, scale=scale)
        by_scores = weights * expand_dims(grad, -1)
        return _by_scores(by_scores, q, k, mask, scale_of(q.shape, scale))

    def samples(self, rng: Generator) -> list[Sample]:
        q, k, _ = _drawn(rng)
        return [sample(q, k, causal=True, block=2), sample(q, k, _padding())]


class Attention(Operation):
    """softmax(q kᵀ · scale, masked) v: for each query the mean of the values, weighted by its keys

    d/dv = wᵀ grad, d/dq = scale · ds k, d/dk = scale · dsᵀ q, with ds = w · (grad vᵀ − Σ grad·out)

    Shapes: q (…, queries, features), k (…, keys, features), v (…, keys, values) give (…, queries,
    values). `mask` broadcasts to (…, queries, keys): booleans, True where a query may look, or
    numbers that are added to the scores. `causal` hides from each query the keys after its own;
    the last query's own is the last key. `scale` is 1/√features where it is left out. A query that
    sees no key gets 0.

    Many queries are taken in blocks of rows (`block` of them), so that never more weights exist
    than those of one block; `backward` computes them again from each row's log-sum-exp.
    """

    name = "attention"
    symbol = "attention"
    common = slice(0, 3)
    floats_only = True

    def shape(  # type: ignore[override]
        self, q: Shape, k: Shape, v: Shape, mask: Shape | None = None, **settings: Any
    ) -> Shape:
        check(q, k, v, mask)
        return (*q[:-1], v[-1])

    def forward(
        self,
        xp: Engine_,
        q: Any,
        k: Any,
        v: Any,
        mask: Any = None,
        *,
        causal: bool = False,
        scale: float | None = None,
        block: int | None = None,
    ) -> Any:
        rows = Rows(xp, q, k, mask, causal=causal, scale=scale)
        found = []
        for start, stop in blocks(q.shape[-2], block):
            powers, total, _ = rows.exponentials(start, stop)
            values = part(xp, v, -2, 0, rows.keys(stop))
            weights = xp.divide(powers, total)
            found.append(xp.contract(weights, values, spec=spec(q.ndim, "yz", "zx", "yx")))
        return found[0] if len(found) == 1 else xp.concat(*found, axis=q.ndim - 2)

    def backward(
        self,
        grad: Tensor,
        out: Tensor,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        mask: Tensor | None = None,
        *,
        causal: bool,
        scale: float | None,
        block: int | None,
    ) -> Gradients:
        if len(blocks(q.shape[-2], block)) > 1:
            return _blockwise(grad, out, q, k, v, mask, causal=causal, scale=scale, block=block)
        weights = attention_weights(q, k, mask, causal=causal, scale=scale)
        by_weights = contract(grad, v, spec=spec(q.ndim, "yx", "zx", "yz"))
        by_scores = weights * (by_weights - (grad * out).sum(-1, keepdims=True))
        by_v = None
        if needs_gradient(v):
            by_v = contract(weights, grad, spec=spec(q.ndim, "yz", "yx", "zx"))
        by_q, by_k, *by_mask = _by_scores(by_scores, q, k, mask, scale_of(q.shape, scale))
        return (by_q, by_k, by_v, *by_mask)

    def samples(self, rng: Generator) -> list[Sample]:
        q, k, v = _drawn(rng)
        bias = rng.normal((4, 5), dtype=float64)
        return [
            sample(q, k, v),
            sample(q, k, v, _padding(), causal=True),
            sample(q, k, v, bias, scale=0.3),
            sample(q, k, v, causal=True, block=2),
            sample(q[0], k[0], v[0], bias, block=3),
            sample(q, k, v, _padding(), causal=True, block=3),
        ]


attention_weights = AttentionWeights()
attention_logsumexp = AttentionLogsumexp()
attention = Attention()


def _drawn(rng: Generator) -> list[Any]:
    """Four queries that look at five keys and their values, for two sequences of two heads."""
    shapes = ((2, 2, 4, 2), (2, 2, 5, 2), (2, 2, 5, 3))
    return [rng.normal(shape, dtype=float64) for shape in shapes]


def _padding() -> Any:
    """The first sequence is whole, the second has two keys."""
    return (np.arange(5) < np.array([[5], [2]]))[:, None, None, :]


def _by_scores(
    by_scores: Tensor, q: Tensor, k: Tensor, mask: Tensor | None, scale: float
) -> Gradients:
    """The gradients by queries, keys and mask, from the one by the masked scores."""
    scaled = by_scores * scale
    by_q = by_k = None
    if needs_gradient(q):
        by_q = contract(scaled, k, spec=spec(q.ndim, "yz", "zx", "yx"))
    if needs_gradient(k):
        by_k = contract(scaled, q, spec=spec(q.ndim, "yz", "yx", "zx"))
    if mask is None:
        return by_q, by_k
    return by_q, by_k, onto(mask, lambda: by_scores)


def _blockwise(
    grad: Tensor,
    out: Tensor,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None,
    *,
    causal: bool,
    scale: float | None,
    block: int | None,
) -> Gradients:
    """The gradients from blocks of keys, whose weights are computed once more, transposed.

    Transposed, since a compiled program would otherwise find them equal to those of the forward
    pass, and keep all of these until here.
    """
    factor, (queries, keys) = scale_of(q.shape, scale), (q.shape[-2], k.shape[-2])
    logsumexp = attention_logsumexp(q, k, mask, causal=causal, scale=scale, block=block)
    mean = (grad * out).sum(-1)
    by_q: Tensor | None = None
    by_k, by_v, by_mask = [], [], []
    for start, stop in blocks(keys, block):
        first = max(0, start - keys + queries) if causal else 0  # the first query that sees them
        own_k, own_v = _cut(k, -2, start, stop), _cut(v, -2, start, stop)
        own_q, own_grad = _cut(q, -2, first, queries), _cut(grad, -2, first, queries)
        scores = contract(own_k, own_q, spec=spec(q.ndim, "zx", "yx", "zy")) * factor
        scores = _masked(scores, mask, (start, stop), (first, queries), keys - queries, causal)
        rows = [expand_dims(_cut(a, -1, first, queries), -2) for a in (logsumexp, mean)]
        weights = exp(scores - rows[0])  # (…, keys of the block, queries)
        by_weights = contract(own_v, own_grad, spec=spec(q.ndim, "zx", "yx", "zy"))
        by_scores = weights * (by_weights - rows[1])
        by_v.append(contract(weights, own_grad, spec=spec(q.ndim, "zy", "yx", "zx")))
        by_k.append(contract(by_scores * factor, own_q, spec=spec(q.ndim, "zy", "yx", "zx")))
        share = contract(by_scores * factor, own_k, spec=spec(q.ndim, "zy", "zx", "yx"))
        share = _behind(share, first)
        by_q = share if by_q is None else by_q + share
        if mask is not None:
            by_mask.append(_behind(_swapped(by_scores), first))
    found = (by_q, concat(*by_k, axis=-2), concat(*by_v, axis=-2))
    if mask is None:
        return found
    return (*found, onto(mask, lambda: concat(*by_mask, axis=-1)))


def _masked(
    scores: Tensor,
    mask: Tensor | None,
    keys: tuple[int, int],
    queries: tuple[int, int],
    ahead: int,
    causal: bool,
) -> Tensor:
    """Transposed scores (…, keys, queries) with −∞ where a query may not look."""
    if mask is not None:
        square = mask.reshape((1,) * (2 - mask.ndim) + mask.shape)
        own = _swapped(_cut(_cut(square, -2, *queries), -1, *keys))
        scores = scores + own if is_float(own.dtype) else where(own, scores, -math.inf)
    if causal and keys[1] > queries[0] + ahead + 1:
        key, query = np.arange(*keys)[:, None], np.arange(*queries) + ahead
        scores = where(less_equal(key, query), scores, -math.inf)
    return scores


def _cut(a: Tensor, axis: int, start: int, stop: int) -> Tensor:
    """As `part`, of a tensor."""
    if a.shape[axis] == 1 or (start, stop) == (0, a.shape[axis]):
        return a
    starts, stops = [0] * a.ndim, list(a.shape)
    starts[axis], stops[axis] = start, stop
    return slice_(a, starts=tuple(starts), stops=tuple(stops), steps=(1,) * a.ndim)


def _swapped(a: Tensor) -> Tensor:
    """The last two axes exchanged."""
    return a.transpose(*range(a.ndim - 2), a.ndim - 1, a.ndim - 2)


def _behind(a: Tensor, rows: int) -> Tensor:
    """With so many rows of zeros before it."""
    if not rows:
        return a
    return pad(a, widths=(*((0, 0) for _ in a.shape[:-2]), (rows, 0), (0, 0)))
