"""What the program passes share: a program being written anew, statement by statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..program import Operand, Program, Statement, SymbolicArray, Variable, call, cut
from ..recorder import Recorder


class Rewriter:
    """Copies a program through a `Recorder`, so that each new statement is checked by its rule.

    A pass asks for the new array of an old variable with `array`, records what it wants, and says
    with `put` which array stands for the old variable from now on.
    """

    def __init__(self, program: Program) -> None:
        self.old = program
        self.xp = Recorder()
        self.arrays: dict[Variable, SymbolicArray] = {}
        for variable in program.inputs:
            self.arrays[variable] = self.xp.input(variable.shape, variable.dtype)
        for variable, values in program.constants.items():
            self.arrays[variable] = self.xp.constant(values)

    def array(self, operand: Operand) -> Any:
        """The new array (or the number) that stands for an old operand."""
        return self.arrays[operand] if isinstance(operand, Variable) else operand

    def put(self, old: Variable, array: SymbolicArray) -> None:
        self.arrays[old] = array

    def copy(self, statement: Statement) -> None:
        """The statement as it was, on the new arrays."""
        for old, array in call(self.xp, statement, self.arrays).items():
            self.put(old, array)

    def finish(self) -> Program:
        return self.xp.finish(self.arrays[v] for v in self.old.outputs)


def without_dead(program: Program) -> Program:
    """The program without statements and constants that no output needs."""
    return cut(program, program.inputs, program.outputs)


def variables(operands: Iterable[Operand]) -> list[Variable]:
    """The operands that are variables, not numbers."""
    return [operand for operand in operands if isinstance(operand, Variable)]


def uniform(array: np.ndarray[Any, Any]) -> bool:
    """Are all elements the same bits?"""
    if array.size == 0:
        return False
    flat = np.ascontiguousarray(array).reshape(-1)
    first = flat[:1].view(np.uint8)
    return bool((flat.view(np.uint8).reshape(flat.size, -1) == first).all())
