"""Pass 2: every contraction as a matrix product, every reduction without kept axes.

After it there is one shape of each: `contract` is `"bmk,bkn->bmn"` over views that bring the axes
in place; `sum` and `max` remove their axes, and a reshape view puts them back. Products without a
matrix in them (integers, vectors, outer products) become sums of products or plain products, and
a sum of very many numbers to one is taken in two stages. The place of a maximum is found by maxima.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..contraction import Contraction
from ..program import Program, Statement, SymbolicArray, Variable
from .rewrite import Rewriter, without_dead

PRODUCT = "bmk,bkn->bmn"
_STAGE = 1 << 14  # a sum of more numbers than this is split
_ROW = 1 << 12  # so many in each part


def canonical(program: Program, carried: int = 0) -> Program:
    """The program in the shapes that the kernels know; no output is an input or stands twice.

    Only in the body of a loop may one of the first `carried` outputs, the new states, stand again
    among the others, and so may an old one.
    """
    rewriter = Rewriter(program)
    for statement in program.statements:
        rule = _RULES.get(statement.function)
        out = statement.out
        if out.size == 0 and not statement.others:
            rewriter.put(out, rewriter.xp.full(out.shape, 0, out.dtype))
        elif rule is None or statement.others:
            rewriter.copy(statement)
        else:
            rewriter.put(statement.out, rule(rewriter, statement))
    return without_dead(_own_outputs(rewriter.finish(), carried))


def _own_outputs(program: Program, carried: int) -> Program:
    """Each output as a variable of its own, which a kernel can write."""
    given = frozenset(program.inputs) | frozenset(program.constants)
    taken = set(given)
    count = 1 + max((v.number for v in _all(program)), default=-1)
    statements, outputs = list(program.statements), []
    for i, output in enumerate(program.outputs):
        if i == carried:
            taken = set(given.difference(program.inputs[:carried]))
        if output in taken:
            copied = Variable(count, output.shape, output.dtype)
            count += 1
            setting = (("shape", output.shape),)
            statements.append(Statement(copied, "reshape", (output,), setting))
            output = copied
        taken.add(output)
        outputs.append(output)
    return Program(list(program.inputs), dict(program.constants), statements, outputs)


def _all(program: Program) -> list[Variable]:
    return [*program.inputs, *program.constants, *(v for s in program.statements for v in s.outs)]


def _reduction(rewriter: Rewriter, statement: Statement) -> SymbolicArray:
    settings = dict(statement.settings)
    a, axes = rewriter.array(statement.operands[0]), settings["axes"]
    many = math.prod(a.shape[i] for i in axes)
    if not many:
        return rewriter.xp.full(statement.out.shape, 0, a.dtype)
    if statement.function == "sum" and many > _STAGE and many == a.size:
        out = _in_stages(rewriter, a)
    else:
        out = getattr(rewriter.xp, statement.function)(a, axes=axes, keepdims=False)
    return _reshaped(rewriter, out, statement.out.shape)


def _in_stages(rewriter: Rewriter, a: SymbolicArray) -> SymbolicArray:
    """The sum of all numbers: of equal parts, then of the parts' sums; what is left over last."""
    xp, flat = rewriter.xp, _reshaped(rewriter, a, (a.size,))
    whole = a.size - a.size % _ROW
    rows = _reshaped(rewriter, _slice(rewriter, flat, 0, whole), (whole // _ROW, _ROW))
    parts = xp.sum(rows, axes=(1,), keepdims=False)
    total = xp.sum(parts, axes=(0,), keepdims=False)
    if whole == a.size:
        return total
    rest = _slice(rewriter, flat, whole, a.size)
    return xp.add(total, xp.sum(rest, axes=(0,), keepdims=False))


def _slice(rewriter: Rewriter, a: SymbolicArray, start: int, stop: int) -> SymbolicArray:
    if (start, stop) == (0, a.size):
        return a
    return rewriter.xp.slice(a, starts=(start,), stops=(stop,), steps=(1,))


def _reshaped(rewriter: Rewriter, a: SymbolicArray, shape: tuple[int, ...]) -> SymbolicArray:
    return a if a.shape == shape else rewriter.xp.reshape(a, shape=shape)


def _transposed(rewriter: Rewriter, a: SymbolicArray, axes: list[int]) -> SymbolicArray:
    plain = axes == list(range(a.ndim))
    return a if plain else rewriter.xp.transpose(a, axes=tuple(axes))


def _contract(rewriter: Rewriter, statement: Statement) -> SymbolicArray:
    a, b = (rewriter.array(operand) for operand in statement.operands)
    letters = Contraction.parse(dict(statement.settings)["spec"])
    sizes = letters.sizes(a.shape, b.shape)
    left, right, ours, theirs = letters.left, letters.right, letters.a, letters.b
    if letters.out == letters.batch + right + left and right:
        a, b, left, right, ours, theirs = b, a, right, left, theirs, ours

    def length(group: str) -> int:
        return math.prod(sizes[c] for c in group)

    lengths = {group: length(group) for group in (letters.batch, left, letters.inner, right)}
    batch, m, k, n = (lengths[g] for g in (letters.batch, left, letters.inner, right))
    a = _transposed(rewriter, a, [ours.index(c) for c in letters.batch + left + letters.inner])
    b = _transposed(rewriter, b, [theirs.index(c) for c in letters.batch + letters.inner + right])
    a, b = _reshaped(rewriter, a, (batch, m, k)), _reshaped(rewriter, b, (batch, k, n))
    out = _product(rewriter, a, b)
    order = letters.batch + left + right
    out = _reshaped(rewriter, out, tuple(sizes[c] for c in order))
    return _transposed(rewriter, out, [order.index(c) for c in letters.out])


def _product(rewriter: Rewriter, a: SymbolicArray, b: SymbolicArray) -> SymbolicArray:
    """a (batch, m, k) · b (batch, k, n), as a contraction only where there is a matrix."""
    xp, (batch, m, k), n = rewriter.xp, a.shape, b.shape[2]
    if k == 1:
        return xp.multiply(a, b)
    if k == 0:
        return xp.full((batch, m, n), 0, a.dtype)
    if a.dtype.kind == "f" and m > 1 and n > 1:
        return xp.contract(a, b, spec=PRODUCT)
    rows = _reshaped(rewriter, a, (batch, m, 1, k))
    columns = _reshaped(rewriter, xp.transpose(b, axes=(0, 2, 1)), (batch, 1, n, k))
    if m > 1:
        columns = xp.broadcast_to(columns, shape=(batch, m, n, k))
    if n > 1:
        rows = xp.broadcast_to(rows, shape=(batch, m, n, k))
    return xp.sum(xp.multiply(rows, columns), axes=(3,), keepdims=False)


def _concat(rewriter: Rewriter, statement: Statement) -> SymbolicArray:
    """Each part as a variable of its own, which a kernel computes into its corner."""
    xp, axis = rewriter.xp, dict(statement.settings)["axis"]
    parts = [rewriter.array(operand) for operand in statement.operands]
    copies = [xp.reshape(part, shape=part.shape) for part in parts if part.size]
    return xp.concat(*copies, axis=axis)


def _argmax(rewriter: Rewriter, statement: Statement) -> SymbolicArray:
    """The first place of the maximum, NaN being the largest: n − 1 − maxᵢ (n − 1 − i if aᵢ = max).

    Two maxima along whole vectors, where a search would go on from element to element.
    """
    xp, axis = rewriter.xp, dict(statement.settings)["axis"]
    a = rewriter.array(statement.operands[0])
    last, along = a.shape[axis] - 1, [1] * a.ndim
    along[axis] = last + 1
    top = xp.max(a, axes=(axis,), keepdims=False)
    top = _reshaped(rewriter, top, tuple(1 if i == axis else n for i, n in enumerate(a.shape)))
    left = xp.subtract(last, xp.arange(length=last + 1, dtype=np.dtype(np.int32)))
    left = _reshaped(rewriter, left, tuple(along))
    found = xp.where(xp.equal(a, top), left, -1)
    if a.dtype.kind == "f":  # the largest is equal to nothing if it is NaN
        found = xp.where(xp.equal(a, a), found, left)
    place = xp.subtract(last, xp.max(found, axes=(axis,), keepdims=False))
    return xp.cast(place, dtype=statement.out.dtype)


_RULES: dict[str, Any] = {
    "argmax": _argmax,
    "concat": _concat,
    "contract": _contract,
    "max": _reduction,
    "sum": _reduction,
}
