"""One step of a program as a function: the kernels in order, for one thread or for several."""

from __future__ import annotations

from ..program import Variable
from .plan import Plan
from .runtime import STEP
from .schedule import Schedule

Call = tuple[str, list[Variable]]  # a kernel's function and the buffers it is called with


def write_step(
    calls: list[Call], plan: Plan, schedule: Schedule, threads: int, workspace: int
) -> str:
    """`@step1` or `@stepN`: every kernel in order, with this thread's part, and the barriers."""
    meet = f"  call void @barrier(ptr %sync, i32 {threads})"
    lines = [
        f"define internal void @step{threads}({STEP}) #0 {{",
        "entry:",
        f"  %workspace = getelementptr i8, ptr %arena, i64 {workspace}",
    ]
    addresses: dict[Variable, str] = {}
    tables: list[str] = []
    for i, (task, (name, buffers)) in enumerate(zip(schedule.tasks, calls, strict=True)):
        for variable in buffers:
            if variable not in addresses:
                addresses[variable] = _address(variable, plan, lines, f"%b{len(addresses)}")
        if task.barrier and threads > 1:
            lines.append(meet)
        words = "".join(f"ptr {addresses[v]}, " for v in buffers)
        words += "i64 {0}, i64 {1}, ptr %panel, ptr %tile, ptr %left, ptr %workspace, ptr %flag"
        if threads == 1:
            lines.append(f"  call void @{name}({words.format(0, task.extent)})")
            continue
        cuts = ", ".join(f"i64 {cut}" for part in task.parts for cut in part)
        tables.append(f"@parts{i} = internal constant [{2 * len(task.parts)} x i64] [{cuts}]")
        lines += _part(i, name, words)
    for j, (new, old) in enumerate(plan.copies):
        if j == 0 and threads > 1:
            lines.append(meet)
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
