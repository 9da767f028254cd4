"""The results as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Results = dict[str, Any]


def document(results: Results) -> str:
    """Everything that was measured, a section for each part."""
    parts = [heading(results)]
    for name, section in (
        ("steps", steps),
        ("libraries", libraries),
        ("matmul", matmul),
        ("whole_runs", whole_runs),
        ("readings", readings),
        ("accuracy", accuracy),
        ("scaling", scaling),
    ):
        if name in results:
            parts.append(section(results[name]))
    return "\n\n".join(parts) + "\n"


def heading(results: Results) -> str:
    machine, setting = results["machine"], results["setting"]
    return (
        f"# Benchmarks\n\n{machine['processor']}, {machine['cores']} cores,"
        f" {machine['memory_gib']:g} GiB, {machine['system']}, Python {machine['python']};"
        f" {results['when']}. {setting['threads']} threads allowed to all,"
        f" {setting['rounds']} interleaved rounds of at least {setting['seconds']:g} s;"
        " medians, with the quartiles in brackets. float32."
    )


def steps(found: Results) -> str:
    peak = found["peak"]
    parts = [f"## Time per training step\n\nMeasured peak: {limits(peak)}."]
    parts += [row(name, measured) for name, measured in found["rows"].items()]
    return "\n\n".join([*parts, versions(found)])


def limits(peak: Results) -> str:
    arithmetic, memory = peak["gflops"], peak["gigabytes"]
    return "; ".join(
        f"{n} core{'s' * (n != '1')} {arithmetic[n]:.0f} GFLOP/s, {memory[n]:.0f} GB/s"
        for n in arithmetic
    )


def row(name: str, found: Results) -> str:
    """One row's table, the fastest first, and its verdict."""
    lines = sorted(
        found["contestants"].values(),
        key=lambda line: line["microseconds"]["median"] if "error" not in line else float("inf"),
    )
    head = (
        "", "µs/step", "fastest", "GFLOP/s", "of peak", "threads", "first step cold, warm (s)",
        "peak MiB", "loss differs by", "others' cores",
    )  # fmt: skip
    text = f"### {name}: {found['title']}\n\n{found['data']}.\n\n"
    text += markdown(head, (cells(line) for line in lines))
    notes = [f"- {line['label']}: {line['note']}." for line in lines if line.get("note")]
    if found.get("times_faster") is not None:
        labels = {key: line["label"] for key, line in found["contestants"].items()}
        text += (
            f"\n\n{labels[found['ours']]}: **{found['times_faster']:.2f} ×** the speed of"
            f" the fastest peer, {labels[found['fastest_peer']]}."
        )
        text += "".join(map(where, found.get("where", {}).values()))  # unknown to older results
    return text + ("\n\n" + "\n".join(notes) if notes else "")


def where(found: Results) -> str:
    """The same for the rounds in which the cores were near each other, or far."""
    if not found["rounds"]:
        return ""
    many = f"{found['rounds']} round{'s' * (found['rounds'] > 1)}"
    return (
        f" In {many} a line went from one core to the other in {found['turn_ns']:.0f} ns:"
        f" {number(found['ours'])} beside {number(found['peer'])}, {found['times_faster']:.2f} ×."
    )


def cells(line: Results) -> list[str]:
    if "error" in line:
        return [line["label"], "failed: " + line["error"].split("\n", 1)[0][:80], *[""] * 8]
    warm = line.get("first_warm_s")
    foreign = line.get("foreign_cores")
    return [
        line["label"],
        spread(line["microseconds"]),
        number(line["microseconds"]["fastest"]),
        f"{line['gflops']:.1f}",
        f"{line['of_peak']:.0%}",
        str(line["threads"]),
        f"{line['first_cold_s']:.2f}, " + ("–" if warm is None else f"{warm:.2f}"),
        f"{line['peak_mib']:.0f}",
        f"{line['difference']:.0e}" + ("" if line["agrees"] else " (differs)"),
        "–" if foreign is None else f"{foreign:.2f}",
    ]


def spread(times: Results) -> str:
    """`12.3 [11.9–13.0]`"""
    return "{} [{}–{}]".format(*(number(times[key]) for key in ("median", "low", "high")))


def number(microseconds: float) -> str:
    """Three digits or more."""
    digits = 2 if microseconds < 10 else 1 if microseconds < 1000 else 0
    return f"{microseconds:,.{digits}f}"


def versions(found: Results) -> str:
    """Who took part: versions and flags, each once."""
    lines: dict[str, str] = {}
    for measured in found["rows"].values():
        for line in measured["contestants"].values():
            if "error" not in line:
                words = " ".join(f"{name} {number}" for name, number in line["versions"].items())
                lines[line["label"]] = f"- {line['label']}: {words}" + (
                    f"; {line['flags']}" if line["flags"] else ""
                )
    return "\n".join(lines.values())


def libraries(found: Results) -> str:
    head = ("", "version", "import (s)", "installed with all it needs (MiB)", "distributions")
    body = (
        [
            name,
            facts["version"],
            f"{facts['import_s']:.3f}",
            f"{facts['mib']:,.0f}",
            str(facts["distributions"]),
        ]
        for name, facts in found.items()
    )
    return "## Libraries\n\n" + markdown(head, body)


def matmul(found: Results) -> str:
    head = ("shape (m×k×n)", "", "µs", "GFLOP/s", "of peak", "equal")
    body = [
        [title, *kernel_cells(kernel)]
        for title, measured in found["shapes"].items()
        for kernel in measured["kernels"].values()
    ]
    return "## Matrix product alone\n\n" + markdown(head, body)


def kernel_cells(kernel: Results) -> list[str]:
    if "error" in kernel:
        return [kernel["label"], "failed: " + kernel["error"].split("\n", 1)[0][:80], "", "", ""]
    return [
        kernel["label"],
        spread(kernel["microseconds"]),
        f"{kernel['gflops']:.1f}",
        f"{kernel['of_peak']:.0%}",
        "yes" if kernel["agrees"] else "no",
    ]


def whole_runs(found: Results) -> str:
    head = ("", "seconds, cold", "seconds, warm", "import (s)", "test accuracy")
    parts = ["## Whole runs\n\nFrom arrays in memory to the trained network, in a new process."]
    for name, task in found.items():
        body = []
        for line in task["contestants"].values():
            if "error" in line:
                body.append([line["label"], "failed: " + line["error"].split("\n", 1)[0][:80]])
                body[-1] += ["", "", ""]
                continue
            times = [f"{line[key]:.2f}" for key in ("cold_s", "warm_s", "import_s")]
            body.append([line["label"], *times, f"{line['accuracy']:.2%}"])
        parts.append(f"### {name}: {task['title']}\n\n{markdown(head, body)}")
    return "\n\n".join(parts)


def readings(found: Results) -> str:
    head = ("", "epoch (ms)", "with statistics", "costs", "at the start (ms)", "with statistics")
    body = [
        [
            task["title"],
            *(f"{time:.2f}" for time in task["epoch_ms"]),
            f"{task['share']:.1%}",
            *(f"{time:.0f}" for time in task["start_ms"]),
        ]
        for task in found.values()
    ]
    every = max(task["every"] for task in found.values())
    return (
        f"## What statistics cost\n\nRead every {every} steps; the median epoch, and the time for"
        f" which the first one takes longer.\n\n{markdown(head, body)}"
    )


def accuracy(found: Results) -> str:
    head = ("", "", "asked", "reached, seed by seed", "seconds")
    body, texts = [], []
    for measured in found.values():
        for line in measured["contestants"].values():
            goal = measured["goal"]
            cells = [measured["title"], line["label"], _reached(goal)]
            if "error" in line:
                failed = "failed: " + line["error"].split("\n", 1)[0][:80]
                body.append([*cells, failed, ""])
            else:
                body.append([*cells, _each(line), f"{line['seconds']:.1f}"])
            if "text" in line:
                written = line["text"].strip()
                texts.append(f"{line['label']} writes:\n\n```text\n{written}\n```")
    heading = (
        "## What trainings reach\n\nOn rows kept apart: the share of images read rightly; of a"
        " text the loss. The seconds are medians.\n\n"
    )
    return "\n\n".join([heading + markdown(head, body), *texts])


def _each(line: Results) -> str:
    """What was reached with each seed, and how a loss looks in windows drawn at random."""
    reached = ", ".join(map(_reached, line["reached"]))
    if "estimated" not in line:
        return reached
    return reached + "; in 240 windows drawn: " + ", ".join(map(_reached, line["estimated"]))


def _reached(number: float) -> str:
    """A share in percent; a loss, which here is above 1, as it is."""
    return f"{number:.1%}" if number <= 1 else f"{number:.3f}"


def scaling(found: Results) -> str:
    head = ("varied", "value", "limit (µs)", "µs/step")
    body = (
        [
            what,
            str(point["value"]),
            f"{point['limit']:.1f}",
            ", ".join(f"{name} {time:,.1f}" for name, time in point["microseconds"].items()),
        ]
        for what, points in found.items()
        for point in points
    )
    return "## Scaling\n\n" + markdown(head, body)


def markdown(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A table; bars within cells are escaped."""
    rows = [head, ["---"] * len(head), *body]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in rows
    )
