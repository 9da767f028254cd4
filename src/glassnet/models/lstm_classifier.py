"""A recurrent network that reads a sequence and then decides."""

from __future__ import annotations

from typing import Any

from ..nn import LSTM, Dropout, Embedding, Linear, Module
from ..ops import concat
from ..tensor import Tensor


class SequenceClassifier(Module):
    """logits = W·h + b of the state h after the last step; made by `models.lstm_classifier`

    Shape: sequences (B, T, in_features), or tokens (B, T) → logits (B, classes). An image
    (B, H, W, C) is read row by row, H steps of W·C numbers each. A call takes the `lengths` (B,) of
    padded sequences; the last step is then that of each sequence.
    """

    embedding: Embedding | None
    body: LSTM
    dropout: Dropout
    head: Linear

    def __init__(
        self,
        in_features: int,
        classes: int,
        hidden_size: int,
        num_layers: int,
        bidirectional: bool,
        dropout: float,
        tokens: int | None = None,
    ) -> None:
        self.embedding = None if tokens is None else Embedding(tokens, in_features)
        settings: dict[str, Any] = {"bidirectional": bidirectional, "dropout": dropout}
        self.body = LSTM(in_features, hidden_size, num_layers, **settings)
        self.dropout = Dropout(dropout)
        self.head = Linear(hidden_size * (1 + bidirectional), classes)

    def forward(self, x: Tensor, lengths: Any = None) -> Tensor:
        steps = x if self.embedding is None else self.embedding(x)
        steps = steps.reshape((*steps.shape[:2], -1)) if steps.ndim == 4 else steps
        _, (h, _) = self.body(steps, lengths=lengths)
        last = concat(h[-2], h[-1], axis=1) if self.body.bidirectional else h[-1]
        out: Tensor = self.head(self.dropout(last))
        return out


def lstm_classifier(
    in_features: int,
    classes: int,
    *,
    hidden_size: int = 128,
    num_layers: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
    tokens: int | None = None,
) -> SequenceClassifier:
    """An LSTM whose last state is turned into one score for each class.

    Args:
        in_features: numbers at each step; of an image, in each row; of a token, in its vector.
        classes: how many there are.
        hidden_size: numbers in the state.
        num_layers: how many LSTMs are stacked.
        bidirectional: whether the sequence is read from its end too.
        dropout: the probability of dropout between the layers and before the head.
        tokens: how many there are, where a step is a token such as a character: each is given a
            vector that is learned.

    >>> import glassnet as gn
    >>> from glassnet import models
    >>> reader = models.lstm_classifier(28, 10)
    >>> reader(gn.Generator(0).normal((2, 28, 28, 1))).shape
    (2, 10)
    """
    sizes = in_features, classes, hidden_size, num_layers
    return SequenceClassifier(*sizes, bidirectional, dropout, tokens)
