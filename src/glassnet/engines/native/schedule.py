"""Pass 5: how the kernels share the threads, and where the threads wait for each other.

A kernel's units (rows, columns, panels, batches) are cut into as many parts as there are threads,
on whole vectors; a small kernel runs on the first thread alone. Which thread computes an element
never changes how it is computed. A barrier stands only before a kernel that touches memory which
another thread has touched since the last one.

The sequences of a batch need nothing from each other. Where the kernels of a loop's body can all be
cut between them, each thread takes its own sequences through all steps, and meets no other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..program import Variable
from ..protocol import COSTLY
from .axis import axes
from .columns import FEWEST_LANES, WIDE
from .describe import efforts
from .fuse import Fused
from .index import MOST_LANES, stride_of
from .kernel import Kernel, Reduction, Walk, at, probe
from .plan import Plan
from .product import Product, describe
from .reach import Reach, reach
from .rewrite import variables
from .rows import is_narrow
from .staircase import Stairs, stairs
from .target import Target

_ALONE = 8_000  # estimated operations: a smaller kernel does not pay for waking a second thread
_SMALL = 400_000  # a program with less work than this runs on one thread


@dataclass(slots=True)
class Task:
    """One kernel, its parts, and whether all threads meet before it."""

    kernel: Kernel
    extent: int
    grain: int
    work: int
    whole: int = 1  # units: vectors, which no cut may divide
    parts: list[tuple[int, int]] = field(default_factory=list)
    barrier: bool = False
    until_last: bool = False  # in a loop: is it of no use at the last step?
    product: Product | None = None

    @property
    def alone(self) -> bool:
        return sum(begin < end for begin, end in self.parts) <= 1


@dataclass(slots=True)
class Schedule:
    """The tasks of one step, in order."""

    tasks: list[Task]
    threads: int
    panel_bytes: int = 0
    tile_bytes: int = 0
    left_bytes: int = 0
    apart: bool = False  # in a loop: does no thread touch what another does, at any step?


def schedule(
    fused: Fused,
    plan: Plan,
    threads: int,
    target: Target,
    *,
    steps: int = 1,
    fixed: frozenset[Variable] = frozenset(),
    states: Mapping[Variable, Variable] | None = None,
) -> Schedule:
    """Parts and barriers for at most `threads` threads.

    The body of a loop runs `steps` times in a row, its `fixed` inputs unchanged; what it makes of
    its `states`, old → new, is the old one of the next step.
    """
    walk, known = Walk(fused.statements, fused.stored), stairs(fused.program)

    def made(apart: bool) -> list[Task]:
        return [_task(fused, k, walk, known, target, threads, fixed, apart) for k in fused.kernels]

    tasks = made(apart=False)
    if sum(task.work for task in tasks) * steps < _SMALL:
        threads = 1
    if threads > 1 and states:
        own = made(apart=True)
        fast = _cycles(own) <= _cycles(tasks)
        if fast and _keep_apart(own, threads, states, fused, plan):
            return _finished(own, threads, apart=True)
    for task in tasks:
        task.parts = _parts(task, threads)
    if all(task.alone for task in tasks):
        threads = 1
        for task in tasks:
            task.parts = _parts(task, 1)
    _place_barriers(tasks, fused, plan)
    return _finished(tasks, threads)


def _finished(tasks: list[Task], threads: int, apart: bool = False) -> Schedule:
    """The schedule of tasks that have their parts."""
    for task in tasks:
        if task.product:
            task.product = task.product.cut(task.parts)
    products = [task.product for task in tasks if task.product]
    inner = [task.kernel.loop.schedule for task in tasks if task.kernel.loop]
    return Schedule(
        tasks,
        threads,
        panel_bytes=max([p.panel_bytes for p in products] + [s.panel_bytes for s in inner] + [0]),
        tile_bytes=max([p.tile_bytes for p in products] + [s.tile_bytes for s in inner] + [0]),
        left_bytes=max([p.left_bytes for p in products] + [s.left_bytes for s in inner] + [0]),
        apart=apart,
    )


def _task(
    fused: Fused,
    kernel: Kernel,
    walk: Walk,
    known: Stairs,
    target: Target,
    threads: int,
    fixed: frozenset[Variable],
    apart: bool,
) -> Task:
    work = _work(fused, kernel)
    match kernel.kind:
        case "contract":
            (anchor,) = kernel.anchors
            left, right = variables(anchor.operands)
            work += 2 * left.size * right.shape[2] // 16
            shared = threads if apart or work >= _ALONE else 1
            product = describe(kernel, walk, target, shared, fixed, apart)
            product = product.within(left, anchor.out, known)
            return Task(kernel, product.units, 1, work, product=product)
        case "columns":
            kernel.period, lanes = _period(kernel, walk, _lanes(kernel, target))
            grain = max(kernel.period, lanes) * WIDE
            return Task(kernel, kernel.rows, grain, work, grain)
        case "scatter":
            settings = dict(kernel.anchors[0].settings)
            return Task(kernel, settings["length"], 1, work)
        case "place":
            _choose_rows(kernel, walk, _least_rows(kernel))
            return Task(kernel, kernel.rows, 1, work)
        case "describe":
            sample = dict(kernel.anchors[0].settings)["sample"]
            work = sum(efforts(variables(kernel.anchors[0].operands), sample))
            return Task(kernel, work, 1, work)
        case "scan":
            assert kernel.loop is not None
            steps = kernel.loop.steps if kernel.loop.shared_out else 1
            return Task(kernel, steps, 1, kernel.loop.work)
    if kernel.flexible:
        _choose_rows(kernel, walk)
    lanes = _lanes(kernel, target)
    if kernel.rows == 1 and not kernel.anchors:
        return Task(kernel, kernel.columns, lanes * 4, work, lanes)
    grain = lanes if is_narrow(kernel) else 1
    return Task(kernel, kernel.rows, grain, work, grain)


def _lanes(kernel: Kernel, target: Target) -> int:
    operands = [v for a in kernel.anchors for v in variables(a.operands)]
    widest = max([v.dtype.itemsize for v in [*kernel.stores, *operands]] + [4])
    return max(target.vector_bytes // widest, 1)


def _period(kernel: Kernel, walk: Walk, lanes: int) -> tuple[int, int]:
    """The kept elements after which a column reads the same again, or 0; and lanes that divide it.

    Weights of a convolution by channel are the same at every place, for example. Vectors that lie
    so far apart are computed together, and what they share is loaded once.
    """
    row, column = probe("r", kernel.rows), probe("c", kernel.columns)
    for anchor in kernel.anchors:
        reduction = Reduction.of(anchor)
        for _, flat in walk.leaves(reduction.operand, reduction.flat(row, column)):
            found = axes(flat, [row, column])
            if found is not None and len(found[0].loops) > 1:
                (times, step), (length, stride) = found[0].loops[-2:]
                fitting = math.gcd(length, lanes)
                if step == 0 and stride == 1 and times >= WIDE and fitting >= FEWEST_LANES:
                    return length, fitting
    return 0, lanes


def _least_rows(kernel: Kernel) -> int:
    """The axis from which on a part of a pad or concat lies in its target as it lies in itself."""
    assert kernel.target is not None
    if not kernel.stores:
        return min(1, len(kernel.target.shape))  # padding, which threads share out
    part, whole = kernel.stores[0].shape, kernel.target.shape
    return max((i for i, n in enumerate(part) if n != whole[i]), default=0)


def _choose_rows(kernel: Kernel, walk: Walk, first: int = 0) -> None:
    """Cuts a map into rows along which its operands lie side by side, the longest there are.

    A row takes in all axes from one on, which is not before axis `first`.
    """
    shape, size = (kernel.stores or kernel.writes)[0].shape, kernel.size
    computed = set() if kernel.kind == "place" else set(kernel.stores)
    inner = Walk(walk.statements, walk.stored - computed)
    best: tuple[float, int] | None = None
    for axis in range(first, len(shape) + 1):
        columns = math.prod(shape[axis:])
        domain = Kernel("rows", size // columns, columns)
        row, column = probe("r", domain.rows), probe("c", columns)
        leaves = []
        for store in kernel.stores:
            leaves += inner.leaves(store, at(store, domain, row, column))
        steps = [
            stride_of(flat, column.terms[0][0], MOST_LANES) if column.terms else 0
            for _, flat in leaves
        ]
        bad = sum(step not in (0, 1) for step in steps)
        short = 16 / columns if columns < 16 else 0.0
        if best is None or bad + short < best[0]:
            best = (bad + short, columns)
    assert best is not None
    kernel.rows, kernel.columns = size // best[1], best[1]


def _work(fused: Fused, kernel: Kernel) -> int:
    """A rough count of vector-lane operations."""
    seen: set[Variable] = set()
    pending = [*kernel.stores, *(v for a in kernel.anchors for v in variables(a.operands))]
    if kernel.kind == "contract":
        pending = list(kernel.stores)
    work = sum(2 * v.size for v in kernel.writes)
    while pending:
        variable = pending.pop()
        statement = fused.statements.get(variable)
        if variable in seen or statement is None:
            continue
        seen.add(variable)
        work += variable.size * (10 if statement.function in COSTLY else 1)
        for operand in variables(statement.operands):
            if operand not in fused.stored or operand in kernel.stores:
                pending.append(operand)
    if kernel.kind == "rows":
        work += sum(Reduction.of(a).operand.size for a in kernel.anchors)
    return work


def _parts(task: Task, threads: int) -> list[tuple[int, int]]:
    """The range of units of each thread."""
    loop = task.kernel.loop
    if loop is not None and loop.states:  # every thread runs the loop, if its body is shared at all
        shared = loop.schedule.threads > 1
        return [(0, int(shared or thread == 0)) for thread in range(threads)]
    units = -(-task.extent // task.grain)
    count = 1 if task.work < _ALONE else min(threads, units)
    cuts = [min(units * t // count * task.grain, task.extent) for t in range(count + 1)]
    parts = list(itertools.pairwise(cuts))
    return parts + [(0, 0)] * (threads - count)


def _cycles(tasks: list[Task]) -> float:
    """An estimate for all products."""
    return sum(task.product.tile.cycles for task in tasks if task.product)


def _keep_apart(
    tasks: list[Task],
    threads: int,
    states: Mapping[Variable, Variable],
    fused: Fused,
    plan: Plan,
) -> bool:
    """Cuts all tasks between the same rows of the states; False where threads would still meet."""
    rows = next((v.shape[0] for v in states if v.shape), 1)
    if any(task.extent % rows for task in tasks):
        return False
    lot = math.lcm(*(task.whole // math.gcd(task.extent // rows, task.whole) for task in tasks))
    lots = -(-rows // lot)
    if lots < threads:
        return False
    cuts = [min(lots * t // threads * lot, rows) for t in range(threads + 1)]
    for task in tasks:
        each = task.extent // rows
        task.parts = [(begin * each, end * each) for begin, end in itertools.pairwise(cuts)]
    touched = [_again(reach(task, fused), states) for task in tasks]
    pairs = itertools.combinations_with_replacement(touched, 2)
    return not any(_clash(first, second, plan) for first, second in pairs)


def _again(touched: Reach, states: Mapping[Variable, Variable]) -> Reach:
    """The same with each state under both its names, for the next step gives it the other."""
    other = dict(states) | {new: old for old, new in states.items()}
    reads, writes = (
        known | {other[v]: ranges for v, ranges in known.items() if v in other}
        for known in (touched.reads, touched.writes)
    )
    return Reach(reads, writes)


def _place_barriers(tasks: list[Task], fused: Fused, plan: Plan) -> None:
    """A barrier before each task that meets memory touched by other threads since the last one."""
    before: list[Reach] = []
    for task in tasks:
        mine = reach(task, fused)
        if any(_clash(other, mine, plan) for other in before):
            task.barrier = True
            before = []
        before.append(mine)


def _clash(first: Reach, second: Reach, plan: Plan) -> bool:
    """Does a thread write what another one touches in the other task?"""
    return (
        plan.cross(first.writes, second.writes)
        or plan.cross(first.writes, second.reads)
        or plan.cross(first.reads, second.writes)
    )
