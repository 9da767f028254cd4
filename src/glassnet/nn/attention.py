"""Multi-head attention."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..ops import (
    attention,
    attention_weights,
    concat,
    equal,
    expand_dims,
    less_equal,
    logical_and,
    where,
)
from ..tensor import Tensor, as_tensor
from ..tensor.dtypes import is_float
from .context import is_watched
from .dropout import Dropout
from .lengths import within
from .linear import Linear
from .module import Module
from .position import RotaryPositions

Cache = tuple[Tensor, ...]  # keys and values (B, heads, T, features), or nothing yet


class AttentionWeights(Module):
    """w = softmax(q kᵀ / √features, masked): a layer of its own, so that it can be watched

    Shape: (B, heads, T, features), (B, heads, S, features) → (B, heads, T, S).
    """

    def forward(self, q: Tensor, k: Tensor, mask: Tensor | None, *, causal: bool) -> Tensor:
        return attention_weights(q, k, mask, causal=causal)


class MultiHeadAttention(Module):
    """softmax(q kᵀ / √features) v in several heads side by side, with q, k, v = W x + b of each

    Shape: query (B, T, embed_dim) → (B, T, embed_dim); key (B, S, kdim) and value (B, S, vdim) are
    the query where they are left out, which is self-attention. `q_proj`, `k_proj`, `v_proj` and
    `out_proj` are linear layers.

    In a call, beside the inputs:

    - `causal`: each position sees itself and those before it;
    - `lengths`: (B,) of padded sequences: keys beyond them are not seen;
    - `key_mask`: booleans (B, S), False for keys that are not seen;
    - `mask`: booleans, True where a query may look, or numbers to add to the scores; (T, S),
      (B, T, S) or (B, heads, T, S);
    - `need_weights`: returns the attention weights (B, heads, T, S) as well;
    - `cache`: what an earlier call returned, or () at the beginning. The keys and values of this
      call are put behind those in it, and the larger cache is returned as well: so a sequence can
      go on without its beginning being computed again;
    - `start`: the position of the first query, which a rotation needs; what is cached when left
      out. With a tensor, () or (1,), the cache is a store that keeps its size, for one compiled
      program at every position: this call's one token sees the places before `start`, and its own
      key and value are returned, for the caller to put there.

    The weights can be watched while training as the layer `weights`.
    Source: Vaswani et al., "Attention is all you need", 2017.

    Args:
        embed_dim: length of queries and outputs; the heads share it out.
        num_heads: how many heads.
        dropout: the probability that an attention weight is set to 0 in training.
        bias: whether the linear layers have a b.
        kdim: length of keys; `embed_dim` when left out.
        vdim: length of values; `embed_dim` when left out.
        rotary: whether queries and keys are turned by their position.

    Raises:
        ArgumentError: heads that do not divide `embed_dim`.
        ShapeError: inputs that do not fit, or do not fit each other.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> layer, x = nn.MultiHeadAttention(8, 2), gn.tensor([[[1.0] * 8] * 3])
    >>> layer(x).shape
    (1, 3, 8)
    >>> layer(x, causal=True, need_weights=True)[1].numpy()[0, 0].round(2).tolist()[1]
    [0.5, 0.5, 0.0]
    """

    q_proj: Linear
    k_proj: Linear
    v_proj: Linear
    out_proj: Linear
    positions: RotaryPositions | None
    weights: AttentionWeights
    dropout: Dropout

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        kdim: int | None = None,
        vdim: int | None = None,
        *,
        rotary: bool = False,
    ) -> None:
        if num_heads < 1 or embed_dim < 1 or embed_dim % num_heads:
            raise ArgumentError(
                "the heads share out the features equally",
                expected="an embed_dim that num_heads divides",
                received=f"{embed_dim=}, {num_heads=}",
            )
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        widths = (embed_dim, kdim or embed_dim, vdim or embed_dim)
        self.q_proj, self.k_proj, self.v_proj = (
            Linear(width, embed_dim, bias, init="glorot_uniform") for width in widths
        )
        self.out_proj = Linear(embed_dim, embed_dim, bias)
        self.positions = RotaryPositions(embed_dim // num_heads) if rotary else None
        self.weights = AttentionWeights()
        self.dropout = Dropout(dropout)

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        *,
        mask: Any = None,
        key_mask: Any = None,
        lengths: Any = None,
        causal: bool = False,
        need_weights: bool = False,
        cache: Cache | None = None,
        start: int | Tensor | None = None,
    ) -> Any:
        key = query if key is None else key
        value = key if value is None else value
        _check(query, key, value)
        if start is None:
            start = cache[0].shape[-2] if cache else 0
        q, k = (self._turned(x, start) for x in (self.q_proj(query), self.k_proj(key)))
        v = self._heads(self.v_proj(value))  # (B, heads, S, features)
        own: Cache = (k, v)
        if cache and isinstance(start, Tensor):
            key_mask = less_equal(Tensor(np.arange(cache[0].shape[-2])), start).reshape((1, -1))
            k, v = _at(start, own, cache)
        elif cache:
            k, v = own = tuple(
                concat(old, new, axis=-2) for old, new in zip(cache, own, strict=True)
            )
        if lengths is not None:
            inside = within(lengths, key)
            key_mask = inside if key_mask is None else logical_and(inside, as_tensor(key_mask))
        allowed = _joined(mask, key_mask)
        weights = None
        if need_weights or is_watched() or self.dropout.drops():
            weights = self.weights(q, k, allowed, causal=causal)  # (B, heads, T, S)
            heads = self.dropout(weights) @ v
        else:
            heads = attention(q, k, v, allowed, causal=causal)
        together = heads.transpose(0, 2, 1, 3).reshape(query.shape)  # (B, T, embed_dim)
        found = [self.out_proj(together)]
        found += [weights] if need_weights else []
        found += [own] if cache is not None else []
        return found[0] if len(found) == 1 else tuple(found)

    def _heads(self, x: Tensor) -> Tensor:
        """(B, T, embed_dim) → (B, heads, T, features)"""
        return x.reshape((*x.shape[:2], self.num_heads, -1)).transpose(0, 2, 1, 3)

    def _turned(self, x: Tensor, start: int | Tensor) -> Tensor:
        heads = self._heads(x)
        return heads if self.positions is None else self.positions(heads, start=start)


def _check(query: Tensor, key: Tensor, value: Tensor) -> None:
    """ShapeError unless the three are sequences of one batch, a value for each key."""
    shapes = query.shape, key.shape, value.shape
    sequences = all(len(shape) == 3 for shape in shapes) and len({s[0] for s in shapes}) == 1
    if not sequences or key.shape[1] != value.shape[1]:
        raise ShapeError(
            "attention works on sequences of one batch",
            expected="query (B, T, features), key (B, S, features), value (B, S, features)",
            received=f"query {query.shape}, key {key.shape}, value {value.shape}",
            mend="give a single sequence a batch axis: x[None]",
        )


def _at(start: Tensor, own: Cache, cache: Cache) -> Cache:
    """The stored keys and values, with this token's own in their place."""
    if own[0].shape[-2] != 1:
        raise ShapeError(
            "a cache that keeps its size takes one token after the other",
            expected="query (B, 1, features)",
            received=f"{own[0].shape[-2]} tokens",
        )
    here = equal(Tensor(np.arange(cache[0].shape[-2])), start).reshape((-1, 1))
    return tuple(where(here, new, old) for old, new in zip(cache, own, strict=True))


def _joined(mask: Any, key_mask: Any) -> Tensor | None:
    """One mask that broadcasts to (B, heads, T, S)."""
    square = None if mask is None else as_tensor(mask)
    if square is not None and square.ndim == 3:
        square = expand_dims(square, 1)
    if key_mask is None:
        return square
    keys = expand_dims(expand_dims(as_tensor(key_mask), 1), 1)  # (B, 1, 1, S)
    if square is None:
        return keys
    return where(keys, square, -math.inf) if is_float(square.dtype) else logical_and(square, keys)
