"""Pass 6: the LLVM module of a program: its kernels, one step, and the run over many steps."""

from __future__ import annotations

from dataclasses import dataclass

from .columns import ColumnWriter
from .describe import write_describe
from .driver import LOOP, Call, Packing, write_loop, write_step
from .expression import Expressions
from .fuse import Fused
from .plan import Plan
from .product_writer import ProductWriter
from .rows import RowWriter
from .runtime import BARRIER, CHAIN, needed, pause, write_run
from .schedule import Schedule, Task
from .single import write_place, write_scatter
from .target import Target


@dataclass(slots=True)
class Module:
    """The IR text, and how much memory a run needs."""

    text: str
    scratch_bytes: int  # per thread
    arena_bytes: int
    kernels: dict[int, str]  # id of a kernel -> its function


def write_module(fused: Fused, plan: Plan, schedule: Schedule, target: Target) -> Module:
    """The whole program as LLVM IR."""
    kernels = _Kernels(target, sorted({1, schedule.threads}))
    calls = kernels.calls(fused, schedule)
    texts = [body.replace("@KERNEL(", f"@{name}(", 1) for body, name in kernels.names.items()]
    panel, tile = _aligned(schedule.panel_bytes), _aligned(schedule.tile_bytes)
    scratch = panel + tile + _aligned(schedule.left_bytes)
    drivers = [BARRIER.format(pause=pause(target)[0]), CHAIN]
    drivers += kernels.loops
    for threads in kernels.threads:
        drivers.append(write_step(calls, plan, schedule, threads))
        drivers.append(write_run(threads, scratch, panel, tile))
    head = [f'target triple = "{target.triple}"', *sorted(kernels.declarations | needed(target))]
    tail = ['attributes #0 = { nounwind "no-builtins" }', "!0 = !{i32 1}"]
    text = "\n\n".join([*head, *kernels.helpers.values(), *texts, *drivers, *tail])
    return Module(text, scratch, plan.arena_bytes, kernels.called)


class _Kernels:
    """The functions of all kernels, each written once, and of the loops that call them."""

    def __init__(self, target: Target, threads: list[int]) -> None:
        self.target, self.threads = target, threads
        self.names: dict[str, str] = {}  # a kernel's body -> its name
        self.helpers: dict[str, str] = {}
        self.declarations: set[str] = set()
        self.loops: list[str] = []
        self.called: dict[int, str] = {}  # id of a kernel -> its function
        self._count = 0

    def calls(self, fused: Fused, schedule: Schedule) -> list[Call]:
        """What is called for each task, the bodies of loops first."""
        return [self._call(fused, task) for task in schedule.tasks]

    def _call(self, fused: Fused, task: Task) -> Call:
        loop = task.kernel.loop
        if loop is not None:
            inner = self.calls(loop.fused, loop.schedule)
            kept = [task for task in loop.schedule.tasks if task.product and task.product.packed]
            packing = [self._packing(loop.fused, task) for task in kept]
            name = f"scan{self._count}"
            self._count += 1
            for threads in sorted({1, min(self.threads[-1], loop.schedule.threads)}):
                self.loops.append(write_loop(name, loop, packing, inner, threads))
            if loop.shared_out:
                call = Call(f"{name}.1", loop.operands, rest=LOOP)
            else:
                call = Call(name, loop.operands, loops=True)
        else:
            call = self._function(_kernel(fused, task, self.target))
        self.called[id(task.kernel)] = call.name
        return call

    def _packing(self, fused: Fused, task: Task) -> Packing:
        """What packs the right operand of a product before a loop."""
        assert task.product is not None
        e = Expressions(fused.statements, fused.stored)
        ProductWriter(e, task.kernel, task.product).write_packing()
        return Packing(self._function(e), task.product.column_panels)

    def _function(self, e: Expressions) -> Call:
        body = _body(e)
        self.helpers |= e.w.helpers
        self.declarations |= e.w.declarations
        return Call(self.names.setdefault(body, f"kernel{len(self.names)}"), e.buffers)


def _aligned(size: int) -> int:
    return -(-size // 64) * 64


def _kernel(fused: Fused, task: Task, target: Target) -> Expressions:
    kernel = task.kernel
    e = Expressions(fused.statements, fused.stored)
    if kernel.kind != "place":
        e.own, e.placed = frozenset(kernel.stores), kernel.placed
        e.lasting = kernel.lasting
    match kernel.kind:
        case "rows":
            RowWriter(e, kernel, target).write()
        case "columns":
            ColumnWriter(e, kernel, target).write()
        case "contract":
            assert task.product is not None
            ProductWriter(e, kernel, task.product).write()
        case "describe":
            write_describe(e, kernel, target)
        case "scatter":
            write_scatter(e, kernel, target)
        case "place":
            write_place(e, kernel, target)
    return e


def _body(e: Expressions) -> str:
    pointers = "".join(f"ptr %p{i}, " for i in range(len(e.buffers)))
    rest = "i64 %begin, i64 %end, ptr %panel, ptr %tile, ptr %left, ptr %flag"
    text = e.w.text("KERNEL", pointers + rest)
    if "%sink" in text:
        text = text.replace("entry:\n", "entry:\n  %sink = alloca i32\n", 1)
    return text
