"""The body of a `scan` as a program of its own, compiled once and run at every step.

It is simplified, fused, planned and scheduled as the program around it. Its inputs and outputs
move on in the arrays of that program: a sequence and a stacked output by one row per step. A state
is written to the place from which the next step reads it: to its row, where it is stacked anyway,
else to one of two buffers in turn. Where the old states are stacked, as gradients want them, the
step before writes its new ones a second time, one row further on. What only a next step would read
is not computed at the last one; what another loop reads much later goes past the caches. The
weights of the products are packed once, before the first step.

The steps of a loop that carries no state need nothing from each other. Threads share them out, and
each runs the whole body of its steps alone, in a room of its own, with nobody to wait for.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from ..program import Operand, Program, Statement, Variable, cut
from .canonical import canonical
from .crews import with_crews
from .fuse import Fused, fuse
from .kernel import Kernel
from .plan import ALIGNMENT, Plan, plan
from .rewrite import Rewriter, variables, without_dead
from .schedule import Schedule, schedule
from .shares import with_shares
from .simplify import simplify
from .stored import in_memory
from .target import Target
from .tiled import with_tiles

_MOST = 2  # times the second-level caches: more bytes than that are not kept for another loop


@dataclass(frozen=True, slots=True)
class State:
    """A carried value: where it comes from and where it goes."""

    first: Variable  # outside: what it is before the first step
    last: Variable  # outside: what it is after the last step
    old: Variable  # inside: before a step
    new: Variable  # inside: after a step
    stacked: Variable | None  # outside: the array whose rows are the new values, if there is one
    buffer: int = 0  # else: where its two buffers begin in the room


@dataclass(slots=True)
class Loop:
    """A `scan` made ready: its body's kernels, and what its inputs and outputs stand for."""

    steps: int
    reverse: bool
    fused: Fused
    plan: Plan
    schedule: Schedule
    room: Variable  # outside: bytes for the body's arena and the buffers of states
    room_bytes: int  # of one thread, where each has its own
    states: list[State]
    rows: dict[Variable, Variable]  # inside → outside: rows of sequences and stacked outputs
    ahead: dict[Variable, tuple[Variable, State]]  # inside → outside: rows of old states
    fixed: dict[Variable, Variable]  # inside → outside: constants of the loop
    operands: list[Variable] = field(default_factory=list)  # outside: all arrays it is called with

    @property
    def shared_out(self) -> bool:
        """Is each step one thread's, and not every thread's?"""
        return not self.states

    @property
    def work(self) -> int:
        """A rough count of vector-lane operations of all steps."""
        return self.steps * sum(task.work for task in self.schedule.tasks)


def ready(
    program: Program, target: Target, threads: int, carried: int = 0, alone: bool = False
) -> Program:
    """A program, or the body of a loop, in the shape from which kernels are made: passes 0 to 2.

    `alone`: each of the threads runs all of it by itself.
    """
    passes: tuple[Callable[[Program], Program], ...] = (
        partial(with_tiles, target=target),
        *(() if alone else (with_shares, partial(with_crews, target=target, threads=threads))),
        partial(with_loops, target=target, threads=threads),
        simplify,
        partial(canonical, carried=carried),
    )
    for run in passes:
        program = run(program)
        program.check()
    return program


def with_loops(program: Program, target: Target, threads: int) -> Program:
    """The program with the bodies of its loops in canonical shape and free of constants."""
    if not any(s.function == "scan" for s in program.statements):
        return program
    program = without_dead(program)
    used = {v for s in program.statements for v in s.operands} | set(program.outputs)
    rewriter = Rewriter(program)
    bodies: dict[Any, Program] = {}
    for statement in program.statements:
        if statement.function == "scan":
            _prepare(rewriter, statement, used, bodies, target, threads)
        else:
            rewriter.copy(statement)
    return rewriter.finish()


def _prepare(
    rewriter: Rewriter,
    statement: Statement,
    used: Set[Operand],
    bodies: dict[Any, Program],
    target: Target,
    threads: int,
) -> None:
    """A scan with its body made ready, without outputs that nobody reads.

    Loops that share a body share that, too.
    """
    settings = dict(statement.settings)
    given, carried = settings["body"], settings["carried"]
    kept = [i for i, out in enumerate(statement.outs) if i < carried or out in used]
    key = (id(given), *kept)
    if key not in bodies:
        wanted = [given.outputs[i] for i in kept]
        alone = not carried
        body = cut(given, given.inputs, wanted)
        bodies[key] = ready(body, target, 1 if alone else threads, carried, alone)
    body = bodies[key]
    arrays = [rewriter.array(operand) for operand in statement.operands]
    arrays += [rewriter.xp.constant(values) for values in body.constants.values()]
    if body.constants:
        given = [*body.inputs, *body.constants]
        body = Program(given, {}, body.statements, body.outputs)
    settings["body"] = body
    results = rewriter.xp.scan(*arrays, **settings)
    for i, array in zip(kept, results, strict=True):
        rewriter.put(statement.outs[i], array)


def lower(fused: Fused, threads: int, target: Target) -> None:
    """Makes every loop of a program ready."""
    for kernel in fused.kernels:
        if kernel.kind == "scan":
            kernel.loop = _loop(kernel, fused, threads, target)


def _loop(kernel: Kernel, around: Fused, threads: int, target: Target) -> Loop:
    (statement,) = kernel.anchors
    settings = dict(statement.settings)
    carried, length = settings["carried"], settings["length"]
    body, copies = _ahead(settings["body"], carried)
    rooms = 1 if carried else threads
    threads //= rooms
    many = carried + settings["sequences"]
    fused = fuse(body, {})
    lower(fused, threads, target)
    inner = plan(fused, {})
    operands = [
        in_memory(v, around.statements, around.stored) for v in variables(statement.operands)
    ]
    outs = statement.outs
    stacked = dict(zip(body.outputs[carried:], outs[carried:], strict=True))
    states, size = [], inner.arena_bytes
    ahead: dict[Variable, tuple[Variable, State]] = {}
    for i in range(carried):
        new = body.outputs[i]
        row = stacked.get(new)
        states.append(State(operands[i], outs[i], body.inputs[i], new, row, size))
        if row is None:
            size += 2 * padded(new)
        if i in copies:
            ahead[copies[i]] = stacked.pop(copies[i]), states[-1]
    fixed = dict(zip(body.inputs[many:], operands[many:], strict=True))
    often = frozenset(fixed) if length > 1 else frozenset()
    again = {state.old: state.new for state in states}
    scheduled = schedule(fused, inner, threads, target, steps=length, fixed=often, states=again)
    read = {v for s in around.program.statements for v in s.operands} | set(around.program.outputs)
    _mark(scheduled, fused, {*stacked, *(state.new for state in states if state.last in read)})
    for task in scheduled.tasks:
        if task.product and task.product.packed:
            inner.offsets[task.product.packed] = size
            size += padded(task.product.packed)
    rows = dict(zip(body.inputs[carried:many], operands[carried:many], strict=True)) | stacked
    lasting = _lasting(stacked | {v: out for v, (out, _) in ahead.items()}, statement, around)
    size_of_all = length * sum(v.size * v.dtype.itemsize for v in lasting)
    if size_of_all > _MOST * rooms * threads * target.cache_bytes:
        for one in fused.kernels:
            one.lasting = lasting.intersection(one.stores)
    size = -(-max(size, 1) // ALIGNMENT) * ALIGNMENT
    room = Variable(-1 - statement.out.number, (size * rooms,), np.dtype(np.uint8))
    return Loop(
        length,
        settings["reverse"],
        fused,
        inner,
        scheduled,
        room,
        size,
        states,
        rows,
        ahead,
        fixed,
        list(dict.fromkeys([*operands, *outs, room])),
    )


def _lasting(
    made: dict[Variable, Variable], statement: Statement, around: Fused
) -> frozenset[Variable]:
    """The rows that other loops read, later on, such as backward ones; by whole lines."""
    read: set[Variable] = set()
    for other in around.program.statements:
        if other.function == "scan" and other is not statement:
            rows = variables(other.operands)
            read |= {in_memory(v, around.statements, around.stored) for v in rows}
    read -= set(around.program.outputs)  # which lie in the caller's arrays
    return frozenset(
        v for v, out in made.items() if out in read and v.size * v.dtype.itemsize % ALIGNMENT == 0
    )


def _mark(scheduled: Schedule, fused: Fused, wanted: set[Variable]) -> None:
    """Tells the tasks of a body apart that nothing wanted of the last step is computed from."""
    for task in reversed(scheduled.tasks):
        task.until_last = wanted.isdisjoint(task.kernel.writes)
        if not task.until_last:
            wanted |= fused.reads(task.kernel)


def _ahead(body: Program, carried: int) -> tuple[Program, dict[int, Variable]]:
    """The body with copies of new states in the place of old ones among its outputs, by state."""
    old = {v: i for i, v in enumerate(body.inputs[:carried])}
    number = 1 + max(
        v.number for v in [*body.inputs, *(v for s in body.statements for v in s.outs)]
    )
    copies: dict[int, Variable] = {}
    outputs, statements = list(body.outputs), list(body.statements)
    for place, output in enumerate(outputs):
        if output in old:
            new = outputs[old[output]]
            copied = copies[old[output]] = Variable(number + place, new.shape, new.dtype)
            setting = (("shape", new.shape),)
            statements.append(Statement(copied, "reshape", (new,), setting))
            outputs[place] = copied
    return Program(list(body.inputs), dict(body.constants), statements, outputs), copies


def padded(variable: Variable) -> int:
    """The bytes of a variable, filled up to whole cache lines."""
    return -(-max(variable.size * variable.dtype.itemsize, 1) // ALIGNMENT) * ALIGNMENT
