"""Time per step against width, depth, batch and threads, beside the machine's limit."""

from __future__ import annotations

import statistics
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import peak
from .material import make
from .race import Report, Setting, race
from .rows import Row

NAMES = ("torch_eager", "jax_scan", "numpy", "glassnet_loop")
BASE = Row("scaling", (784, 256, 256, 10), "relu", 128, "adam", 1e-3, "synthetic")


def sweeps(threads: int) -> dict[str, list[tuple[int, Row, int]]]:
    """What is varied → (its value, the row, threads) of each point."""
    widths, depths, sizes = (16, 64, 256, 1024), (1, 2, 4, 8), (8, 32, 128, 512)
    counts = sorted({1, threads} | {n for n in (2, 4, 8, 16, 32) if n < threads})
    wide = replace(BASE, widths=(784, 1024, 1024, 10))
    return {
        "width": [(n, replace(BASE, widths=(784, n, n, 10)), threads) for n in widths],
        "depth": [(n, replace(BASE, widths=(784, *[256] * n, 10)), threads) for n in depths],
        "batch": [(n, replace(BASE, batch=n), threads) for n in sizes],
        "threads": [(n, wide, n) for n in counts],
    }


def measure(setting: Setting, mnist: Path, folder: Path, say: Report) -> dict[str, Any]:
    """Microseconds a step of each contestant; the limit is the products at measured peak."""
    found: dict[str, list[dict[str, Any]]] = {}
    peaks: dict[int, float] = {}
    for what, points in sweeps(setting.threads).items():
        found[what] = []
        for value, row, threads in points:
            say(f"scaling {what} {value}")
            here = replace(setting, threads=threads, rounds=min(3, setting.rounds))
            place = folder / f"{what}-{value}"
            found[what].append({"value": value, **_point(row, here, mnist, place)})
            if threads not in peaks:
                measured = peak.measured_by(setting.python, threads, folder)
                peaks[threads] = measured["gflops"][str(threads)]
            found[what][-1]["limit"] = row.flop / peaks[threads] / 1e3
    return found


def _point(row: Row, setting: Setting, mnist: Path, folder: Path) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "material.npz"
    make(row, mnist, steps=256)[0].save(path)
    openings = {"row": row.json(), "material": str(path), "threads": setting.threads}
    entrants = race(list(NAMES), openings, setting, folder, lambda _: None)
    return {
        "microseconds": {
            name: statistics.median(entrant.microseconds)
            for name, entrant in entrants.items()
            if not entrant.error
        },
        "errors": {name: e.error for name, e in entrants.items() if e.error},
    }
