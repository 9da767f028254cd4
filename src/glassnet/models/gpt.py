"""A decoder-only Transformer that predicts the next token."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

from ..errors import ArgumentError, did_you_mean
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
from ..ops import gather
from ..tensor import Tensor

Positions = Literal["learned", "rotary"]
DEVIATION = 0.02  # of the weights at the beginning


class GPT(Module):
    """Tokens in, scores for the token that follows each of them out; made by `models.gpt`

    Shape: tokens (B, T) → logits (B, T, vocabulary), T ≤ context. With a cache, () at the
    beginning, the call returns (logits, larger cache), and goes on where the cached tokens end.

    With `start` (1,), the position of the one token, the cache keeps its size, so that one compiled
    program serves every position: what is returned belongs into it there; see
    `nn.MultiHeadAttention`.
    """

    tokens: Embedding
    positions: LearnedPositions | None
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
        positions: Positions = "learned",
    ) -> None:
        if positions not in get_args(Positions):
            raise ArgumentError(
                f'there are no positions "{positions}"',
                mend=did_you_mean(positions, get_args(Positions)),
            )
        self.context = context
        self.tokens = Embedding(vocabulary, width)
        rotary = positions == "rotary"
        self.positions = None if rotary else LearnedPositions(context, width)
        self.dropout = Dropout(dropout)
        block = (width, heads, 4 * width, dropout, "gelu")
        settings: dict[str, Any] = {"norm_first": True, "bias": bias, "rotary": rotary}
        self.blocks = [TransformerEncoderLayer(*block, **settings) for _ in range(layers)]
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

    def forward(self, tokens: Tensor, *, cache: Any = None, start: Tensor | None = None) -> Any:
        at: Any = start
        if start is None:
            at = cache[0][0].shape[-2] if cache else 0
        x = self.dropout(self._placed(self.tokens(tokens), at))  # (B, T, width)
        grown = []
        for i, block in enumerate(self.blocks):
            if cache is None:
                x = block(x, causal=True)
            else:
                own = cache[i] if cache else ()
                x, more = block(x, causal=start is None, cache=own, start=at)
                grown.append(more)
        logits = self.head(self.norm(x))
        return logits if cache is None else (logits, tuple(grown))

    def _placed(self, x: Tensor, start: int | Tensor) -> Tensor:
        """Vectors that know their positions, unless the attention tells them."""
        if self.positions is None:
            return x
        if isinstance(start, Tensor):
            return x + gather(self.positions.weight, start)
        return self.positions(x, start=start)  # type: ignore[no-any-return]


def gpt(
    vocabulary: int,
    context: int = 64,
    *,
    layers: int = 4,
    heads: int = 4,
    width: int = 128,
    dropout: float = 0.0,
    bias: bool = True,
    positions: Positions = "learned",
) -> GPT:
    """A small GPT: pre-norm Transformer layers with GELU, tied token weights.

    Source: Radford et al., "Language models are unsupervised multitask learners", 2019; the sizes
    are those that train on a laptop. Rotary positions: Su et al., "RoFormer", 2021.

    Args:
        vocabulary: how many tokens there are.
        context: how many tokens it sees at once.
        layers: Transformer layers.
        heads: attention heads of each.
        width: length of each vector; the feed-forward layers are four times as wide.
        dropout: the probability of dropout everywhere.
        bias: whether linear layers and norms have a bias.
        positions: "learned", a vector for each that is added to the token's, as GPT-2 has it; or
            "rotary", queries and keys turned by an angle that grows with the position, so that
            attention sees how far two tokens stand apart.

    Raises:
        ArgumentError: other positions; an odd number of features a head with rotary ones.

    >>> import glassnet as gn
    >>> from glassnet import models
    >>> model = models.gpt(65, 16, layers=2, heads=2, width=32)
    >>> model(gn.tensor([[1, 2, 3]])).shape
    (1, 3, 65)
    """
    return GPT(vocabulary, context, layers, heads, width, dropout, bias, positions)
