"""The table of vectors, its padding row, and tokens it does not have."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn


def test_the_gradient_counts_how_often_a_token_came() -> None:
    table = nn.Embedding(4, 2, seed=0)
    table(gn.tensor([[1, 3, 1], [1, 1, 0]])).sum().backward()
    assert table.weight.grad is not None
    assert table.weight.grad.numpy()[:, 0].tolist() == [1.0, 4.0, 0.0, 1.0]


def test_no_gradient_reaches_the_padding_row_and_it_starts_as_zero() -> None:
    table = nn.Embedding(4, 2, padding_idx=-1, seed=0)
    assert table.weight.numpy()[3].tolist() == [0.0, 0.0]
    table(gn.tensor([[1, 3], [3, 0]])).sum().backward()
    assert table.weight.grad is not None
    assert table.weight.grad.numpy()[:, 0].tolist() == [1.0, 1.0, 0.0, 0.0]


def test_a_token_beyond_the_table_is_named() -> None:
    with pytest.raises(gn.DataError) as caught:
        nn.Embedding(4, 2)(gn.tensor([[0, 1], [4, 0]]))
    assert (caught.value.received, caught.value.where) == ("4", "token (1, 0)")


def test_tokens_that_are_floats_are_refused() -> None:
    with pytest.raises(gn.DTypeError, match="tokens are integers"):
        nn.Embedding(4, 2)(gn.tensor([1.0]))


@pytest.mark.parametrize("arguments", [(0, 2), (2, 0), (2, 2, 2), (2, 2, -3), (2.0, 2)])
def test_impossible_tables_are_refused(arguments: tuple[int, ...]) -> None:
    with pytest.raises(gn.ArgumentError):
        nn.Embedding(*arguments)


def test_compiled_it_learns_as_on_numpy_and_refuses_wrong_tokens() -> None:
    def slope(engine: str, tokens: np.ndarray) -> np.ndarray:
        table = nn.Embedding(5, 3, seed=0)

        def step(tokens: gn.Tensor) -> gn.Tensor:
            table(tokens).tanh().sum().backward()
            return tokens

        gn.compile(step, engine=engine)(tokens)
        assert table.weight.grad is not None
        return table.weight.grad.numpy()

    tokens = np.array([[4, 0, 4], [1, 1, 2]])
    np.testing.assert_allclose(slope("native", tokens), slope("numpy", tokens), rtol=1e-5)
    with pytest.raises(gn.GlassnetError, match="outside"):
        slope("native", tokens + 1)
