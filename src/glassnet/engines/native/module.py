"""Pass 6: the LLVM module of a program: its kernels, one step, and the run over many steps."""

from __future__ import annotations

from dataclasses import dataclass

from ..program import Variable
from .columns import ColumnWriter
from .driver import write_step
from .expression import Expressions
from .fuse import Fused
from .plan import Plan
from .product import ProductWriter
from .rows import RowWriter
from .runtime import BARRIER, needed, pause, write_run
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
    panel, tile = _aligned(schedule.panel_bytes), _aligned(schedule.tile_bytes)
    scratch = panel + tile + _aligned(schedule.left_bytes)
    declarations |= needed(target)
    drivers = [BARRIER.format(pause=pause(target)[0])]
    for threads in sorted({1, schedule.threads}):
        drivers.append(write_step(calls, plan, schedule, threads, workspace))
        drivers.append(write_run(threads, scratch, panel, tile))
    head = [f'target triple = "{target.triple}"', *sorted(declarations)]
    tail = ['attributes #0 = { nounwind "no-builtins" }']
    text = "\n\n".join([*head, *helpers.values(), *texts, *drivers, *tail])
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
