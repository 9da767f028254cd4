"""What is kept of a long expression for later: its narrowest place.

    y = x · Φ(x),   …,   grad · (Φ(x) + x · φ(x))

Φ is costly and asked for twice, so it would be stored, and x beside it. But all that the backward
pass wants of both is Φ + x·φ: one array in place of two, computed where x and Φ are at hand.
"""

from __future__ import annotations

from ..program import Program, Statement, Variable
from .rewrite import variables
from .view import is_view


def narrowed(
    program: Program, stored: frozenset[Variable], extra: set[Variable]
) -> frozenset[Variable]:
    """`extra`, variables to be stored beside `stored`, each replaced by what is wanted of it."""
    if not extra:
        return frozenset()
    statements = {v: s for s in program.statements for v in s.outs}
    users: dict[Variable, list[Statement]] = {}
    for statement in program.statements:
        for operand in set(variables(statement.operands)):
            users.setdefault(operand, []).append(statement)
    found = set(extra)
    for variable in sorted(extra, key=lambda v: v.number):
        waist = _waist(variable, stored | (found - {variable}), statements, users)
        if waist is not None:
            found = (found - {variable}) | {waist}
    return frozenset(found)


def _waist(
    start: Variable,
    stored: frozenset[Variable] | set[Variable],
    statements: dict[Variable, Statement],
    users: dict[Variable, list[Statement]],
) -> Variable | None:
    """The one variable, made of nothing but what `start` is made of, that others want of it."""
    known = {start: True}
    sources = _sources(start, stored, statements)

    def inside(variable: Variable) -> bool:
        """Is it computed, and of these sources alone?"""
        if variable not in known:
            statement = statements.get(variable)
            known[variable] = variable in sources or (
                variable not in stored
                and statement is not None
                and not statement.others
                and all(map(inside, variables(statement.operands)))
            )
        return known[variable]

    pending, seen, wanted = [start], {start}, set()
    while pending:
        variable = pending.pop()
        for statement in users.get(variable, ()):
            out = statement.out
            if out in stored and all(map(inside, variables(statement.operands))):
                continue  # computed where `start` is
            if not inside(out):
                wanted.add(variable)
            elif out not in seen:
                seen.add(out)
                pending.append(out)
    if len(wanted) != 1:
        return None
    [waist] = wanted
    while waist != start and is_view(statements[waist]):
        waist = variables(statements[waist].operands)[0]
    same = (waist.size, waist.dtype) == (start.size, start.dtype)
    return waist if same and waist in seen and waist != start else None


def _sources(
    start: Variable,
    stored: frozenset[Variable] | set[Variable],
    statements: dict[Variable, Statement],
) -> set[Variable]:
    """The stored variables that a variable is computed from."""
    pending, seen = [start], set()
    while pending:
        for operand in variables(statements[pending.pop()].operands):
            if operand not in seen:
                seen.add(operand)
                if operand not in stored:
                    pending.append(operand)
    return seen & stored
