"""Whole trainings of the same network: seconds from arrays in memory to the trained one."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .contestants import ENTRIES
from .material import SEED, Material, deal, initial
from .process import Process
from .protocol import ContestantError, Message
from .race import Report, Setting
from .rows import Row

NAMES = (
    "torch_eager",
    "jax_step",
    "jax_scan",
    "sklearn_fit",
    "glassnet_fit_numpy",
    "glassnet_fit",
)


@dataclass(frozen=True)
class Task:
    """A network, how long it learns, and the accuracy it should reach on rows kept apart."""

    row: Row
    epochs: int
    accuracy: float


TASKS = (
    Task(Row("digits", (64, 128, 128, 10), "relu", 32, "adam", 3e-3, "digits"), 40, 0.975),
    Task(Row("spiral", (2, 32, 32, 2), "tanh", 32, "adam", 1e-2, "spiral"), 60, 0.97),
)


def measure(setting: Setting, folder: Path, say: Report) -> dict[str, Any]:
    """Every task by everybody; processes are new each time, the first finds an empty cache."""
    return {task.row.name: _task(task, setting, folder / task.row.name, say) for task in TASKS}


def make(task: Task) -> Material:
    """A fifth of the rows is kept apart; inputs as they come (digits) or standardised (spiral)."""
    from glassnet import data

    everything = data.digits() if task.row.data == "digits" else data.spiral(2000, seed=0)
    train, test = data.split(everything, test=0.2, seed=0)
    if task.row.data == "spiral":
        train, test = data.standardise(train, test)
    rng = np.random.default_rng(SEED)
    steps = task.epochs * (len(train) // task.row.batch)
    batches = deal(len(train), task.row.batch, steps, rng)
    held = np.ascontiguousarray(test.inputs), test.targets
    inputs = np.ascontiguousarray(train.inputs)
    return Material(task.row, inputs, train.targets, batches, initial(task.row, rng), held)


def _task(task: Task, setting: Setting, folder: Path, say: Report) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "material.npz"
    make(task).save(path)
    openings = {"row": task.row.json(), "material": str(path), "threads": setting.threads}
    runs: dict[str, list[Message]] = {name: [] for name in NAMES}
    errors: dict[str, str] = {}
    for number in range(max(3, setting.rounds // 2)):
        say(f"whole run {task.row.name}, round {number + 1}")
        for name in NAMES:
            if name not in errors:
                try:
                    runs[name].append(_run(name, openings, setting, folder))
                except ContestantError as error:
                    errors[name] = str(error)
    lines = {
        name: {"label": ENTRIES[name].label, "error": errors[name]}
        if name in errors
        else {"label": ENTRIES[name].label, **_line(runs[name], task)}
        for name in NAMES
    }
    return {"title": f"{task.row.title}, {task.epochs} epochs", "contestants": lines}


def _run(name: str, openings: dict[str, Any], setting: Setting, folder: Path) -> Message:
    cache = folder / "cache" / name
    cache.mkdir(parents=True, exist_ok=True)
    process = Process(setting.python, setting.threads, cache, folder / f"{name}.log")
    try:
        return process.ask("whole", contestant=name, **openings)
    finally:
        process.end()


def _line(runs: list[Message], task: Task) -> dict[str, Any]:
    warm = [run["seconds"] for run in runs[1:]]
    reached = min(run["accuracy"] for run in runs)
    return {
        "cold_s": runs[0]["seconds"],
        "warm_s": statistics.median(warm),
        "fastest_s": min(warm),
        "import_s": statistics.median(run["import_s"] for run in runs),
        "accuracy": reached,
        "reached": reached >= task.accuracy,
    }
