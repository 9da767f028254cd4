"""Encoder and decoder of a Transformer: the layers, and stacks of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ArgumentError
from ..tensor import Tensor
from .activation import activation as activation_of
from .attention import Cache, MultiHeadAttention
from .dropout import Dropout
from .linear import Linear
from .module import Module
from .normalisation import LayerNorm


class _Block(Module):
    """What both kinds of layer have: the feed-forward network, and residuals around all parts."""

    linear1: Linear
    activation: Module
    dropout: Dropout
    linear2: Linear
    norm_first: bool

    def _make(
        self, width: int, inner: int, dropout: float, activation: str, norm_first: bool, bias: bool
    ) -> None:
        self.linear1 = Linear(width, inner, bias)
        self.activation = activation_of(activation)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(inner, width, bias)
        self.norm_first = norm_first

    def _feed_forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.linear2(self.dropout(self.activation(self.linear1(x))))
        return y

    def _around(
        self, part: Callable[[Tensor], Tensor], x: Tensor, norm: LayerNorm, dropout: Dropout
    ) -> Tensor:
        """The part with its residual: x + part(norm(x)), or norm(x + part(x))."""
        if self.norm_first:
            return x + dropout(part(norm(x)))  # type: ignore[no-any-return]
        return norm(x + dropout(part(x)))  # type: ignore[no-any-return]


class TransformerEncoderLayer(_Block):
    """x + attention(x), then x + W₂ f(W₁ x), each with a layer norm

    Shape: (B, T, d_model) → the same. A call takes `mask`, `key_mask`, `lengths`, `causal`,
    `cache` and `start` as `MultiHeadAttention` does; with a cache it returns the output and the
    larger cache.
    Source: Vaswani et al., 2017; norm_first: Xiong et al., "On layer normalization in the
    Transformer architecture", 2020.

    Args:
        d_model: length of each vector.
        nhead: heads of the attention.
        dim_feedforward: width of the layer between W₁ and W₂.
        dropout: probability of dropout after each part, between W₁ and W₂, and on attention
            weights.
        activation: f, by name.
        layer_norm_eps: ε of the layer norms.
        norm_first: whether each part receives normalised inputs; else its sum is normalised.
        bias: whether linear layers and norms have a bias.
        rotary: whether queries and keys are turned by their position.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> layer = nn.TransformerEncoderLayer(8, 2, 16, norm_first=True)
    >>> layer(gn.tensor([[[1.0] * 8] * 3]), causal=True).shape
    (1, 3, 8)
    """

    self_attn: MultiHeadAttention
    norm1: LayerNorm
    norm2: LayerNorm
    dropout1: Dropout
    dropout2: Dropout

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        layer_norm_eps: float = 1e-5,
        norm_first: bool = False,
        bias: bool = True,
        *,
        rotary: bool = False,
    ) -> None:
        self.self_attn = MultiHeadAttention(d_model, nhead, dropout, bias, rotary=rotary)
        self._make(d_model, dim_feedforward, dropout, activation, norm_first, bias)
        self.norm1, self.norm2 = (LayerNorm(d_model, layer_norm_eps, bias=bias) for _ in range(2))
        self.dropout1, self.dropout2 = Dropout(dropout), Dropout(dropout)

    def forward(
        self,
        x: Tensor,
        *,
        mask: Any = None,
        key_mask: Any = None,
        lengths: Any = None,
        causal: bool = False,
        cache: Cache | None = None,
        start: int | Tensor | None = None,
    ) -> Any:
        grown = cache

        def attend(x: Tensor) -> Tensor:
            nonlocal grown
            masks = {"mask": mask, "key_mask": key_mask, "lengths": lengths, "causal": causal}
            settings: dict[str, Any] = {**masks, "start": start}
            if cache is None:
                return self.self_attn(x, **settings)  # type: ignore[no-any-return]
            out, grown = self.self_attn(x, **settings, cache=cache)
            return out  # type: ignore[no-any-return]

        x = self._around(attend, x, self.norm1, self.dropout1)
        x = self._around(self._feed_forward, x, self.norm2, self.dropout2)
        return x if cache is None else (x, grown)


class TransformerDecoderLayer(_Block):
    """As the encoder's layer, with attention to a memory between its two parts

    Shape: x (B, T, d_model), memory (B, S, d_model) → (B, T, d_model). Positions see themselves
    and those before them unless `causal` is False; `mask` and `key_mask` belong to x, `memory_mask`
    and `memory_key_mask` to the memory, as in `MultiHeadAttention`.
    Source: Vaswani et al., 2017.

    Args:
        d_model: length of each vector.
        nhead: heads of both attentions.
        dim_feedforward: width of the layer between W₁ and W₂.
        dropout: probability of dropout after each part, between W₁ and W₂, and on attention
            weights.
        activation: of the feed-forward network, by name.
        layer_norm_eps: ε of the layer norms.
        norm_first: whether each part receives normalised inputs; else its sum is normalised.
        bias: whether linear layers and norms have a bias.
        rotary: whether queries and keys of self-attention are turned by their position.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> layer, x = nn.TransformerDecoderLayer(8, 2, 16), gn.tensor([[[1.0] * 8] * 3])
    >>> layer(x, x[:, :2]).shape
    (1, 3, 8)
    """

    self_attn: MultiHeadAttention
    multihead_attn: MultiHeadAttention
    norm1: LayerNorm
    norm2: LayerNorm
    norm3: LayerNorm
    dropout1: Dropout
    dropout2: Dropout
    dropout3: Dropout

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        layer_norm_eps: float = 1e-5,
        norm_first: bool = False,
        bias: bool = True,
        *,
        rotary: bool = False,
    ) -> None:
        self.self_attn = MultiHeadAttention(d_model, nhead, dropout, bias, rotary=rotary)
        self.multihead_attn = MultiHeadAttention(d_model, nhead, dropout, bias)
        self._make(d_model, dim_feedforward, dropout, activation, norm_first, bias)
        norms = (LayerNorm(d_model, layer_norm_eps, bias=bias) for _ in range(3))
        self.norm1, self.norm2, self.norm3 = norms
        self.dropout1, self.dropout2, self.dropout3 = (Dropout(dropout) for _ in range(3))

    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        *,
        mask: Any = None,
        key_mask: Any = None,
        causal: bool = True,
        memory_mask: Any = None,
        memory_key_mask: Any = None,
    ) -> Tensor:
        def attend(x: Tensor) -> Tensor:
            y: Tensor = self.self_attn(x, mask=mask, key_mask=key_mask, causal=causal)
            return y

        def look_up(x: Tensor) -> Tensor:
            masks = {"mask": memory_mask, "key_mask": memory_key_mask}
            y: Tensor = self.multihead_attn(x, memory, **masks)
            return y

        x = self._around(attend, x, self.norm1, self.dropout1)
        x = self._around(look_up, x, self.norm2, self.dropout2)
        return self._around(self._feed_forward, x, self.norm3, self.dropout3)


class TransformerEncoder(Module):
    """Encoder layers one after another, and a norm after the last

    Shape: (B, T, d_model) → the same. A call takes what its layers take; a cache is a tuple of
    those of the layers, () at the beginning.

    Args:
        encoder_layer: the pattern: every layer is made anew with its arguments.
        num_layers: how many.
        norm: after the last layer; none when left out.

    Raises:
        ArgumentError: no layers.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> stack = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 3, nn.LayerNorm(8))
    >>> stack(gn.tensor([[[1.0] * 8] * 3])).shape
    (1, 3, 8)
    """

    layers: list[TransformerEncoderLayer]
    norm: Module | None

    def __init__(
        self, encoder_layer: TransformerEncoderLayer, num_layers: int, norm: Module | None = None
    ) -> None:
        self.layers = _copies(encoder_layer, num_layers, TransformerEncoderLayer)
        self.norm = norm

    def forward(self, x: Tensor, *, cache: Any = None, **settings: Any) -> Any:
        grown = []
        for i, layer in enumerate(self.layers):
            if cache is None:
                x = layer(x, **settings)
            else:
                x, more = layer(x, **settings, cache=cache[i] if cache else ())
                grown.append(more)
        x = x if self.norm is None else self.norm(x)
        return x if cache is None else (x, tuple(grown))


class TransformerDecoder(Module):
    """Decoder layers one after another, all with the same memory, and a norm after the last

    Shape: x (B, T, d_model), memory (B, S, d_model) → (B, T, d_model). A call takes what its
    layers take.

    Args:
        decoder_layer: the pattern: every layer is made anew with its arguments.
        num_layers: how many.
        norm: after the last layer; none when left out.

    Raises:
        ArgumentError: no layers.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> stack, x = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16), 2), [[[1.0] * 8] * 3]
    >>> stack(gn.tensor(x), gn.tensor(x)).shape
    (1, 3, 8)
    """

    layers: list[TransformerDecoderLayer]
    norm: Module | None

    def __init__(
        self, decoder_layer: TransformerDecoderLayer, num_layers: int, norm: Module | None = None
    ) -> None:
        self.layers = _copies(decoder_layer, num_layers, TransformerDecoderLayer)
        self.norm = norm

    def forward(self, x: Tensor, memory: Tensor, **settings: Any) -> Tensor:
        for layer in self.layers:
            x = layer(x, memory, **settings)
        return x if self.norm is None else self.norm(x)


def _copies(layer: Any, count: int, kind: type[Module]) -> list[Any]:
    """So many layers made as this one was."""
    if not isinstance(layer, kind):
        raise ArgumentError(
            "a stack is made of one kind of layer", expected=kind.__name__, received=f"{layer!r}"
        )
    if type(count) is not int or count < 1:
        raise ArgumentError(
            "a stack has at least one layer", expected="num_layers ≥ 1", received=f"{count!r}"
        )
    return [type(layer)(**layer.arguments()) for _ in range(count)]
