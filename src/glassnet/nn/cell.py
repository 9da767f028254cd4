"""Recurrent cells: one step of a network with a memory.

The formulas are PyTorch's, and so is the order of the gates in the weights: i, f, g, o for an LSTM
and r, z, n for a GRU. Sources: Elman, "Finding structure in time", 1990; Hochreiter and
Schmidhuber, "Long short-term memory", 1997; Cho et al., "Learning phrase representations", 2014.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import ArgumentError, ShapeError, did_you_mean
from ..ops import linear, relu, sigmoid, tanh
from ..ops.operation import filled
from ..tensor import Seed, Tensor, as_tensor
from .init import uniform
from .module import Module
from .parameter import Parameter

State = tuple[Tensor, ...]  # (h,), or (h, c) of an LSTM; each (B, hidden_size)
Weights = tuple[Tensor, Tensor | None]  # weight_hh, bias_hh


@dataclass(frozen=True, slots=True)
class Formula:
    """h′ from what the input brings to each gate, the state, and the recurrent weights."""

    gates: int
    states: int
    step: Callable[[Tensor, State, Weights], State]


def elman(activation: Callable[[Tensor], Tensor]) -> Formula:
    """h′ = f(x + W h + b)"""
    return Formula(1, 1, lambda x, state, w: (activation(x + linear(state[0], *given(w))),))


def _gru(x: Tensor, state: State, weights: Weights) -> State:
    (h,) = state
    inner = linear(h, *given(weights))
    width = h.shape[-1]
    x_gates, h_gates = x[:, : 2 * width], inner[:, : 2 * width]
    gates = sigmoid(x_gates + h_gates)
    reset, update = gates[:, :width], gates[:, width:]
    new = tanh(x[:, 2 * width :] + reset * inner[:, 2 * width :])
    return (new + update * (h - new),)


def _lstm(x: Tensor, state: State, weights: Weights) -> State:
    h, c = state
    gates = x + linear(h, *given(weights))
    n = h.shape[-1]
    i, f, g, o = (gates[:, k * n : (k + 1) * n] for k in range(4))
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


GRU_FORMULA, LSTM_FORMULA = Formula(3, 1, _gru), Formula(4, 2, _lstm)
NONLINEARITIES = {"tanh": elman(tanh), "relu": elman(relu)}


def given(weights: Weights) -> tuple[Tensor, ...]:
    """A weight and its bias, if there is one."""
    weight, bias = weights
    return (weight,) if bias is None else (weight, bias)


def formula_of(nonlinearity: str) -> Formula:
    """The plain recurrent formula with the function of that name."""
    if nonlinearity not in NONLINEARITIES:
        raise ArgumentError(
            f'there is no recurrent network with "{nonlinearity}"',
            expected=" or ".join(NONLINEARITIES),
            mend=did_you_mean(str(nonlinearity), NONLINEARITIES),
        )
    return NONLINEARITIES[nonlinearity]


def check_sizes(name: str, **sizes: Any) -> None:
    """ArgumentError unless all sizes are integers from 1 on."""
    for what, size in sizes.items():
        if type(size) is not int or size < 1:
            raise ArgumentError(
                f"{name} has at least one of its {what}",
                expected="an integer ≥ 1",
                received=f"{what}={size!r}",
            )


def states_of(given: Any, count: int, shape: tuple[int, ...], like: Tensor) -> State:
    """The first states: zeros where none are given; ShapeError where they do not fit."""
    if given is None:
        return tuple(filled(like, 0.0, shape) for _ in range(count))
    tensors = tuple(map(as_tensor, given if isinstance(given, tuple | list) else (given,)))
    if [t.shape for t in tensors] != [shape] * count:
        raise ShapeError(
            "the first state of a recurrent layer does not fit",
            expected=" and ".join([f"{shape}"] * count),
            received=" and ".join(str(t.shape) for t in tensors),
            mend="pass (h, c) to an LSTM and h to the others, or leave it out for zeros",
        )
    return tensors


class Cell(Module):
    """One step of a recurrent network. Shape: (B, input_size) → (B, hidden_size)"""

    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None
    bias_hh: Parameter | None
    _formula: Formula

    def _build(self, formula: Formula, input_size: int, hidden_size: int, bias: bool) -> None:
        check_sizes(type(self).__name__, input_size=input_size, hidden_size=hidden_size)
        bound = 1.0 / math.sqrt(hidden_size)
        rows, start = formula.gates * hidden_size, uniform(-bound, bound)
        self._formula = formula
        self.input_size, self.hidden_size = input_size, hidden_size
        self.weight_ih = Parameter((rows, input_size), start)
        self.weight_hh = Parameter((rows, hidden_size), start)
        self.bias_ih = Parameter((rows,), start) if bias else None
        self.bias_hh = Parameter((rows,), start) if bias else None

    def _step(self, x: Tensor, state: Any) -> State:
        if x.ndim != 2 or x.shape[-1] != self.input_size:
            raise ShapeError(
                "a recurrent cell takes one step of a batch",
                expected=f"(B, {self.input_size})",
                received=f"{x.shape}",
                mend="a whole sequence (B, T, C) goes to nn.RNN, nn.GRU or nn.LSTM",
            )
        first = states_of(state, self._formula.states, (x.shape[0], self.hidden_size), x)
        brought = linear(x, *given((self.weight_ih, self.bias_ih)))
        return self._formula.step(brought, first, (self.weight_hh, self.bias_hh))


class RNNCell(Cell):
    """h′ = f(W_ih x + b_ih + W_hh h + b_hh)

    Shape: x (B, input_size), h (B, hidden_size) → h′ (B, hidden_size).

    Args:
        input_size: length of x.
        hidden_size: length of h.
        bias: whether there are b_ih and b_hh.
        nonlinearity: f, "tanh" or "relu".
        seed: draws the numbers at once; otherwise they are drawn when first needed.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> nn.RNNCell(3, 4)(gn.Generator(0).normal((2, 3))).shape
    (2, 4)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        seed: Seed | None = None,
    ) -> None:
        self._build(formula_of(nonlinearity), input_size, hidden_size, bias)
        if seed is not None:
            self.initialise(seed)

    def forward(self, x: Tensor, state: Tensor | None = None) -> Tensor:
        return self._step(x, state)[0]


class GRUCell(Cell):
    """h′ = (1 − z)·n + z·h, with n = tanh(W_in x + b_in + r·(W_hn h + b_hn))

    r = σ(W_ir x + b_ir + W_hr h + b_hr), and z likewise.

    Shape: x (B, input_size), h (B, hidden_size) → h′ (B, hidden_size).

    Args:
        input_size: length of x.
        hidden_size: length of h.
        bias: whether there are b_ih and b_hh.
        seed: draws the numbers at once; otherwise they are drawn when first needed.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> nn.GRUCell(3, 4)(gn.Generator(0).normal((2, 3))).shape
    (2, 4)
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, *, seed: Seed | None = None
    ) -> None:
        self._build(GRU_FORMULA, input_size, hidden_size, bias)
        if seed is not None:
            self.initialise(seed)

    def forward(self, x: Tensor, state: Tensor | None = None) -> Tensor:
        return self._step(x, state)[0]


class LSTMCell(Cell):
    """c′ = f·c + i·g,  h′ = o·tanh(c′)

    i, f, o = σ(W x + b + U h + d) with weights of their own, g the same with tanh.

    Shape: x (B, input_size), h and c (B, hidden_size) → (h′, c′).

    Args:
        input_size: length of x.
        hidden_size: length of h and of c.
        bias: whether there are b_ih and b_hh.
        seed: draws the numbers at once; otherwise they are drawn when first needed.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> h, c = nn.LSTMCell(3, 4)(gn.Generator(0).normal((2, 3)))
    >>> h.shape, c.shape
    ((2, 4), (2, 4))
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, *, seed: Seed | None = None
    ) -> None:
        self._build(LSTM_FORMULA, input_size, hidden_size, bias)
        if seed is not None:
            self.initialise(seed)

    def forward(self, x: Tensor, state: Any = None) -> State:
        return self._step(x, state)
