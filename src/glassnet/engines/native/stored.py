"""Which variables of a program are worth a place in memory."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Set

from ..program import Program, Statement, Variable
from ..protocol import COSTLY
from .axis import axes
from .expression import Place
from .index import linearise
from .kernel import ANCHORS, Reduction, probe
from .rewrite import variables
from .view import is_view, move
from .waist import narrowed

_INLINE_LIMIT = 24  # statements: a longer expression asked for twice is stored
_REPEATS = 8  # times that a reduction may compute a costly expression anew, row after row
_SEVERAL = 3  # arrays: what is read from so many, and asked for twice, is stored
_DEPTH_LIMIT = 48  # statements on top of each other: then one is stored in any case


def stored_variables(program: Program) -> frozenset[Variable]:
    """Outputs, reductions, products, operands of products, and what is costly and used twice."""
    statements = {v: s for s in program.statements for v in s.outs}
    inputs = frozenset([*program.inputs, *program.constants])
    stored = set(program.outputs)
    stored |= {v for s in program.statements if s.function in ANCHORS for v in s.outs}
    for statement in program.statements:
        if statement.function == "concat":
            stored.update(variables(statement.operands))
        elif statement.function == "contract":
            for operand in variables(statement.operands):
                stored.add(_operand(operand, stored, statements))
        elif statement.function in ("describe", "scan"):
            stored |= {in_memory(v, statements, stored) for v in variables(statement.operands)}
        elif statement.function == "gather":
            stored.add(_base(variables(statement.operands)[0], stored, statements))
    stored |= _repeated(program, stored, statements)
    stored |= _deep(program, stored)
    extra = _asked_twice(program, stored)
    return frozenset(stored | narrowed(program, inputs | stored, extra)) - inputs


def in_memory(
    variable: Variable, statements: Mapping[Variable, Statement], stored: Set[Variable]
) -> Variable:
    """Where a variable's numbers lie in their order: itself, or what it is a reshape of."""
    while variable not in stored and variable in statements:
        statement = statements[variable]
        if statement.function != "reshape":
            break
        (variable,) = variables(statement.operands)
    return variable


def _behind(
    variable: Variable, stored: Set[Variable], statements: Mapping[Variable, Statement]
) -> Iterator[tuple[Variable, Place]]:
    """What a variable is a view of, one after the other, and where its own element lies there.

    The first is the variable itself, at an index of one loop for each axis.
    """
    index: Place = tuple(probe(f"x{i}", n) for i, n in enumerate(variable.shape))
    yield variable, index
    while variable not in stored and variable in statements:
        statement = statements[variable]
        if not is_view(statement) or statement.function == "gather":
            return
        variable, index = move(statement, index)
        yield variable, index


def _base(
    variable: Variable, stored: Set[Variable], statements: Mapping[Variable, Statement]
) -> Variable:
    """What a chain of views looks at."""
    *_, (found, _) = _behind(variable, stored, statements)
    return found


def _operand(
    operand: Variable, stored: Set[Variable], statements: Mapping[Variable, Statement]
) -> Variable:
    """What a product's operand is loaded from: the farthest behind its views to which strides lead.

    Several operands then share it, such as the heads of attention and their transposes.
    """
    views = list(_behind(operand, stored, statements))
    loops = views[0][1]
    found = operand
    for variable, index in views[1:]:
        strided = axes(linearise(index, variable.shape), loops) is not None
        if strided and (variable is views[-1][0] or variable.size <= operand.size):
            found = variable
    return found


def _repeated(
    program: Program, stored: set[Variable], statements: dict[Variable, Statement]
) -> set[Variable]:
    """What is costly and the same in all rows of a reduction, such as the vector of W · f(x).

    It would be computed anew for every row, while a row's own factor is computed once for it. What
    does not lie side by side, such as weights that are turned, would be picked up anew as well.
    """
    extra: set[Variable] = set()
    for statement in program.statements:
        if statement.function not in ("max", "sum"):
            continue
        reduction = Reduction.of(statement)
        for vector in _beside(reduction.operand, stored | extra, statements):
            if not _repeats(vector, reduction):
                continue
            if is_costly(vector, stored, statements):
                extra.add(_base(vector, stored, statements))
            elif _is_strided(vector, stored, statements):
                extra.add(in_memory(vector, statements, stored))
    return extra


def _beside(
    whole: Variable, stored: set[Variable], statements: dict[Variable, Statement]
) -> list[Variable]:
    """The smaller arrays that are broadcast into a computed one."""
    found, pending, seen = [], [whole], {whole}
    while pending:
        inner = statements.get(pending.pop())
        if inner is None or inner.out in stored:
            continue
        spreads = inner.function == "broadcast_to"
        for operand in variables(inner.operands):
            if operand.shape != whole.shape:
                found += [operand] if spreads or not is_view(inner) else []
            elif operand not in seen and not is_view(inner):
                pending.append(operand)
                seen.add(operand)
    return found


def _repeats(variable: Variable, reduction: Reduction) -> bool:
    """Does it change along the reduced axes, and is it the same along many of the others?"""
    whole = reduction.operand.shape
    own = (*(1 for _ in whole[len(variable.shape) :]), *variable.shape)
    times = math.prod(whole[axis] for axis in reduction.kept if own[axis] == 1)
    return times >= _REPEATS and any(own[axis] > 1 for axis in reduction.reduced)


def _is_strided(
    variable: Variable, stored: Set[Variable], statements: Mapping[Variable, Statement]
) -> bool:
    """Is it a view whose last axis does not lie side by side?"""
    (_, loops), *_ = views = list(_behind(variable, stored, statements))
    base, index = views[-1]
    found = axes(linearise(index, base.shape), loops)
    return found is not None and found[-1].stride > 1


def is_costly(
    variable: Variable,
    stored: Set[Variable],
    statements: Mapping[Variable, Statement],
    least: int = 1,
) -> bool:
    """Does a costly function of so many elements stand behind it, before anything stored?"""
    pending, seen = [variable], {variable}
    while pending:
        statement = statements.get(pending.pop())
        if statement is None or statement.out in stored:
            continue
        if statement.function in COSTLY and statement.out.size >= least:
            return True
        operands = variables(statement.operands)
        pending += [v for v in operands if v not in seen]
        seen.update(operands)
    return False


def _deep(program: Program, stored: set[Variable]) -> set[Variable]:
    """A variable now and then on a long chain, so that no expression grows without bound."""
    depth: dict[Variable, int] = {}
    extra: set[Variable] = set()
    for statement in program.statements:
        below = max((depth.get(v, 0) for v in variables(statement.operands)), default=0)
        depth[statement.out] = 0 if statement.out in stored else below + 1
        if depth[statement.out] >= _DEPTH_LIMIT:
            depth[statement.out] = 0
            extra.add(statement.out)
    return extra


def _asked_twice(program: Program, stored: set[Variable]) -> set[Variable]:
    """Costly or long expressions that more than one stored variable would compute.

    A view of a view is no longer than a view: both only say where to look.
    """
    askers: dict[Variable, set[Variable]] = {}
    extra: set[Variable] = set()
    length: dict[Variable, int] = {}
    views: set[Variable] = set()
    for statement in program.statements:
        inner = sum(length.get(v, 0) for v in variables(statement.operands))
        own = not (is_view(statement) and statement.operands[0] in views)
        views |= {statement.out} if is_view(statement) else set()
        length[statement.out] = 0 if statement.out in stored else min(own + inner, 10_000)
    for statement in reversed(program.statements):
        out = statement.out
        mine = askers.get(out, set())
        heavy = statement.function in COSTLY or length[out] > _INLINE_LIMIT
        if out not in stored and len(mine) > 1 and heavy and out.size > 1:
            extra.add(out)
        is_root = out in stored or out in extra
        for operand in variables(statement.operands):
            askers.setdefault(operand, set()).update([out] if is_root else mine)
    often = {v for v, asking in askers.items() if len(asking) > 1}
    return extra | _gathering(program, stored | extra, often)


def _gathering(program: Program, stored: set[Variable], often: set[Variable]) -> set[Variable]:
    """What is asked for often and read from several arrays of its size, such as a sum of residuals.

    Kept in one array now and then, since each asker would read all of them.
    """
    behind: dict[Variable, frozenset[Variable]] = {}  # arrays that are read for a variable
    extra: set[Variable] = set()
    for statement in program.statements:
        out = statement.out
        sources = [behind.get(v, frozenset([v])) for v in variables(statement.operands)]
        read = frozenset(v for v in frozenset().union(*sources) if v.size >= out.size)
        several = len(read) >= _SEVERAL and out.size > 1 and not is_view(statement)
        if several and out in often and out not in stored:
            extra.add(out)
        if out not in stored and out not in extra:
            behind[out] = read
    return extra
