"""Pass 6: the LLVM module of a program: its kernels, one step, and the run over many steps.

The caller hands over one table of 64-bit words per run (`Header`), and one pair (address, stride
per step) for each of its arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..program import Variable
from .columns import ColumnWriter
from .expression import Expressions
from .fuse import Fused
from .plan import Plan
from .product import ProductWriter
from .rows import RowWriter
from .schedule import Schedule, Task
from .single import write_argmax, write_place, write_scatter
from .target import Target

# The words of a run's header, in order.
HEADER = ("steps", "table", "arena", "scratch", "sync", "flag", "batches", "batch_table")
# The words of one batch that is gathered before each step.
BATCH = ("target", "source", "rows", "indices", "count", "row_bytes")


@dataclass(slots=True)
class Module:
    """The IR text, and how much memory a run needs."""

    text: str
    scratch_bytes: int  # per thread
    arena_bytes: int
    kernels: list[str]  # the function of each task


def write_module(fused: Fused, plan: Plan, schedule: Schedule, target: Target) -> Module:
    """The whole program as LLVM IR."""
    functions: dict[str, str] = {}  # body -> name
    helpers: dict[str, str] = {}
    declarations: set[str] = set()
    calls: list[tuple[str, list[Variable]]] = []
    for task in schedule.tasks:
        e = _kernel(fused, task, target)
        body = _body(e)
        name = functions.setdefault(body, f"kernel{len(functions)}")
        helpers |= e.w.helpers
        declarations |= e.w.declarations
        calls.append((name, e.buffers))
    texts = [body.replace("@KERNEL(", f"@{name}(", 1) for body, name in functions.items()]
    workspace = _aligned(plan.arena_bytes)
    step = _step(calls, fused, plan, schedule, workspace)
    panel, tile = _aligned(schedule.panel_bytes), _aligned(schedule.tile_bytes)
    scratch = panel + tile + _aligned(schedule.left_bytes)
    declarations |= {
        "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)",
        "declare i32 @sched_yield()",
    }
    pause, needed = _pause(target)
    declarations.add(needed)
    threads = schedule.threads
    meet = f"call void @barrier(ptr %sync, i32 {threads})" if threads > 1 else ""
    run = _RUN.format(
        scratch=scratch, panel=panel, tile=tile, threads=threads, pause=pause, meet=meet
    )
    head = [f'target triple = "{target.triple}"', *sorted(declarations)]
    tail = ['attributes #0 = { nounwind "no-builtins" }']
    text = "\n\n".join([*head, *helpers.values(), *texts, step, run, *tail])
    return Module(text, scratch, workspace + schedule.workspace_bytes, [c[0] for c in calls])


def _pause(target: Target) -> tuple[str, str]:
    """The instruction that tells the processor that it waits, and its declaration."""
    if target.triple.startswith(("x86", "i686")):
        name = "llvm.x86.sse2.pause"
        return f"call void @{name}()", f"declare void @{name}()"
    if target.triple.startswith(("aarch64", "arm64")):
        name = "llvm.aarch64.hint"
        return f"call void @{name}(i32 1)", f"declare void @{name}(i32)"
    return "call i32 @sched_yield()", "declare i32 @sched_yield()"


def _aligned(size: int) -> int:
    return -(-size // 64) * 64


def _kernel(fused: Fused, task: Task, target: Target) -> Expressions:
    kernel = task.kernel
    e = Expressions(fused.statements, fused.stored)
    if kernel.kind != "place":
        e.own = frozenset(kernel.stores)
    match kernel.kind:
        case "rows":
            RowWriter(e, kernel, target).write()
        case "columns":
            ColumnWriter(e, kernel, target).write()
        case "contract":
            assert task.product is not None
            ProductWriter(e, kernel, task.product).write()
        case "argmax":
            write_argmax(e, kernel, target)
        case "scatter":
            write_scatter(e, kernel, target)
        case "place":
            write_place(e, kernel, target)
    return e


def _body(e: Expressions) -> str:
    pointers = "".join(f"ptr %p{i}, " for i in range(len(e.buffers)))
    rest = "i64 %begin, i64 %end, ptr %panel, ptr %tile, ptr %left, ptr %workspace, ptr %flag"
    text = e.w.text("KERNEL", pointers + rest)
    if "%sink" in text:
        text = text.replace("entry:\n", "entry:\n  %sink = alloca i32\n", 1)
    return text


def _step(
    calls: list[tuple[str, list[Variable]]],
    fused: Fused,
    plan: Plan,
    schedule: Schedule,
    workspace: int,
) -> str:
    """One step: every kernel in order, with this thread's part, and the barriers between."""
    lines = [
        "define internal void @step(ptr %table, ptr %arena, ptr %panel, ptr %tile, ptr %left, ptr %sync, "
        "ptr %flag, i64 %thread, i64 %step) #0 {",
        "entry:",
        f"  %workspace = getelementptr i8, ptr %arena, i64 {workspace}",
    ]
    addresses: dict[Variable, str] = {}
    tables: list[str] = []
    for i, (task, (name, buffers)) in enumerate(zip(schedule.tasks, calls, strict=True)):
        for variable in buffers:
            if variable not in addresses:
                addresses[variable] = _address(variable, plan, lines, f"%b{len(addresses)}")
        if task.barrier and schedule.threads > 1:
            lines.append(f"  call void @barrier(ptr %sync, i32 {schedule.threads})")
        words = "".join(f"ptr {addresses[v]}, " for v in buffers)
        words += "i64 {0}, i64 {1}, ptr %panel, ptr %tile, ptr %left, ptr %workspace, ptr %flag"
        if schedule.threads == 1:
            lines.append(f"  call void @{name}({words.format(*task.parts[0])})")
            continue
        cuts = ", ".join(f"i64 {cut}" for part in task.parts for cut in part)
        tables.append(f"@parts{i} = internal constant [{2 * len(task.parts)} x i64] [{cuts}]")
        lines += _part(i, name, words)
    for j, (new, old) in enumerate(plan.copies):
        if j == 0 and schedule.threads > 1:
            lines.append(f"  call void @barrier(ptr %sync, i32 {schedule.threads})")
        lines += _copy_back(j, new, old, plan, addresses, lines)
    return "\n".join([*tables, *lines, "  ret void", "}"])


def _address(variable: Variable, plan: Plan, lines: list[str], name: str) -> str:
    if variable in plan.slots:
        slot = plan.slots[variable]
        lines += [
            f"  {name}.p = getelementptr i64, ptr %table, i64 {2 * slot}",
            f"  {name}.a = load ptr, ptr {name}.p, align 8",
            f"  {name}.q = getelementptr i64, ptr %table, i64 {2 * slot + 1}",
            f"  {name}.s = load i64, ptr {name}.q, align 8",
            f"  {name}.m = mul i64 {name}.s, %step",
            f"  {name} = getelementptr i8, ptr {name}.a, i64 {name}.m",
        ]
    else:
        lines.append(f"  {name} = getelementptr i8, ptr %arena, i64 {plan.offsets[variable]}")
    return name


def _part(i: int, name: str, words: str) -> list[str]:
    """A call with this thread's part, if it has one."""
    return [
        f"  %k{i}.t = mul i64 %thread, 2",
        f"  %k{i}.p = getelementptr i64, ptr @parts{i}, i64 %k{i}.t",
        f"  %k{i}.q = getelementptr i64, ptr %k{i}.p, i64 1",
        f"  %k{i}.b = load i64, ptr %k{i}.p, align 8",
        f"  %k{i}.e = load i64, ptr %k{i}.q, align 8",
        f"  %k{i}.c = icmp slt i64 %k{i}.b, %k{i}.e",
        f"  br i1 %k{i}.c, label %k{i}.run, label %k{i}.skip",
        f"k{i}.run:",
        f"  call void @{name}({words.format(f'%k{i}.b', f'%k{i}.e')})",
        f"  br label %k{i}.skip",
        f"k{i}.skip:",
    ]


def _copy_back(
    j: int,
    new: Variable,
    old: Variable,
    plan: Plan,
    addresses: dict[Variable, str],
    lines: list[str],
) -> list[str]:
    """The first thread copies an updated value over its input."""
    if not new.size:
        return []
    target = addresses.get(old) or _address(old, plan, lines, f"%copy{j}")
    size = new.size * new.dtype.itemsize
    return [
        f"  %first{j} = icmp eq i64 %thread, 0",
        f"  br i1 %first{j}, label %copy{j}.run, label %copy{j}.skip",
        f"copy{j}.run:",
        f"  call void @llvm.memcpy.p0.p0.i64(ptr {target}, ptr {addresses[new]}, i64 {size}, i1 0)",
        f"  br label %copy{j}.skip",
        f"copy{j}.skip:",
    ]


_RUN = """define internal void @barrier(ptr %sync, i32 %threads) #0 {{
entry:
  %generation = getelementptr i8, ptr %sync, i64 64
  %now = load atomic i32, ptr %generation acquire, align 4
  %before = atomicrmw add ptr %sync, i32 1 acq_rel, align 4
  %arrived = add i32 %before, 1
  %last = icmp eq i32 %arrived, %threads
  br i1 %last, label %open, label %spin
open:
  store atomic i32 0, ptr %sync release, align 4
  %old = atomicrmw add ptr %generation, i32 1 release, align 4
  ret void
spin:
  %round = phi i32 [0, %entry], [%next, %again]
  %seen = load atomic i32, ptr %generation acquire, align 4
  %done = icmp ne i32 %seen, %now
  br i1 %done, label %leave, label %wait
wait:
  %patient = icmp ult i32 %round, 2000
  br i1 %patient, label %pause, label %yield
pause:
  {pause}
  br label %again
yield:
  %ignored = call i32 @sched_yield()
  br label %again
again:
  %next = add i32 %round, 1
  br label %spin
leave:
  ret void
}}

define internal void @gather(ptr %batch, i64 %thread, i64 %step, ptr %flag) #0 {{
entry:
  %target = load ptr, ptr %batch, align 8
  %p1 = getelementptr i64, ptr %batch, i64 1
  %source = load ptr, ptr %p1, align 8
  %p2 = getelementptr i64, ptr %batch, i64 2
  %rows = load i64, ptr %p2, align 8
  %p3 = getelementptr i64, ptr %batch, i64 3
  %all = load ptr, ptr %p3, align 8
  %p4 = getelementptr i64, ptr %batch, i64 4
  %count = load i64, ptr %p4, align 8
  %p5 = getelementptr i64, ptr %batch, i64 5
  %bytes = load i64, ptr %p5, align 8
  %skip = mul i64 %step, %count
  %indices = getelementptr i64, ptr %all, i64 %skip
  %scaled = mul i64 %count, %thread
  %begin = udiv i64 %scaled, {threads}
  %scaled2 = add i64 %scaled, %count
  %end = udiv i64 %scaled2, {threads}
  %some = icmp ult i64 %begin, %end
  br i1 %some, label %loop, label %exit
loop:
  %i = phi i64 [%begin, %entry], [%n, %copied]
  %ip = getelementptr i64, ptr %indices, i64 %i
  %wanted = load i64, ptr %ip, align 8
  %outside = icmp uge i64 %wanted, %rows
  br i1 %outside, label %bad, label %good
bad:
  store i32 1, ptr %flag, align 4
  br label %good
good:
  %row = select i1 %outside, i64 0, i64 %wanted
  %from = mul i64 %row, %bytes
  %to = mul i64 %i, %bytes
  %sp = getelementptr i8, ptr %source, i64 %from
  %tp = getelementptr i8, ptr %target, i64 %to
  switch i64 %bytes, label %many [ i64 4, label %four i64 8, label %eight ]
four:
  %v4 = load i32, ptr %sp, align 1
  store i32 %v4, ptr %tp, align 1
  br label %copied
eight:
  %v8 = load i64, ptr %sp, align 1
  store i64 %v8, ptr %tp, align 1
  br label %copied
many:
  call void @llvm.memcpy.p0.p0.i64(ptr %tp, ptr %sp, i64 %bytes, i1 0)
  br label %copied
copied:
  %n = add i64 %i, 1
  %more = icmp ult i64 %n, %end
  br i1 %more, label %loop, label %exit
exit:
  ret void
}}

define void @run(ptr %header, i64 %thread) #0 {{
entry:
  %h1 = getelementptr i64, ptr %header, i64 1
  %h2 = getelementptr i64, ptr %header, i64 2
  %h3 = getelementptr i64, ptr %header, i64 3
  %h4 = getelementptr i64, ptr %header, i64 4
  %h5 = getelementptr i64, ptr %header, i64 5
  %h6 = getelementptr i64, ptr %header, i64 6
  %h7 = getelementptr i64, ptr %header, i64 7
  %steps = load i64, ptr %header, align 8
  %table = load ptr, ptr %h1, align 8
  %arena = load ptr, ptr %h2, align 8
  %all = load ptr, ptr %h3, align 8
  %sync = load ptr, ptr %h4, align 8
  %flag = load ptr, ptr %h5, align 8
  %batches = load i64, ptr %h6, align 8
  %batch.table = load ptr, ptr %h7, align 8
  %mine = mul i64 %thread, {scratch}
  %panel = getelementptr i8, ptr %all, i64 %mine
  %tile = getelementptr i8, ptr %panel, i64 {panel}
  %left = getelementptr i8, ptr %tile, i64 {tile}
  br label %loop
loop:
  %step = phi i64 [0, %entry], [%next, %stepped]
  %any = icmp ne i64 %batches, 0
  br i1 %any, label %batch, label %ready
batch:
  %b = phi i64 [0, %loop], [%b1, %batch]
  %offset = mul i64 %b, 48
  %descriptor = getelementptr i8, ptr %batch.table, i64 %offset
  call void @gather(ptr %descriptor, i64 %thread, i64 %step, ptr %flag)
  %b1 = add i64 %b, 1
  %undone = icmp ult i64 %b1, %batches
  br i1 %undone, label %batch, label %gathered
gathered:
  {meet}
  br label %ready
ready:
  call void @step(ptr %table, ptr %arena, ptr %panel, ptr %tile, ptr %left, ptr %sync, ptr %flag, i64 %thread, i64 %step)
  {meet}
  br label %stepped
stepped:
  %next = add i64 %step, 1
  %more = icmp ult i64 %next, %steps
  br i1 %more, label %loop, label %exit
exit:
  ret void
}}"""
