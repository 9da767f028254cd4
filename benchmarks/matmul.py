"""The product alone, against BLAS and against the machine's peak."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from . import agreement, peak
from .contestants import KERNELS
from .contestants.matmul_numpy import checksum
from .material import make
from .race import Report, Setting, race, ratio, summary
from .rows import Row
from .worker import COMPARED

SHAPES = ((128, 512, 512), (768, 128, 384), (1024, 512, 512), (2048, 2048, 2048))  # m, k, n


def measure(setting: Setting, mnist: Path, folder: Path, say: Report) -> dict[str, Any]:
    """Each shape on one core and on all that are allowed."""
    before = peak.measured_by(setting.python, setting.threads, folder)
    found = {}
    for threads in sorted({1, setting.threads}):
        for shape in SHAPES:
            title = f"{'×'.join(map(str, shape))}, {threads} core{'s' * (threads > 1)}"
            say(f"matmul {title}")
            place = folder / f"{'-'.join(map(str, shape))}-{threads}"
            found[title] = _shape(shape, replace(setting, threads=threads), mnist, place, say)
    highest = peak.best(before, peak.measured_by(setting.python, setting.threads, folder))
    for measured in found.values():
        for kernel in measured["kernels"].values():
            if "error" not in kernel:
                kernel["of_peak"] = kernel["gflops"] / highest["gflops"][str(measured["threads"])]
    return {"peak": highest, "shapes": found}


def _shape(
    shape: tuple[int, int, int], setting: Setting, mnist: Path, folder: Path, say: Report
) -> dict[str, Any]:
    m, k, n = shape
    row = Row("matmul", (k, n), "relu", m, "none", 0.0, "synthetic")
    folder.mkdir(parents=True, exist_ok=True)
    material, _ = make(row, mnist, steps=1)
    material.save(folder / "material.npz")
    openings = {
        "row": row.json(),
        "material": str(folder / "material.npz"),
        "threads": setting.threads,
    }
    entrants = race(list(KERNELS), openings, setting, folder, say)
    exact = np.full(
        COMPARED, checksum(material.inputs[:m].astype(np.float64) @ material.arrays["w0"].T)
    )
    kernels: dict[str, Any] = {}
    for name, entrant in entrants.items():
        kernels[name] = {"label": KERNELS[name].label}
        if entrant.error:
            kernels[name]["error"] = entrant.error
            continue
        times = summary(entrant.microseconds)
        kernels[name] |= {
            "microseconds": times,
            "gflops": 2 * m * k * n / times["median"] / 1e3,
            "agrees": all(agreement.agrees(run["losses"], exact) for run in entrant.runs),
        }
    both = [entrant.microseconds for entrant in entrants.values() if not entrant.error]
    faster = ratio(*both) if len(both) == 2 else None
    return {"threads": setting.threads, "kernels": kernels, "times_faster": faster}
