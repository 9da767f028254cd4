"""Pass 0: a loop over the sequences of a batch as loops over some of them, a thread's each.

The sequences of a batch need nothing from each other. Where every step's row of a result is made
from the same row of what the step reads, the loop is taken apart between sequences: as many loops
as there are threads, which share them out (loops without a state are a map, and this is one). What
a loop stacks then is one block of memory that no other thread touches, where in an array of all
sequences each step's rows of one thread lie between those of another, and a processor that fetches
ahead of a thread takes lines away from its neighbour. What only feeds such a loop is computed in
the order in which it is read.

It changes no bit: each row is computed as before, whoever does it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Set
from typing import Any

from ..contraction import Contraction
from ..program import Program, Statement, SymbolicArray, Variable, call
from ..protocol import COLLECTING, FUNCTIONS
from ..recorder import Recorder
from .kernel import ANCHORS
from .rewrite import Rewriter, variables
from .target import Target
from .view import VIEWS

_MADE = frozenset({"arange", "capture", "constant", "full", "random_bits"})
_MAPS = FUNCTIONS - ANCHORS - COLLECTING - VIEWS - _MADE  # element by element
_FEWEST = 8  # sequences of a loop: fewer leave the register tile of a product empty
_LEAST = 1 << 22  # multiply-adds of a loop: less is not worth several


def with_crews(program: Program, target: Target, threads: int) -> Program:
    """The program with its large loops taken apart between sequences, for so many threads."""
    scans = any(s.function == "scan" for s in program.statements)
    return _Rewriter(program, target, threads).run() if scans and threads > 1 else program


class _Rewriter(Rewriter):
    def __init__(self, program: Program, target: Target, threads: int) -> None:
        super().__init__(program)
        self.target, self.crews = target, threads
        self.makers = {v: s for s in program.statements for v in s.outs}
        self.readers = Counter(v for s in program.statements for v in variables(s.operands))
        self.readers.update(program.outputs)
        self.stacked: dict[Variable, SymbolicArray] = {}  # (crews, steps, sequences of one, …)

    def run(self) -> Program:
        for statement in self.old.statements:
            body = self._body(statement)
            if body is None:
                self.copy(statement)
            else:
                self._loops(statement, body)
        return self.finish()

    def _body(self, statement: Statement) -> Program | None:
        """The body of a loop over one thread's sequences, if it can be taken apart, and pays."""
        if statement.function != "scan":
            return None
        settings = dict(statement.settings)
        body, carried = settings["body"], settings["carried"]
        many = carried + settings["sequences"]
        if not carried or not body.inputs[0].shape:
            return None
        rows, fixed = body.inputs[0].shape[0], body.inputs[many:]
        fits = sum(v.size * v.dtype.itemsize for v in fixed) <= self.target.cache_bytes
        if rows % self.crews or rows < _FEWEST * self.crews or not fits:
            return None
        if settings["length"] * sum(map(_multiplications, body.statements)) < _LEAST:
            return None
        return narrow(body, carried, many, rows // self.crews)

    def _loops(self, statement: Statement, body: Program) -> None:
        """A map of loops in the place of one, and its results as they were."""
        settings = dict(statement.settings) | {"body": body}
        carried = settings["carried"]
        many = carried + settings["sequences"]
        rows = statement.outs[0].shape[0]
        outer, given, inner = Recorder(), [], []
        for i, operand in enumerate(variables(statement.operands)):
            if i < carried:
                shape = (self.crews, rows // self.crews, *operand.shape[1:])
                array = self.xp.reshape(self.array(operand), shape=shape)
            else:
                array = self._apart(operand, rows) if i < many else self.array(operand)
            given.append(array)
            inner.append(outer.input(array.shape[1:] if i < many else array.shape, array.dtype))
        made = outer.scan(*inner, **settings)
        around = {"length": self.crews, "carried": 0, "sequences": many, "reverse": False}
        results = self.xp.scan(*given, body=outer.finish(made), **around)
        for i, (out, array) in enumerate(zip(statement.outs, results, strict=True)):
            if i >= carried:
                self.stacked[out] = array
                order = (1, 0, *range(2, array.ndim))
                array = self.xp.transpose(array, axes=order)
            self.put(out, self.xp.reshape(array, shape=out.shape))

    def _apart(self, variable: Variable, rows: int) -> SymbolicArray:
        """(steps, sequences, …) as (crews, steps, sequences of one, …); as it is without rows.

        A product that only the loop reads is computed in this order, and what follows it.
        """
        shape = variable.shape
        if shape[1:2] != (rows,):
            return self._repeated(variable)
        if variable in self.stacked:
            return self.stacked[variable]
        statement = self.makers.get(variable)
        if statement is not None and self.readers[variable] == 1 and self._is_row_work(statement):
            settings = dict(statement.settings)
            operands = [
                (self._apart(v, rows) if _has_rows(v, statement) else self.array(v))
                if isinstance(v, Variable)
                else v
                for v in statement.operands
            ]
            if statement.function == "contract":
                settings["spec"] = _with_crews(statement)
            made: SymbolicArray = getattr(self.xp, statement.function)(*operands, **settings)
            return made
        steps, count = shape[0], rows // self.crews
        array = self.xp.reshape(self.array(variable), shape=(steps, self.crews, count, *shape[2:]))
        return self.xp.transpose(array, axes=(1, 0, *range(2, array.ndim)))

    def _repeated(self, variable: Variable) -> SymbolicArray:
        """A sequence that is the same for all rows, for every crew."""
        array = self.xp.reshape(self.array(variable), shape=(1, *variable.shape))
        return self.xp.broadcast_to(array, shape=(self.crews, *variable.shape))

    def _is_row_work(self, statement: Statement) -> bool:
        """Is it a product row by row and step by step, or a map behind one?"""
        if statement.function == "contract":
            return bool(_with_crews(statement))
        operands = variables(statement.operands)
        whole = [v for v in operands if _has_rows(v, statement)]
        others = [v for v in operands if v not in whole]
        if statement.function not in _MAPS or not all(_is_repeated(v, statement) for v in others):
            return False
        return any(
            v in self.makers and self.readers[v] == 1 and self._is_row_work(self.makers[v])
            for v in whole
        )


def _has_rows(variable: Variable, statement: Statement) -> bool:
    """Does an operand have the steps and sequences of the result on its first axes?"""
    out = statement.out.shape
    if statement.function == "contract":
        letters = Contraction.parse(dict(statement.settings)["spec"])
        a, _ = variables(statement.operands)
        return (letters.a if variable == a else letters.b)[:2] == letters.out[:2]
    return len(variable.shape) == len(out) and variable.shape[:2] == out[:2]


def _is_repeated(variable: Variable, statement: Statement) -> bool:
    """Is an operand of a map the same for all sequences?"""
    behind = len(statement.out.shape) - 1  # axes from that of the sequences on
    return len(variable.shape) < behind or variable.shape[-behind] == 1


def _with_crews(statement: Statement) -> str:
    """The spec of a product of rows with an axis for crews before them; "" if it is none."""
    a, b = variables(statement.operands)
    letters = Contraction.parse(dict(statement.settings)["spec"])
    first = letters.out[:2]
    mine = [word[:2] == first for word in (letters.a, letters.b)]
    other = letters.b if mine[0] else letters.a
    if a == b or sum(mine) != 1 or set(first) & set(other):
        return ""
    crew = next(c for c in "CDE" if c not in letters.spec)
    words = ((crew if own else "") + w for own, w in zip(mine, (letters.a, letters.b), strict=True))
    return ",".join(words) + f"->{crew}{letters.out}"


def _multiplications(statement: Statement) -> int:
    if statement.function != "contract":
        return 0
    letters = Contraction.parse(dict(statement.settings)["spec"])
    sizes = letters.sizes(*(v.shape for v in variables(statement.operands)))
    return math.prod(sizes.values())


def narrow(body: Program, carried: int, many: int, count: int) -> Program | None:
    """The body of a loop for `count` rows of its states, if it makes each row from the same row.

    The rows are the first axis of the states, and of sequences that have as many; of everything
    that is computed from them, too, or the body is not one of rows.
    """
    rows = body.inputs[0].shape[0]
    xp, arrays, own = Recorder(), dict[Variable, SymbolicArray](), set[Variable]()
    for i, variable in enumerate(body.inputs):
        shape = variable.shape
        if i < many and shape[:1] == (rows,):
            own.add(variable)
            shape = (count, *shape[1:])
        elif i < carried:
            return None
        arrays[variable] = xp.input(shape, variable.dtype)
    arrays |= {v: xp.constant(values) for v, values in body.constants.items()}
    for statement in body.statements:
        if own.isdisjoint(variables(statement.operands)):
            arrays |= call(xp, statement, arrays)
            continue
        settings = _narrowed(statement, own, rows, count)
        if settings is None or statement.others:
            return None
        operands = (arrays[v] if isinstance(v, Variable) else v for v in statement.operands)
        arrays[statement.out] = getattr(xp, statement.function)(*operands, **settings)
        own.add(statement.out)
    return xp.finish(arrays[v] for v in body.outputs) if own.issuperset(body.outputs) else None


def _narrowed(
    statement: Statement, own: Set[Variable], rows: int, count: int
) -> dict[str, Any] | None:
    """The settings for fewer rows; None if a row of the result needs other rows, too."""
    settings, shape = dict(statement.settings), statement.out.shape
    operands = variables(statement.operands)
    if shape[:1] != (rows,) or not _is_by_row(statement, operands, own):
        return None
    match statement.function:
        case "reshape" | "broadcast_to":
            settings["shape"] = (count, *shape[1:])
        case "slice":
            settings["stops"] = (count, *settings["stops"][1:])
    return settings


def _is_by_row(statement: Statement, operands: list[Variable], own: Set[Variable]) -> bool:
    """Is each row of the result computed from the same row of the operands that have rows?"""
    settings, shape = dict(statement.settings), statement.out.shape
    aligned = all(
        (v in own) == (len(v.shape) == len(shape) and v.shape[0] == shape[0]) for v in operands
    )
    match statement.function:
        case "contract":
            letters = Contraction.parse(settings["spec"])
            row = letters.out[0]
            words = zip((letters.a, letters.b), operands, strict=True)
            return all(w[0] == row if v in own else row not in w for w, v in words if w)
        case "reshape":
            return operands[0].shape[0] == shape[0]
        case "slice":
            return (settings["starts"][0], settings["steps"][0]) == (0, 1)
        case "pad":
            return bool(settings["widths"][0] == (0, 0))
        case "transpose":
            return bool(settings["axes"][0] == 0)
        case "sum" | "max" | "flip":
            return 0 not in settings["axes"]
        case "concat":
            return bool(settings["axis"] > 0) and all(v in own for v in operands)
        case "broadcast_to":
            return aligned
    return statement.function in _MAPS and aligned
