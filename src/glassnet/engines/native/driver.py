"""One step of a program as a function: the kernels in order, for one thread or for several.

A loop (`scan`) is a function too: it calls the kernels of its body at every step, each with this
thread's part, and the threads meet at the same barrier unless each keeps to rows of its own. A loop
without state is called like a kernel, its units being its steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..program import Variable
from .loop import Loop, State, padded
from .plan import Plan
from .runtime import STEP
from .schedule import Schedule, Task

SCRATCH = "ptr %panel, ptr %tile, ptr %left, ptr %flag"
LOOP = f"{SCRATCH}, ptr %sync, i64 %thread"
SHARED_OUT = f"{SCRATCH}, ptr %sync, i64 %member"
Addresses = Callable[[Variable], str]


@dataclass(frozen=True, slots=True)
class Call:
    """A kernel's function, the buffers it is called with, and whether it is a loop."""

    name: str
    buffers: list[Variable]
    loops: bool = False
    rest: str = SCRATCH  # what it is called with besides


@dataclass(frozen=True, slots=True)
class Packing:
    """A function that packs an operand once, before a loop, and the number of its panels."""

    call: Call
    panels: int


@dataclass(slots=True)
class _Writer:
    """The lines of one function, and the tables of parts that stand before it."""

    threads: int
    lines: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)

    def meet(self) -> None:
        """All threads wait for each other."""
        if self.threads > 1:
            self.lines.append(f"  call void @barrier(ptr %sync, i32 {self.threads})")

    def call_all(self, calls: list[Call], tasks: list[Task], prefix: str, place: Addresses) -> None:
        """Every kernel in order, with this thread's part, and the barriers between them."""
        for i, (task, call) in enumerate(zip(tasks, calls, strict=True)):
            words = "".join(f"ptr {place(v)}, " for v in call.buffers)
            if task.barrier:
                self.meet()
            label = f"{prefix}{i}"
            if task.until_last:
                over, on = f"over{label}", f"on{label}"
                self.lines += [f"  br i1 %at.end, label %{over}, label %{on}", f"{on}:"]
            if call.loops:
                self._loop(label, task, call.name, words)
            elif self.threads == 1:
                words += f"i64 0, i64 {task.extent}, {call.rest}"
                self.lines.append(f"  call void @{call.name}({words})")
            else:
                self._part(label, task, call, words)
            if task.until_last:
                self.lines += [f"  br label %{over}", f"{over}:"]

    def _loop(self, label: str, task: Task, name: str, words: str) -> None:
        """A loop on all threads, or on the first alone."""
        assert task.kernel.loop is not None
        inner = min(self.threads, task.kernel.loop.schedule.threads)
        call = f"  call void @{name}.{inner}({words}{LOOP})"
        self.lines += self.first(label, [call]) if inner < self.threads else [call]

    def _part(self, label: str, task: Task, call: Call, words: str) -> None:
        """A call with this thread's part, if it has one."""
        k, table = f"%k{label}", f"@parts{label}"
        cuts = ", ".join(f"i64 {cut}" for part in task.parts for cut in part)
        self.tables.append(f"{table} = internal constant [{2 * len(task.parts)} x i64] [{cuts}]")
        self.lines += [
            f"  {k}.t = mul i64 %thread, 2",
            f"  {k}.p = getelementptr i64, ptr {table}, i64 {k}.t",
            f"  {k}.q = getelementptr i64, ptr {k}.p, i64 1",
            f"  {k}.b = load i64, ptr {k}.p, align 8",
            f"  {k}.e = load i64, ptr {k}.q, align 8",
            f"  {k}.c = icmp slt i64 {k}.b, {k}.e",
            f"  br i1 {k}.c, label {k}.run, label {k}.skip",
            f"k{label}.run:",
            f"  call void @{call.name}({words}i64 {k}.b, i64 {k}.e, {call.rest})",
            f"  br label {k}.skip",
            f"k{label}.skip:",
        ]

    def first(self, label: str, lines: list[str]) -> list[str]:
        """Lines that the first thread alone runs."""
        if self.threads == 1:
            return lines
        return [
            f"  %first{label} = icmp eq i64 %thread, 0",
            f"  br i1 %first{label}, label %first{label}.run, label %first{label}.skip",
            f"first{label}.run:",
            *lines,
            f"  br label %first{label}.skip",
            f"first{label}.skip:",
        ]

    def text(self) -> str:
        return "\n".join([*self.tables, *self.lines, "  ret void", "}"])


def write_step(calls: list[Call], plan: Plan, schedule: Schedule, threads: int) -> str:
    """`@step1` or `@stepN`: every kernel in order, with this thread's part, and the barriers."""
    w = _Writer(threads)
    w.lines = [
        f"define internal void @step{threads}({STEP}) #0 {{",
        "entry:",
    ]
    addresses: dict[Variable, str] = {}

    def place(variable: Variable) -> str:
        if variable not in addresses:
            addresses[variable] = f"%b{len(addresses)}"
            w.lines += _address(variable, plan, addresses[variable])
        return addresses[variable]

    for call in calls:
        for variable in call.buffers:
            place(variable)
    for new, old in plan.copies:
        place(new), place(old)
    w.call_all(calls, schedule.tasks, f"{threads}.", place)
    for j, (new, old) in enumerate(plan.copies):
        if j == 0:
            w.meet()
        w.lines += w.first(f".copy{j}", _copy(place(old), place(new), new))
    return w.text()


def _address(variable: Variable, plan: Plan, name: str) -> list[str]:
    """The lines that find a variable: in the caller's table, or in the arena."""
    if variable not in plan.slots:
        return [f"  {name} = getelementptr i8, ptr %arena, i64 {plan.offsets[variable]}"]
    slot = plan.slots[variable]
    return [
        f"  {name}.p = getelementptr i64, ptr %table, i64 {2 * slot}",
        f"  {name}.a = load ptr, ptr {name}.p, align 8",
        f"  {name}.q = getelementptr i64, ptr %table, i64 {2 * slot + 1}",
        f"  {name}.s = load i64, ptr {name}.q, align 8",
        f"  {name}.m = mul i64 {name}.s, %step",
        f"  {name} = getelementptr i8, ptr {name}.a, i64 {name}.m",
    ]


def _copy(target: str, source: str, variable: Variable) -> list[str]:
    size = variable.size * variable.dtype.itemsize
    words = f"ptr {target}, ptr {source}, i64 {size}, i1 0"
    return [f"  call void @llvm.memcpy.p0.p0.i64({words})"] if size else []


def write_loop(
    name: str, loop: Loop, packing: list[Packing], calls: list[Call], threads: int
) -> str:
    """`@scanK.1` or `@scanK.N`: the operands that are packed once; the kernels, at every step."""
    return _LoopWriter(name, loop, calls, threads).write(packing)


class _LoopWriter:
    """One loop as a function; `%n` counts its steps, `%row` is the row that is read and written."""

    def __init__(self, name: str, loop: Loop, calls: list[Call], threads: int) -> None:
        self.w = _Writer(threads)
        self.name, self.loop, self.calls = name, loop, calls
        self.outer = {v: f"%p{i}" for i, v in enumerate(loop.operands)}
        self.room = "%room"
        self.inner: dict[Variable, str] = {}

    def write(self, packing: list[Packing]) -> str:
        w, loop = self.w, self.loop
        w.lines += self._head()
        self._fixed()
        for j, packed in enumerate(packing):
            self._pack(f"%pack{j}", packed)
        if packing:
            w.meet()
        for j, (outside, state) in enumerate(loop.ahead.values()):
            self._first_old(j, outside, state)
        self._begin_step()
        w.call_all(
            self.calls, loop.schedule.tasks, f"{self.name}.{w.threads}.", self.inner.__getitem__
        )
        if not loop.schedule.apart:
            w.meet()
        w.lines += ["  br label %next", "next:", "  %n.next = add i64 %n, 1"]
        w.lines += ["  br i1 %at.end, label %exit, label %loop", "exit:"]
        self._copy_last()
        return w.text()

    def _begin_step(self) -> None:
        """The head of the loop: which row it is, and where everything lies at this step."""
        w, loop = self.w, self.loop
        w.lines += ["  br label %start", "start:", "  br label %loop", "loop:"]
        w.lines.append("  %n = phi i64 [%first, %start], [%n.next, %next]")
        for i, state in enumerate(loop.states):
            first = self.outer[state.first]
            w.lines.append(f"  %old{i} = phi ptr [{first}, %start], [%new{i}, %next]")
            self.inner[state.old] = f"%old{i}"
        turned = f"sub i64 {loop.steps - 1}, %n" if loop.reverse else "add i64 %n, 0"
        w.lines += [f"  %row = {turned}", "  %at.end = icmp eq i64 %n, %last"]
        w.lines.append("  %turn = and i64 %n, 1")
        for j, (inside, outside) in enumerate(loop.rows.items()):
            size = inside.size * inside.dtype.itemsize
            w.lines += [
                f"  %skip{j} = mul i64 %row, {size}",
                f"  %row{j} = getelementptr i8, ptr {self.outer[outside]}, i64 %skip{j}",
            ]
            self.inner[inside] = f"%row{j}"
        for i, state in enumerate(loop.states):
            self._new(i, state)
        for j, (inside, (outside, state)) in enumerate(loop.ahead.items()):
            self.inner[inside] = self._next_row(f"%ahead{j}", outside, state)

    def _copy_last(self) -> None:
        """The last states, which lie in the last of their rows, where they are looked for."""
        w, loop = self.w, self.loop
        copied = [i for i, state in enumerate(loop.states) if state.stacked is not None]
        if copied and loop.schedule.apart:
            w.meet()
        for i in copied:
            state = loop.states[i]
            copy = _copy(self.outer[state.last], f"%new{i}", state.new)
            w.lines += w.first(f".last{i}", copy)

    def _head(self) -> list[str]:
        """The function's first lines: which steps it takes, and where it works."""
        loop, room = self.loop, self.outer[self.loop.room]
        pointers = "".join(f"ptr {p}, " for p in self.outer.values())
        if not loop.shared_out:
            return [
                f"define internal void @{self.name}.{self.w.threads}({pointers}{LOOP}) #0 {{",
                "entry:",
                "  %first = add i64 0, 0",
                f"  %last = add i64 0, {loop.steps - 1}",
                f"  %room = getelementptr i8, ptr {room}, i64 0",
            ]
        steps = "i64 %first, i64 %end"
        return [
            f"define internal void @{self.name}.1({pointers}{steps}, {SHARED_OUT}) #0 {{",
            "entry:",
            "  %last = sub i64 %end, 1",
            f"  %mine = mul i64 %member, {loop.room_bytes}",
            f"  %room = getelementptr i8, ptr {room}, i64 %mine",
            "  %thread = add i64 0, 0",  # alone in its body
        ]

    def _pack(self, name: str, packing: Packing) -> None:
        """This thread's share of the panels."""
        words = "".join(f"ptr {self.inner[v]}, " for v in packing.call.buffers)
        self.w.lines += [
            f"  {name}.m = mul i64 %thread, {packing.panels}",
            f"  {name}.b = udiv i64 {name}.m, {self.w.threads}",
            f"  {name}.n = add i64 {name}.m, {packing.panels}",
            f"  {name}.e = udiv i64 {name}.n, {self.w.threads}",
            f"  {name}.c = icmp ult i64 {name}.b, {name}.e",
            f"  br i1 {name}.c, label {name}.run, label {name}.skip",
            f"{name[1:]}.run:",
            f"  call void @{packing.call.name}({words}i64 {name}.b, i64 {name}.e, {SCRATCH})",
            f"  br label {name}.skip",
            f"{name[1:]}.skip:",
        ]

    def _fixed(self) -> None:
        """The addresses that stay: constants of the loop, and the body's own memory."""
        for inside, outside in self.loop.fixed.items():
            self.inner[inside] = self.outer[outside]
        for inside, offset in self.loop.plan.offsets.items():
            self.inner[inside] = f"%in{len(self.inner)}"
            self._at(self.inner[inside], offset)
        for i, state in enumerate(self.loop.states):
            if state.stacked is None:
                self._at(f"%even{i}", state.buffer)
                self._at(f"%odd{i}", state.buffer + padded(state.new))

    def _at(self, name: str, offset: int) -> None:
        self.w.lines.append(f"  {name} = getelementptr i8, ptr {self.room}, i64 {offset}")

    def _first_old(self, j: int, outside: Variable, state: State) -> None:
        """The first state in the first row that is written of the old ones."""
        row = self.loop.steps - 1 if self.loop.reverse else 0
        size = state.old.size * state.old.dtype.itemsize
        start = f"  %start{j} = getelementptr i8, ptr {self.outer[outside]}, i64 {row * size}"
        copy = _copy(f"%start{j}", self.outer[state.first], state.old)
        self.w.lines += self.w.first(f".start{j}", [start, *copy])

    def _next_row(self, name: str, outside: Variable, state: State) -> str:
        """The row of the next step's old state; after the last step, where the state is left."""
        size = state.old.size * state.old.dtype.itemsize
        self.w.lines += [
            f"  {name}.row = add i64 %row, {-1 if self.loop.reverse else 1}",
            f"  {name}.skip = mul i64 {name}.row, {size}",
            f"  {name}.next = getelementptr i8, ptr {self.outer[outside]}, i64 {name}.skip",
            f"  {name} = select i1 %at.end, ptr {self.outer[state.last]}, ptr {name}.next",
        ]
        return name

    def _new(self, i: int, state: State) -> None:
        """Where a step leaves a state: in its row, in a buffer, at the end in its last place."""
        if state.stacked is not None:
            self.w.lines.append(f"  %new{i} = getelementptr i8, ptr {self.inner[state.new]}, i64 0")
            return
        self.w.lines += [
            f"  %even{i}.now = icmp eq i64 %turn, 0",
            f"  %buffer{i} = select i1 %even{i}.now, ptr %even{i}, ptr %odd{i}",
            f"  %new{i} = select i1 %at.end, ptr {self.outer[state.last]}, ptr %buffer{i}",
        ]
        self.inner[state.new] = f"%new{i}"
