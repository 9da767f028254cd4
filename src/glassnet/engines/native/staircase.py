"""Which matrices are zero beyond a staircase, and beyond which one nobody wants their numbers.

A causal mask hides from each query the keys after its own: the weights of attention are zero above
a diagonal, and the gradient by their scores is. A product that knows of it leaves out the k at
which its left operand is zero, and the tiles of its result that only meet such zeros:

    w = where(column ≤ row + ahead, …, 0)      w·v: k ≤ row + ahead;   wᵀ·v: k ≥ row − ahead

What is left out would have added 0, unless it meets an infinity or NaN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..numpy import numpy_engine
from ..program import Program, Statement, Variable, call
from .rewrite import variables

Array = np.ndarray[Any, Any]
_LARGEST = 1 << 22  # elements of a mask that is looked at
_OF_MASKS = frozenset({"add", "arange", "less", "less_equal", "reshape", "subtract"})
_SLOPING = frozenset({"add", "negative", "subtract"})  # element by element, without an overflow


@dataclass(frozen=True, slots=True)
class Stair:
    """Beyond it lie the elements of the last two axes with column > row + ahead.

    `turned`: those with row > column + ahead.
    """

    ahead: int
    turned: bool = False

    def transposed(self) -> Stair:
        return replace(self, turned=not self.turned)


@dataclass(slots=True)
class Stairs:
    """What is known of a program's variables; of a variable that is not named, nothing."""

    zero: dict[Variable, Stair] = field(default_factory=dict)  # 0 beyond
    wanted: dict[Variable, Stair] = field(default_factory=dict)  # any finite number will do beyond


def stairs(program: Program) -> Stairs:
    """What masks make known of a program in canonical shape."""
    masks = _masks(program)
    if not masks:
        return Stairs()
    zero = _zeros(program, masks)
    return Stairs(zero, _wanted(program, masks, zero))


def _masks(program: Program) -> dict[Variable, Stair]:
    """The staircases of boolean matrices that no input takes part in: True up to them."""
    known: dict[Variable, Array] = {
        v: array for v, array in program.constants.items() if array.dtype.kind in "bi"
    }
    for statement in program.statements:
        small = statement.out.size <= _LARGEST and statement.out.dtype.kind in "bi"
        operands = variables(statement.operands)
        if small and statement.function in _OF_MASKS and all(v in known for v in operands):
            known |= call(numpy_engine, statement, known)
    found = {v: _of_mask(array) for v, array in known.items() if array.dtype.kind == "b"}
    return {v: stair for v, stair in found.items() if stair}


def _of_mask(mask: Array) -> Stair | None:
    """The steepest staircase up to which some element of the mask is True."""
    if mask.ndim < 2 or math.prod(mask.shape[:-2]) != 1 or not mask.any():
        return None
    rows, columns = np.nonzero(mask.reshape(mask.shape[-2:]))
    ahead = int((columns - rows).max())
    return Stair(ahead) if ahead < mask.shape[-1] - 1 else None


def _masked(statement: Statement, masks: Mapping[Variable, Stair]) -> Stair | None:
    """Up to which staircase `where` takes its first value."""
    mask = statement.operands[0]
    fits = isinstance(mask, Variable) and mask.shape[-2:] == statement.out.shape[-2:]
    return masks.get(mask) if isinstance(mask, Variable) and fits else None


def _zeros(program: Program, masks: Mapping[Variable, Stair]) -> dict[Variable, Stair]:
    """What is 0 beyond a staircase, found along with what is −∞ there, whose exponential is 0."""
    zero: dict[Variable, Stair] = {}
    lowest: dict[Variable, Stair] = {}
    for statement in program.statements:
        function, out, last = statement.function, statement.out, statement.operands[-1:]
        whole = [v for v in variables(statement.operands) if v.shape == out.shape]
        leading = [v for v in whole[:1] if v is statement.operands[0]]
        if function == "where" and last[0] in (0, -math.inf):
            _note(zero if last[0] == 0 else lowest, out, _masked(statement, masks))
        elif function in ("reshape", "transpose"):
            (source,) = variables(statement.operands)
            for known in (zero, lowest):
                _note(known, out, _moved(statement, known.get(source)))
        for known, functions, operands in (
            (zero, ("multiply",), whole),
            (zero, ("divide", "negative"), leading),
            (lowest, ("add",), whole),
            (lowest, ("subtract",), leading),
        ):
            if function in functions:
                _note(known, out, *(known.get(v) for v in operands))
        if function == "exp":
            _note(zero, out, *(lowest.get(v) for v in whole))
    return zero


def _note(known: dict[Variable, Stair], variable: Variable, *found: Stair | None) -> None:
    for stair in found:
        if stair is not None:
            known[variable] = stair


def _moved(statement: Statement, stair: Stair | None) -> Stair | None:
    """The staircase on the other side of a view that leaves the last two axes or exchanges them."""
    (source,), shape = variables(statement.operands), statement.out.shape
    if stair is None or len(source.shape) < 2 or len(shape) < 2:
        return None
    if statement.function == "reshape":
        return stair if source.shape[-2:] == shape[-2:] else None
    n, axes = len(shape), dict(statement.settings)["axes"]
    if axes[-2:] == (n - 2, n - 1):
        return stair
    return stair.transposed() if axes[-2:] == (n - 1, n - 2) else None


def _wanted(
    program: Program, masks: Mapping[Variable, Stair], zero: Mapping[Variable, Stair]
) -> dict[Variable, Stair]:
    """Beyond which staircase all uses of a variable mask it, or multiply it by 0."""
    wanted: dict[Variable, Stair | None] = dict.fromkeys(program.outputs)
    for statement in reversed(program.statements):
        whole = wanted.get(statement.out) if len(statement.outs) == 1 else None
        for operand in variables(statement.operands):
            use = _use(statement, operand, whole, masks, zero)
            wanted[operand] = _wider(wanted[operand], use) if operand in wanted else use
    return {v: stair for v, stair in wanted.items() if stair}


def _use(
    statement: Statement,
    operand: Variable,
    whole: Stair | None,
    masks: Mapping[Variable, Stair],
    zero: Mapping[Variable, Stair],
) -> Stair | None:
    """What one statement wants of one operand, its result being wanted up to a staircase."""
    function, others = statement.function, statement.operands[1:]
    if function in ("reshape", "transpose"):
        return _moved(statement, whole)
    if operand.shape != statement.out.shape or statement.operands.count(operand) > 1:
        return None
    if function == "where":
        return _masked(statement, masks) if operand is others[0] else None
    if function == "multiply":
        for other in variables(statement.operands):
            if other is not operand and other.shape == operand.shape and other in zero:
                return zero[other]
        return whole if len(variables(statement.operands)) == 1 else None
    return whole if function in _SLOPING else None


def _wider(a: Stair | None, b: Stair | None) -> Stair | None:
    if a is None or b is None or a.turned != b.turned:
        return None
    return a if a.ahead >= b.ahead else b
