"""How good whole trainings become, on rows kept apart, and how long they take."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .contestants import RECIPED
from .material import START, read_idx
from .process import Process
from .protocol import ContestantError, Message
from .race import Report, Setting
from .recipes import RECIPES, Recipe

Array = np.ndarray[Any, Any]
SEEDS = (0, 1, 2)
LENGTH = 64  # of the windows into the text
WINDOWS = 24_000  # drawn from its first nine tenths
DRAWN = 240  # from its last tenth: 20 batches of 12, as nanoGPT estimates its loss


def measure(
    names: list[str], setting: Setting, data: Path, folder: Path, say: Report
) -> Iterator[dict[str, Any]]:
    """The results so far after each recipe; every training has a process of its own."""
    found: dict[str, Any] = {}
    for name in names:
        recipe = RECIPES[name]
        place = folder / f"accuracy-{name}"
        place.mkdir(parents=True)
        runs: dict[str, list[Message]] = {who: [] for who in RECIPED}
        for seed in SEEDS:
            make(recipe, seed, data).tofile(place)
            for who in RECIPED:
                runs[who].append(_run(who, recipe, seed, setting, place))
                say(f"{name}, seed {seed}, {who}: {_told(runs[who][-1])}")
        lines = {who: _line(RECIPED[who].label, done) for who, done in runs.items()}
        found[name] = {"title": title(recipe), "goal": recipe.goal, "contestants": lines}
        yield found


def title(recipe: Recipe) -> str:
    epochs = f"{WINDOWS // recipe.batch:,} steps" if recipe.is_text else f"{recipe.epochs} epochs"
    return f"{recipe.title}, batch {recipe.batch}, {epochs}"


class Lesson(dict[str, Array]):
    """Inputs and targets to learn from and to be judged by, and the initial parameters."""

    def tofile(self, folder: Path) -> None:
        np.savez(folder / "lesson.npz", **self)


def make(recipe: Recipe, seed: int, data: Path) -> Lesson:
    """What everybody learns from with this seed; FileNotFoundError where there are no such data."""
    from .contestants.glassnet_recipe import build

    parts = _text(data, seed) if recipe.is_text else _images(data)
    start = build(recipe, seed).named_parameters()
    return Lesson(parts | {START + name: p.numpy() for name, p in start.items()})


def _images(folder: Path) -> dict[str, Array]:
    found = {}
    for part, what in (("train", ""), ("valid", "test_")):
        pixels = read_idx(folder / f"{part}-images-idx3-ubyte.gz")
        found[what + "inputs"] = (pixels / np.float32(255)).astype(np.float32)[..., None]
        found[what + "targets"] = read_idx(folder / f"{part}-labels-idx1-ubyte.gz").astype(np.int64)
    return found


def _text(folder: Path, seed: int) -> dict[str, Array]:
    """Windows at random places to learn from; all of the last tenth, and some places in it."""
    raw = np.frombuffer((folder.parent / "tinyshakespeare.txt").read_bytes(), np.uint8)
    symbols, numbers = np.unique(raw, return_inverse=True)
    tokens = numbers.astype(np.int64)
    cut = len(tokens) * 9 // 10
    rng = np.random.default_rng(seed)
    places = rng.integers(0, cut - LENGTH, WINDOWS)
    drawn = rng.integers(cut, len(tokens) - LENGTH, DRAWN)
    held = np.arange(cut, len(tokens) - LENGTH, LENGTH)
    span = np.arange(LENGTH)
    found = {"symbols": symbols}
    for what, starts in (("", places), ("test_", held), ("drawn_", drawn)):
        at = starts[:, None] + span
        found |= {what + "inputs": tokens[at], what + "targets": tokens[at + 1]}
    return found


def _run(who: str, recipe: Recipe, seed: int, setting: Setting, folder: Path) -> Message:
    cache = folder / "cache" / who
    cache.mkdir(parents=True, exist_ok=True)
    process = Process(setting.python, setting.threads, cache, folder / f"{who}.log")
    details = {"recipe": recipe.json(), "lesson": str(folder / "lesson.npz"), "seed": seed}
    try:
        return process.ask("learn", contestant=who, threads=setting.threads, **details)
    except ContestantError as error:
        return {"error": str(error)}
    finally:
        process.end()


def _line(label: str, runs: list[Message]) -> dict[str, Any]:
    failed = [run["error"] for run in runs if "error" in run]
    if failed:
        return {"label": label, "error": failed[0]}
    line: dict[str, Any] = {"label": label, "reached": [run["reached"] for run in runs]}
    line["seconds"] = statistics.median(run["seconds"] for run in runs)
    if "estimated" in runs[0]:
        line["estimated"] = [run["estimated"] for run in runs]
    if "text" in runs[0]:
        line["text"] = runs[0]["text"]
    return line


def _told(run: Message) -> str:
    """A run's numbers, and below them what it wrote."""
    numbers = {key: value for key, value in run.items() if key != "text"}
    return str(numbers) + ("\n" + run["text"] if "text" in run else "")
