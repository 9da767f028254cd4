"""A compiled program as text that people can read."""

from __future__ import annotations

from .fuse import Fused
from .module import Module
from .passes import Passes
from .plan import Plan
from .schedule import Schedule, Task


def describe(passes: Passes) -> str:
    """Statements, loops, memory, schedule."""
    parts = [
        _titled("Statements", str(passes.program).splitlines()),
        _titled("Loops", _loops(passes.fused, passes.schedule, passes.module)),
        _titled("Memory", _memory(passes.plan, passes.module)),
        _titled("Schedule", _schedule(passes.schedule)),
    ]
    return "\n\n".join(parts)


def _titled(title: str, lines: list[str]) -> str:
    return "\n".join([title, *("  " + line for line in lines)])


def _loops(fused: Fused, schedule: Schedule, module: Module) -> list[str]:
    lines = []
    for task in schedule.tasks:
        kernel = task.kernel
        name = module.kernels[id(kernel)]
        reads = ", ".join(map(str, sorted(fused.reads(kernel), key=lambda v: v.number)))
        lines.append(f"{name:<9} {kernel}  reads {reads or 'nothing'}")
        if task.product:
            p = task.product
            lines.append(
                f"{'':<9}   {p.m}×{p.k}·{p.k}×{p.n}, tile {p.tile.rows}×{p.tile.columns}, "
                f"{p.blocks} block(s) of k, split over {p.split}"
                + ", k along a staircase" * bool(p.zero)
                + ", tiles along a staircase" * bool(p.wanted)
            )
        if kernel.loop:
            inner = kernel.loop
            steps = [*_loops(inner.fused, inner.schedule, module), *_schedule(inner.schedule)]
            lines += ["    " + line for line in steps]
    return lines


def _memory(plan: Plan, module: Module) -> list[str]:
    lines = [
        f"arena {plan.arena_bytes} bytes; without reuse {plan.apart_bytes}",
        f"scratch {module.scratch_bytes} bytes per thread",
    ]
    lines += [f"{new} is written over {old}" for new, old in plan.in_place.items()]
    lines += [f"{new} is copied over {old} at the end" for new, old in plan.copies]
    places = sorted(plan.offsets.items(), key=lambda item: (item[1], item[0].number))
    lines += [f"{v!s:<6} {v.dtype!s:<8} {v.shape!s:<16} at {offset}" for v, offset in places]
    return lines


def _schedule(schedule: Schedule) -> list[str]:
    lines = [f"{schedule.threads} thread(s)"]
    return lines + [_task(i, task) for i, task in enumerate(schedule.tasks)]


def _task(i: int, task: Task) -> str:
    parts = " ".join(f"[{begin}, {end})" for begin, end in task.parts if begin < end)
    return f"{'barrier, ' if task.barrier else ''}kernel {i}: {parts} of {task.extent}"
