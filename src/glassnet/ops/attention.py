"""Scaled dot-product attention, which for long sequences never holds all its weights at once.

Source: Vaswani et al., "Attention is all you need", 2017; in blocks: Dao et al., "FlashAttention",
2022.
"""

from __future__ import annotations

import math
from string import ascii_lowercase
from typing import Any

import numpy as np

from ..errors import DTypeError, ShapeError
from ..tensor import Generator, Tensor, float64
from ..tensor.dtypes import is_float
from .comparison import less_equal, where
from .contraction import contract
from .exponential import exp
from .move import concat, expand_dims, pad, slice_
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

_INT = np.dtype(np.int32)
_ROWS = 128  # of a block, at least: below twice as many queries there is one block
_BLOCKS = 16  # at most: each is code of its own in a compiled program


def _spec(ndim: int, a: str, b: str, out: str) -> str:
    """A contraction of the last two axes, those before them shared."""
    lead = ascii_lowercase[: ndim - 2]
    return f"{lead}{a},{lead}{b}->{lead}{out}"


def _check(q: Shape, k: Shape, v: Shape, mask: Shape | None) -> None:
    """ShapeError unless queries, keys, values and mask belong together."""
    fits = len(q) >= 2 and q[:-2] == k[:-2] == v[:-2] and q[-1] == k[-1] and k[-2] == v[-2]
    if not fits:
        raise ShapeError(
            "queries, keys and values do not belong together",
            expected="q (…, queries, features), k (…, keys, features), v (…, keys, values)",
            received=f"q {q}, k {k}, v {v}",
        )
    full = (*q[:-1], k[-2])
    if mask is None:
        return
    short = full[len(full) - len(mask) :]
    if len(mask) > len(full) or any(m not in (1, n) for m, n in zip(mask, short, strict=True)):
        raise ShapeError(
            "the mask does not fit the queries and keys",
            expected=f"a shape that broadcasts to (…, queries, keys) = {full}",
            received=f"{mask}",
            mend="a mask of padded keys (batch, keys) is given as mask[:, None, None, :]",
        )


def _blocks(queries: int, block: int | None) -> list[tuple[int, int]]:
    """Where the blocks of rows begin and end."""
    count = max(1, min(_BLOCKS, queries // _ROWS))
    rows = block or max(1, -(-queries // count))
    return [(i, min(i + rows, queries)) for i in range(0, queries, rows)] or [(0, 0)]


def _part(xp: Engine_, a: Any, axis: int, start: int, stop: int) -> Any:
    """A piece of an axis; of a mask that is the same all along it, the whole."""
    axis += a.ndim
    if axis < 0 or a.shape[axis] == 1 or (start, stop) == (0, a.shape[axis]):
        return a
    starts, stops = [0] * a.ndim, list(a.shape)
    starts[axis], stops[axis] = start, stop
    return xp.slice(a, starts=tuple(starts), stops=tuple(stops), steps=(1,) * a.ndim)


class _Rows:
    """A block of queries against the keys they may see, in functions of the namespace."""

    def __init__(
        self, xp: Engine_, q: Any, k: Any, mask: Any, *, causal: bool, scale: float | None
    ) -> None:
        if mask is not None and mask.dtype not in (q.dtype, np.bool_):
            raise DTypeError(
                "a mask holds booleans, or numbers of the queries' type",
                expected=f"bool or {q.dtype}",
                received=str(mask.dtype),
                mend='mask.astype("bool"), True where a query may look',
            )
        self.xp, self.q, self.k, self.mask, self.causal = xp, q, k, mask, causal
        self.scale = _scale(q.shape, scale)
        self.ahead = k.shape[-2] - q.shape[-2]  # keys before the first query's own

    def keys(self, stop: int) -> int:
        """How many keys the queries before `stop` see."""
        keys: int = self.k.shape[-2]
        return min(keys, max(1, stop + self.ahead)) if self.causal else keys

    def exponentials(self, start: int, stop: int) -> tuple[Any, Any, Any]:
        """e^(scores − top) (…, rows, keys), their sums and the tops, both (…, rows, 1)."""
        xp, scores = self.xp, self._scores(start, stop)
        last = scores.ndim - 1
        top = xp.max(scores, axes=(last,), keepdims=True)
        may_be_empty = self.mask is not None or (self.causal and self.ahead < 0)
        if may_be_empty:
            top = xp.maximum(top, float(np.finfo(scores.dtype).min))  # and not −∞ − (−∞)
        powers = xp.exp(xp.subtract(scores, top))
        total = xp.sum(powers, axes=(last,), keepdims=True)
        # The top itself adds e⁰ = 1, so that only a row that sees nothing is below.
        return powers, xp.maximum(total, 1.0) if may_be_empty else total, top

    def _scores(self, start: int, stop: int) -> Any:
        xp, keys = self.xp, self.keys(stop)
        q, k = _part(xp, self.q, -2, start, stop), _part(xp, self.k, -2, 0, keys)
        scores = xp.contract(q, k, spec=_spec(q.ndim, "yx", "zx", "yz"))
        scores = xp.multiply(scores, self.scale)
        if self.mask is not None:
            mask = _part(xp, _part(xp, self.mask, -2, start, stop), -1, 0, keys)
            by_choice = mask.dtype.kind == "b"
            scores = xp.where(mask, scores, -math.inf) if by_choice else xp.add(scores, mask)
        if self.causal and start + self.ahead + 1 < keys:  # the first row sees less than the last
            row = xp.reshape(xp.arange(length=stop - start, dtype=_INT), shape=(stop - start, 1))
            seen = xp.less_equal(
                xp.arange(length=keys, dtype=_INT), xp.add(row, start + self.ahead)
            )
            scores = xp.where(seen, scores, -math.inf)
        return scores


class AttentionWeights(Operation):
    """w = softmax(q kᵀ · scale, masked) over the keys: how much each query heeds each key

    d/dq = scale · ds k, d/dk = scale · dsᵀ q, with ds = w · (grad − Σ grad·w)
    """

    name = "attention_weights"
    symbol = "softmax qkᵀ"
    common = slice(0, 2)
    floats_only = True

    def shape(  # type: ignore[override]
        self, q: Shape, k: Shape, mask: Shape | None = None, *, causal: bool, scale: float | None
    ) -> Shape:
        _check(q, k, k, mask)
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
        rows = _Rows(xp, q, k, mask, causal=causal, scale=scale)
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
        return _by_scores(by_scores, q, k, mask, _scale(q.shape, scale))

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
        self,
        q: Shape,
        k: Shape,
        mask: Shape | None = None,
        *,
        causal: bool,
        scale: float | None,
        block: int | None,
    ) -> Shape:
        _check(q, k, k, mask)
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
        rows = _Rows(xp, q, k, mask, causal=causal, scale=scale)
        found = []
        for start, stop in _blocks(q.shape[-2], block):
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
        return _by_scores(by_scores, q, k, mask, _scale(q.shape, scale))

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
        self,
        q: Shape,
        k: Shape,
        v: Shape,
        mask: Shape | None = None,
        *,
        causal: bool,
        scale: float | None,
        block: int | None,
    ) -> Shape:
        _check(q, k, v, mask)
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
        rows = _Rows(xp, q, k, mask, causal=causal, scale=scale)
        found = []
        for start, stop in _blocks(q.shape[-2], block):
            powers, total, _ = rows.exponentials(start, stop)
            values = _part(xp, v, -2, 0, rows.keys(stop))
            weights = xp.divide(powers, total)
            found.append(xp.contract(weights, values, spec=_spec(q.ndim, "yz", "zx", "yx")))
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
        if len(_blocks(q.shape[-2], block)) > 1:
            settings = {"causal": causal, "scale": scale, "block": block}
            return _blockwise(grad, out, q, k, v, mask, **settings)
        weights = attention_weights(q, k, mask, causal=causal, scale=scale)
        by_weights = contract(grad, v, spec=_spec(q.ndim, "yx", "zx", "yz"))
        by_scores = weights * (by_weights - (grad * out).sum(-1, keepdims=True))
        by_v = None
        if needs_gradient(v):
            by_v = contract(weights, grad, spec=_spec(q.ndim, "yz", "yx", "zx"))
        by_q, by_k, *by_mask = _by_scores(by_scores, q, k, mask, _scale(q.shape, scale))
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


def _scale(q: Shape, scale: float | None) -> float:
    return 1.0 / math.sqrt(q[-1]) if scale is None else scale


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
        by_q = contract(scaled, k, spec=_spec(q.ndim, "yz", "zx", "yx"))
    if needs_gradient(k):
        by_k = contract(scaled, q, spec=_spec(q.ndim, "yz", "yx", "zx"))
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
    factor, (queries, keys) = _scale(q.shape, scale), (q.shape[-2], k.shape[-2])
    logsumexp = attention_logsumexp(q, k, mask, causal=causal, scale=scale, block=block)
    mean = (grad * out).sum(-1)
    by_q: Tensor | None = None
    by_k, by_v, by_mask = [], [], []
    for start, stop in _blocks(keys, block):
        first = max(0, start - keys + queries) if causal else 0  # the first query that sees them
        own_k, own_v = _cut(k, -2, start, stop), _cut(v, -2, start, stop)
        own_q, own_grad = _cut(q, -2, first, queries), _cut(grad, -2, first, queries)
        scores = contract(own_k, own_q, spec=_spec(q.ndim, "zx", "yx", "zy")) * factor
        scores = _masked(scores, mask, (start, stop), (first, queries), keys - queries, causal)
        rows = [expand_dims(_cut(a, -1, first, queries), -2) for a in (logsumexp, mean)]
        weights = exp(scores - rows[0])  # (…, keys of the block, queries)
        by_weights = contract(own_v, own_grad, spec=_spec(q.ndim, "zx", "yx", "zy"))
        by_scores = weights * (by_weights - rows[1])
        by_v.append(contract(weights, own_grad, spec=_spec(q.ndim, "zy", "yx", "zx")))
        by_k.append(contract(by_scores * factor, own_q, spec=_spec(q.ndim, "zy", "yx", "zx")))
        share = contract(by_scores * factor, own_k, spec=_spec(q.ndim, "zy", "zx", "yx"))
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
    """As `_part`, of a tensor."""
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
