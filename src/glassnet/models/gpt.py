"""A decoder-only Transformer that predicts the next token."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..nn import (
    Dropout,
    Embedding,
    LayerNorm,
    LearnedPositions,
    Linear,
    Module,
    TransformerEncoderLayer,
    init,
)
from ..ops import gather, greater_equal
from ..tensor import Tensor, as_tensor

DEVIATION = 0.02  # of the weights at the beginning


class GPT(Module):
    """Tokens in, scores for the token that follows each of them out; made by `models.gpt`

    Shape: tokens (B, T) → logits (B, T, vocabulary), T ≤ context. With a cache, () at the
    beginning, the call returns (logits, larger cache), and goes on where the cached tokens end.

    With `filled` the cache keeps its size, so that one compiled program serves every position: it
    has room for context − 1 tokens, of which the last `filled` are there, and takes one token more.
    """

    tokens: Embedding
    positions: LearnedPositions
    dropout: Dropout
    blocks: list[TransformerEncoderLayer]
    norm: LayerNorm
    head: Linear

    def __init__(
        self,
        vocabulary: int,
        context: int,
        layers: int,
        heads: int,
        width: int,
        dropout: float,
        bias: bool,
    ) -> None:
        self.context = context
        self.tokens = Embedding(vocabulary, width)
        self.positions = LearnedPositions(context, width)
        self.dropout = Dropout(dropout)
        block = (width, heads, 4 * width, dropout, "gelu")
        self.blocks = [
            TransformerEncoderLayer(*block, norm_first=True, bias=bias) for _ in range(layers)
        ]
        self.norm = LayerNorm(width, bias=bias)
        self.head = Linear(width, vocabulary, bias=False)
        self.head.weight = self.tokens.weight  # one table for reading and for writing
        self._set_initialisers(layers)

    def _set_initialisers(self, layers: int) -> None:
        """Weights N(0, 0.02); those that add to the residual stream smaller, the more there are."""
        last = DEVIATION / math.sqrt(2 * layers)
        for name, parameter in self._parameters().items():
            adds = name.endswith(("out_proj.weight", "linear2.weight"))
            if parameter.ndim == 2:
                parameter.initialiser = init.normal(0.0, last if adds else DEVIATION)
            elif name.endswith("bias"):
                parameter.initialiser = init.zeros

    def forward(self, tokens: Tensor, *, cache: Any = None, filled: Any = None) -> Any:
        start = cache[0][0].shape[-2] if cache else 0
        x, seen = self.tokens(tokens), None  # (B, T, width)
        if filled is None:
            x = self.positions(x, start=start)
        else:
            x = x + gather(self.positions.weight, as_tensor(filled))
            places = Tensor(np.arange(start + 1)[None])
            seen = greater_equal(places, start - as_tensor(filled))  # (1, context)
        x = self.dropout(x)
        grown = []
        for i, block in enumerate(self.blocks):
            if cache is None:
                x = block(x, causal=True)
            else:
                x, more = block(x, causal=True, key_mask=seen, cache=cache[i] if cache else ())
                grown.append(more if filled is None else tuple(kept[:, :, 1:] for kept in more))
        logits = self.head(self.norm(x))
        return logits if cache is None else (logits, tuple(grown))


def gpt(
    vocabulary: int,
    context: int = 64,
    *,
    layers: int = 4,
    heads: int = 4,
    width: int = 128,
    dropout: float = 0.0,
    bias: bool = True,
) -> GPT:
    """A small GPT: pre-norm Transformer layers with GELU, learned positions, tied token weights.

    Source: Radford et al., "Language models are unsupervised multitask learners", 2019; the sizes
    are those that train on a laptop.

    Args:
        vocabulary: how many tokens there are.
        context: how many tokens it sees at once.
        layers: Transformer layers.
        heads: attention heads of each.
        width: length of each vector; the feed-forward layers are four times as wide.
        dropout: the probability of dropout everywhere.
        bias: whether linear layers and norms have a bias.

    >>> import glassnet as gn
    >>> from glassnet import models
    >>> model = models.gpt(65, 16, layers=2, heads=2, width=32)
    >>> model(gn.tensor([[1, 2, 3]])).shape
    (1, 3, 65)
    """
    return GPT(vocabulary, context, layers, heads, width, dropout, bias)
