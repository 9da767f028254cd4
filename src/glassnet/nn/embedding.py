"""Tokens as vectors."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError, DTypeError
from ..ops import expand_dims, gather, where
from ..tensor import Generator, Seed, Tensor
from .init import Initialiser, initialiser
from .module import Module
from .parameter import Parameter

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]


class Embedding(Module):
    """y = W[token]: a row of a table for each token

    Shape: integers (…) → (…, embedding_dim); weight (num_embeddings, embedding_dim).

    Args:
        num_embeddings: how many tokens there are; they count from 0.
        embedding_dim: length of y.
        padding_idx: a token whose row no gradient reaches; negative ones count from the end. The
            row starts as 0.
        init: initialiser of W, a name or a function.
        seed: draws the numbers at once; otherwise they are drawn when first needed.

    Raises:
        ArgumentError: no tokens, no features, or no such padding token.
        DTypeError: tokens that are no integers.
        DataError: a token that the table does not have.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> table = nn.Embedding(10, 4)
    >>> table(gn.tensor([[1, 9, 1]])).shape
    (1, 3, 4)
    """

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        init: str | Initialiser = "normal",
        seed: Seed | None = None,
    ) -> None:
        for name, count in (("num_embeddings", num_embeddings), ("embedding_dim", embedding_dim)):
            if type(count) is not int or count < 1:
                raise ArgumentError(
                    f"{name} is at least 1", expected="an integer ≥ 1", received=f"{name}={count!r}"
                )
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ArgumentError(
                "padding_idx is one of the tokens",
                expected=f"{-num_embeddings} to {num_embeddings - 1}",
                received=f"{padding_idx=}",
            )
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        start = initialiser(init)
        if padding_idx is not None:
            start = partial(_with_empty_row, row=padding_idx, init=start)
        self.weight = Parameter((num_embeddings, embedding_dim), start)
        if seed is not None:
            self.initialise(seed)

    def forward(self, tokens: Tensor) -> Tensor:
        check_tokens(tokens, self.num_embeddings)
        rows = gather(self.weight, tokens)
        if self.padding_idx is None:
            return rows
        padding = tokens == self.padding_idx % self.num_embeddings
        return where(expand_dims(padding, -1), rows.detach(), rows)


def _with_empty_row(shape: Shape, rng: Generator, *, row: int, init: Initialiser) -> Array:
    array = init(shape, rng)
    array[row] = 0.0
    return array


def check_tokens(tokens: Tensor, count: int) -> None:
    """Tokens are integers from 0 to count − 1; the range is looked at where numbers are known."""
    if tokens.dtype.kind not in "iu":
        raise DTypeError(
            "tokens are integers",
            expected="int64 (or another integer type)",
            received=f"{tokens.dtype} {tokens.shape}",
            mend='convert them: tokens.astype("int64")',
        )
    if tokens.is_symbolic or not tokens.size:
        return
    array = tokens.numpy()
    wrong = (array < 0) | (array >= count)
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise DataError(
            "a token is not in the table",
            expected=f"0 to {count - 1}, for {count} tokens",
            received=f"{array[place]}",
            where=f"token {place[0] if len(place) == 1 else place}",
            mend="make the table larger, or look at how text became tokens",
        )
