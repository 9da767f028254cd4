"""The results as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .contestants import CONTESTANTS, OURS
from .table import number

Results = dict[str, Any]
OURS_COLOUR, PEER_COLOUR = "#0072b2", "#999999"  # Okabe and Ito: told apart by everybody
LINES = ("#d55e00", "#009e73", "#cc79a7", "#0072b2", "#e69f00")


def steps(found: Results, path: Path) -> None:
    """A panel for each row: time per step of everybody, fastest on top, on a logarithmic axis."""
    plt = _pyplot()
    rows = found["rows"]
    figure, axes = plt.subplots(len(rows), 1, figsize=(8, 2.9 * len(rows)), squeeze=False)
    for axis, (name, measured) in zip(axes[:, 0], rows.items(), strict=True):
        _bars(axis, measured, found["peak"])
        axis.set_title(f"{name}: {measured['title']}", loc="left", fontsize=10)
    axes[-1, 0].set_xlabel("µs per step (median, quartiles); dotted: the machine's measured peak")
    _save(figure, path)


def _bars(axis: Any, measured: Results, peak: Results) -> None:
    lines = {k: v for k, v in measured["contestants"].items() if "error" not in v}
    names = sorted(lines, key=lambda k: -lines[k]["microseconds"]["median"])
    times = [lines[k]["microseconds"] for k in names]
    middle = [t["median"] for t in times]
    errors = [[t["median"] - t["low"] for t in times], [t["high"] - t["median"] for t in times]]
    colours = [OURS_COLOUR if k in OURS else PEER_COLOUR for k in names]
    from matplotlib.ticker import NullFormatter

    axis.barh([lines[k]["label"] for k in names], middle, xerr=errors, color=colours)
    axis.set_xscale("log")
    axis.axvline(measured["flop"] / max(peak["gflops"].values()) / 1e3, color="black", ls=":")
    for position, time in enumerate(times):
        words = f"  {number(time['median'])}"
        axis.text(time["high"], position, words, va="center", fontsize=8)
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.margins(x=0.2)


def scaling(found: Results, path: Path) -> None:
    """Time per step against width, depth, batch and threads, with the machine's limit."""
    plt = _pyplot()
    figure, axes = plt.subplots(2, 2, figsize=(10, 8))
    for axis, (what, points) in zip(axes.flat, found.items(), strict=True):
        values = [point["value"] for point in points]
        names = [n for n in CONTESTANTS if any(n in p["microseconds"] for p in points)]
        for name, colour in zip(names, LINES, strict=False):
            times = [point["microseconds"].get(name, float("nan")) for point in points]
            axis.plot(values, times, "o-", color=colour, label=CONTESTANTS[name].label)
        limits = [point["limit"] for point in points]
        axis.plot(values, limits, "k:", label="the products at the machine's peak")
        axis.set_xscale("log", base=2)
        axis.set_yscale("log")
        axis.set_xticks(values, [str(value) for value in values])
        axis.minorticks_off()
        axis.set_xlabel(what)
        axis.set_ylabel("µs per step")
    axes.flat[0].legend(fontsize=8)
    _save(figure, path)


def _pyplot() -> Any:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    return plt


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=150)
