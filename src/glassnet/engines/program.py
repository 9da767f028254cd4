"""The array program: a small typed list of statements, written down by the symbolic engine.

A program can be printed, checked, replayed on another engine, or compiled. `recorder.py` has the
engine that writes it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..errors import ProgramError, TracingError
from .protocol import DType, Engine, Number, Shape

if TYPE_CHECKING:
    from .recorder import Recorder


@dataclass(frozen=True, slots=True)
class Variable:
    """One value of a program: assigned once, its shape and dtype known."""

    number: int
    shape: Shape
    dtype: DType

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def __hash__(self) -> int:
        return self.number  # the passes look variables up all the time

    def __str__(self) -> str:
        return f"v{self.number}"


Operand = Variable | Number


@dataclass(frozen=True, slots=True)
class Statement:
    """`out = function(*operands, **settings)`, with a function of the protocol.

    Every function gives one array, but for `scan`, which gives several: `out` and `others`.
    """

    out: Variable
    function: str
    operands: tuple[Operand, ...]
    settings: tuple[tuple[str, Any], ...] = ()
    others: tuple[Variable, ...] = ()

    @property
    def outs(self) -> tuple[Variable, ...]:
        """All that the statement assigns."""
        return (self.out, *self.others)

    def __str__(self) -> str:
        words = [str(operand) for operand in self.operands]
        words += [f"{name}={value}" for name, value in self.settings if name != "body"]
        lines = [f"{v!s:<5} {v.dtype!s:<8} {v.shape!s:<16}" for v in self.outs]
        lines[-1] += f" = {self.function}({', '.join(words)})"
        body = dict(self.settings).get("body")
        lines += ["      " + line for line in str(body or "").splitlines()]
        return "\n".join(lines)


@dataclass(slots=True)
class Program:
    """Inputs, constants, statements in order, outputs."""

    inputs: list[Variable] = field(default_factory=list)
    constants: dict[Variable, np.ndarray[Any, Any]] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    outputs: list[Variable] = field(default_factory=list)
    _checked: list[Any] = field(default_factory=list, repr=False, compare=False)

    def __str__(self) -> str:
        lines = [f"{v!s:<5} {v.dtype!s:<8} {v.shape!s:<16} input" for v in self.inputs]
        lines += [f"{v!s:<5} {v.dtype!s:<8} {v.shape!s:<16} constant" for v in self.constants]
        lines += map(str, self.statements)
        return "\n".join([*lines, f"return {', '.join(map(str, self.outputs))}"])

    def fingerprint(self) -> str:
        """A hash of everything: statements, numbers to the last bit, types, constants."""
        import hashlib  # which takes time to load

        found = hashlib.sha256()
        given = [(v.number, v.shape, v.dtype.str) for v in self.inputs]
        held = [(v.number, v.shape, v.dtype.str) for v in self.constants]
        found.update(repr((given, held, [v.number for v in self.outputs])).encode())
        for array in self.constants.values():
            found.update(np.ascontiguousarray(array).tobytes())
        for s in self.statements:
            operands = [f"v{o.number}" if isinstance(o, Variable) else repr(o) for o in s.operands]
            settings = [(n, v.fingerprint() if n == "body" else repr(v)) for n, v in s.settings]
            outs = [(v.number, v.shape, v.dtype.str) for v in s.outs]
            found.update(repr((s.function, operands, settings, outs)).encode())
        return found.hexdigest()

    def check(self) -> None:
        """Raises ProgramError unless every statement obeys its rule and uses what is defined."""
        parts = [*self.inputs, *self.constants, *self.statements, *self.outputs]
        known = self._checked  # what was found in order needs no second look
        if len(known) == len(parts) and all(map(operator.is_, known, parts)):
            return
        from .recorder import Recorder  # it writes programs, and so stands above them

        recorder = Recorder()
        given = [*self.inputs, *self.constants]
        arrays = {v: recorder.input(v.shape, v.dtype) for v in given}
        if len({v.number for v in given}) != len(given):
            raise ProgramError("two inputs or constants of a program share a number")
        for statement in self.statements:
            for out, array in call(recorder, statement, arrays).items():
                if out in arrays:
                    raise ProgramError(f"{out} is assigned twice", where=str(statement))
                if (array.shape, array.dtype) != (out.shape, out.dtype):
                    raise ProgramError(
                        "a statement's type is not what its rule gives",
                        expected=f"{array.dtype} {array.shape}",
                        received=f"{out.dtype} {out.shape}",
                        where=str(statement),
                    )
                arrays[out] = array
        for output in self.outputs:
            if output not in arrays:
                raise ProgramError(f"the output {output} is never assigned")
        self._checked = parts


def call(engine: Any, statement: Statement, arrays: Mapping[Variable, Any]) -> dict[Variable, Any]:
    """What one statement assigns, run on an engine with the arrays computed so far."""
    operands = []
    for operand in statement.operands:
        if isinstance(operand, Variable) and operand not in arrays:
            raise ProgramError(f"{operand} is used before it is assigned", where=str(statement))
        operands.append(arrays[operand] if isinstance(operand, Variable) else operand)
    result = getattr(engine, statement.function)(*operands, **dict(statement.settings))
    several = isinstance(result, tuple)
    return dict(zip(statement.outs, result if several else (result,), strict=True))


def replay(program: Program, engine: Engine[Any], inputs: Sequence[Any]) -> list[Any]:
    """Runs a program on an engine, statement by statement, and returns its outputs.

    >>> import numpy as np
    >>> from glassnet.engines import Recorder, numpy_engine, replay
    >>> xp = Recorder()
    >>> a = xp.input((3,), np.dtype("float32"))
    >>> program = xp.finish([xp.multiply(a, 2.0)])
    >>> replay(program, numpy_engine, [np.arange(3, dtype="float32")])[0].tolist()
    [0.0, 2.0, 4.0]
    """
    if len(inputs) != len(program.inputs):
        raise ProgramError(f"a program of {len(program.inputs)} inputs received {len(inputs)}")
    arrays: dict[Variable, Any] = dict(zip(program.inputs, inputs, strict=True))
    arrays |= {v: engine.constant(array) for v, array in program.constants.items()}
    for statement in program.statements:
        arrays |= call(engine, statement, arrays)
    return [arrays[v] for v in program.outputs]


def cut(program: Program, inputs: Sequence[Variable], outputs: Sequence[Variable]) -> Program:
    """The part of a program that computes `outputs` from `inputs`, which may be any variables.

    >>> import numpy as np
    >>> from glassnet.engines import Recorder, cut
    >>> xp = Recorder()
    >>> a = xp.input((3,), np.dtype("float32"))
    >>> b = xp.exp(xp.negative(a))
    >>> print(cut(xp.program, [xp.program.statements[0].out], [b.variable]))
    v1    float32  (3,)             input
    v2    float32  (3,)             = exp(v1)
    return v2
    """
    given = set(inputs)
    needed = set(outputs) - given
    kept: list[Statement] = []
    for statement in reversed(program.statements):
        if not needed.isdisjoint(statement.outs):
            kept.append(statement)
            needed |= {o for o in statement.operands if isinstance(o, Variable)} - given
    constants = {v: a for v, a in program.constants.items() if v in needed}
    return Program(list(inputs), constants, kept[::-1], list(outputs))


class Holder(Protocol):
    """What holds an array: a parameter, or any tensor from outside a traced function."""

    @property
    def array(self) -> Any: ...


@dataclass(frozen=True, slots=True, eq=False)
class SymbolicArray:
    """An array that is only described: what an operation computes with while it is traced."""

    variable: Variable
    engine: Recorder

    @property
    def shape(self) -> Shape:
        return self.variable.shape

    @property
    def dtype(self) -> DType:
        return self.variable.dtype

    @property
    def ndim(self) -> int:
        return len(self.variable.shape)

    @property
    def size(self) -> int:
        return self.variable.size

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise TracingError(
            "this array is only described: its function is being traced, but NumPy wants numbers",
            expected="functions of the array namespace, such as xp.sin(a)",
            received="a NumPy function",
            mend="write forward against xp; what cannot be written so runs on numpy",
        )
