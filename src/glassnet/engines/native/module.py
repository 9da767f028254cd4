"""Pass 6: the LLVM module of a program: its kernels, one step, and the run over many steps."""

from __future__ import annotations

from dataclasses import dataclass

from ..program import Variable
from .columns import ColumnWriter
from .expression import Expressions
from .fuse import Fused
from .plan import Plan
from .product import ProductWriter
from .rows import RowWriter
from .runtime import STEP, needed, runtime
from .schedule import Schedule, Task
from .single import write_argmax, write_place, write_scatter
from .target import Target


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
    step = _step(calls, plan, schedule, workspace)
    panel, tile = _aligned(schedule.panel_bytes), _aligned(schedule.tile_bytes)
    scratch = panel + tile + _aligned(schedule.left_bytes)
    declarations |= needed(target)
    run = runtime(target, schedule.threads, scratch, panel, tile)
    head = [f'target triple = "{target.triple}"', *sorted(declarations)]
    tail = ['attributes #0 = { nounwind "no-builtins" }']
    text = "\n\n".join([*head, *helpers.values(), *texts, step, run, *tail])
    return Module(text, scratch, workspace + schedule.workspace_bytes, [c[0] for c in calls])


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
            write_argmax(e, kernel)
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
    plan: Plan,
    schedule: Schedule,
    workspace: int,
) -> str:
    """One step: every kernel in order, with this thread's part, and the barriers between."""
    lines = [
        f"define internal void @step({STEP}) #0 {{",
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
