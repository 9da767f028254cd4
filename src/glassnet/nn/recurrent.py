"""Recurrent layers: a cell run over every step of a sequence, with `scan`.

What the inputs bring to the gates is one product for all steps, before the loop; the loop itself
multiplies the state alone.
"""

from __future__ import annotations

import math
from typing import Any

from ..autodiff import scan
from ..errors import ShapeError
from ..ops import concat, expand_dims, linear, stack, where
from ..tensor import Seed, Tensor
from .cell import (
    GRU_FORMULA,
    LSTM_FORMULA,
    Formula,
    State,
    check_sizes,
    formula_of,
    given,
    states_of,
)
from .dropout import Dropout
from .init import uniform
from .lengths import within
from .module import Module
from .parameter import Parameter


class Recurrent(Module):
    """What RNN, GRU and LSTM share. Shape: (B, T, input_size) → (B, T, directions·hidden_size)"""

    drop: Dropout
    _formula: Formula

    def _build(
        self,
        formula: Formula,
        sizes: tuple[int, int, int],
        bias: bool,
        dropout: float,
        bidirectional: bool,
        seed: Seed | None,
    ) -> None:
        input_size, hidden, layers = sizes
        name = type(self).__name__
        check_sizes(name, input_size=input_size, hidden_size=hidden, num_layers=layers)
        self._formula = formula
        self.input_size, self.hidden_size, self.num_layers = sizes
        self.bias, self.bidirectional = bias, bidirectional
        self.drop = Dropout(dropout)
        self.dropout = dropout
        bound = 1.0 / math.sqrt(hidden)
        rows, start = formula.gates * hidden, uniform(-bound, bound)
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in range(layers):
            features = input_size if layer == 0 else hidden * len(self.directions)
            for direction in self.directions:
                end = f"l{layer}{direction}"
                shapes |= {f"weight_ih_{end}": (rows, features), f"weight_hh_{end}": (rows, hidden)}
                if bias:
                    shapes |= {f"bias_ih_{end}": (rows,), f"bias_hh_{end}": (rows,)}
        # PyTorch's names: there are as many fields as layers and directions ask for.
        vars(self)["_fields"] = self._fields | shapes.keys()
        for field, shape in shapes.items():
            setattr(self, field, Parameter(shape, start))
        if seed is not None:
            self.initialise(seed)

    @property
    def directions(self) -> tuple[str, ...]:
        """How the names of the weights of each direction end."""
        return ("", "_reverse") if self.bidirectional else ("",)

    def _run(self, x: Tensor, state: Any, lengths: Any) -> tuple[Tensor, State]:
        """The outputs (B, T, …) and the last states, each (layers·directions, B, hidden_size)."""
        if x.ndim != 3 or x.shape[-1] != self.input_size:
            raise ShapeError(
                f"{type(self).__name__} takes a batch of sequences",
                expected=f"(B, T, {self.input_size})",
                received=f"{x.shape}",
            )
        count = self.num_layers * len(self.directions)
        first = states_of(state, self._formula.states, (count, x.shape[0], self.hidden_size), x)
        alive = None if lengths is None else expand_dims(within(lengths, x).T, 2)  # (T, B, 1)
        rows = x.transpose(1, 0, 2)  # (T, B, C)
        last: list[State] = []
        for layer in range(self.num_layers):
            outputs = []
            for direction in self.directions:
                start = tuple(one[len(last)] for one in first)
                end, out = self._scan(f"l{layer}{direction}", rows, start, alive)
                last.append(end)
                outputs.append(out)
            rows = outputs[0] if len(outputs) == 1 else concat(*outputs, axis=2)
            if layer < self.num_layers - 1:
                rows = self.drop(rows)
        return rows.transpose(1, 0, 2), tuple(map(stack, zip(*last, strict=True)))

    def _scan(
        self, end: str, rows: Tensor, start: State, alive: Tensor | None
    ) -> tuple[State, Tensor]:
        """One direction of one layer; a sequence that has ended keeps its state."""
        fields = vars(self)
        weights = fields[f"weight_hh_{end}"], fields.get(f"bias_hh_{end}")
        brought = linear(rows, *given((fields[f"weight_ih_{end}"], fields.get(f"bias_ih_{end}"))))

        def step(state: State, row: tuple[Tensor, ...]) -> tuple[State, Tensor]:
            new = self._formula.step(row[0], state, weights)
            if alive is None:
                return new, new[0]
            kept = tuple(where(row[1], a, b) for a, b in zip(new, state, strict=True))
            return kept, where(row[1], new[0], 0.0)

        xs = (brought,) if alive is None else (brought, alive)
        last, outputs = scan(step, start, xs, reverse=end.endswith("_reverse"))
        return last, outputs


class RNN(Recurrent):
    """hₜ = f(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh), for every step of a sequence

    Shape: x (B, T, input_size) → (outputs (B, T, D·hidden_size), last h (layers·D, B,
    hidden_size)), D = 2 directions or 1. A first h has the shape of the last.

    Args:
        input_size: length of xₜ.
        hidden_size: length of hₜ.
        num_layers: how many are stacked, each on the outputs of the one before.
        nonlinearity: f, "tanh" or "relu".
        bias: whether there are b_ih and b_hh.
        dropout: between the layers, in training.
        bidirectional: whether a second network runs from the end of each sequence.
        seed: draws the numbers at once; otherwise they are drawn when first needed.

    The call takes `state`, zeros when left out, and `lengths` (B,) of sequences that end before
    T: from there on the state stays as it is, the outputs are 0, and the other direction begins.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> outputs, last = nn.RNN(3, 4)(gn.Generator(0).normal((2, 5, 3)))
    >>> outputs.shape, last.shape
    ((2, 5, 4), (1, 2, 4))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        seed: Seed | None = None,
    ) -> None:
        sizes = (input_size, hidden_size, num_layers)
        self._build(formula_of(nonlinearity), sizes, bias, dropout, bidirectional, seed)

    def forward(
        self, x: Tensor, state: Tensor | None = None, lengths: Any = None
    ) -> tuple[Tensor, Tensor]:
        outputs, (last,) = self._run(x, state, lengths)
        return outputs, last


class GRU(Recurrent):
    """hₜ = (1 − z)·n + z·hₜ₋₁, for every step of a sequence; see `GRUCell`

    Shape: x (B, T, input_size) → (outputs (B, T, D·hidden_size), last h (layers·D, B,
    hidden_size)), D = 2 directions or 1. A first h has the shape of the last.

    Arguments and call are those of `RNN`, without the nonlinearity.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> outputs, last = nn.GRU(3, 4, bidirectional=True)(gn.Generator(0).normal((2, 5, 3)))
    >>> outputs.shape, last.shape
    ((2, 5, 8), (2, 2, 4))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        seed: Seed | None = None,
    ) -> None:
        sizes = (input_size, hidden_size, num_layers)
        self._build(GRU_FORMULA, sizes, bias, dropout, bidirectional, seed)

    def forward(
        self, x: Tensor, state: Tensor | None = None, lengths: Any = None
    ) -> tuple[Tensor, Tensor]:
        outputs, (last,) = self._run(x, state, lengths)
        return outputs, last


class LSTM(Recurrent):
    """cₜ = f·cₜ₋₁ + i·g, hₜ = o·tanh(cₜ), for every step of a sequence; see `LSTMCell`

    Shape: x (B, T, input_size) → (outputs (B, T, D·hidden_size), (last h, last c), each (layers·D,
    B, hidden_size)), D = 2 directions or 1. A first state has the shapes of the last.

    Arguments and call are those of `RNN`, without the nonlinearity; the state is a pair.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> outputs, (h, c) = nn.LSTM(3, 4, num_layers=2)(gn.Generator(0).normal((2, 5, 3)))
    >>> outputs.shape, h.shape, c.shape
    ((2, 5, 4), (2, 2, 4), (2, 2, 4))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        seed: Seed | None = None,
    ) -> None:
        sizes = (input_size, hidden_size, num_layers)
        self._build(LSTM_FORMULA, sizes, bias, dropout, bidirectional, seed)

    def forward(
        self, x: Tensor, state: Any = None, lengths: Any = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        outputs, (h, c) = self._run(x, state, lengths)
        return outputs, (h, c)
