"""What statistics cost: the same training with and without them, epoch for epoch."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .material import read_idx
from .process import ROOT, environment
from .race import Report, Setting

EVERY = 50  # steps between two readings


@dataclass(frozen=True)
class Task:
    """A training: its data, network and size of batch, how many epochs of it are timed, how often.

    The shorter it is, the more one disturbance counts, and the more pairs a round has.
    """

    title: str
    batch: int
    epochs: int
    pairs: int


TASKS = {
    "digits": Task("digits, 64-128-64-10 ReLU, batch 32, AdamW", 32, 200, 5),
    "lenet": Task("MNIST, LeNet, batch 64, AdamW", 64, 4, 1),
}


def measure(setting: Setting, mnist: Path, folder: Path, say: Report) -> dict[str, Any]:
    """Every task in a process of its own, with glassnet alone."""
    found = {}
    for name, task in TASKS.items():
        say(f"readings {name}")
        command = [sys.executable, "-m", "benchmarks.readings", name, str(mnist)]
        done = subprocess.run(
            [*command, str(setting.rounds)], cwd=ROOT, env=environment(setting.threads, folder),
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        found[name] = {"title": task.title, "every": EVERY, **json.loads(done.stdout)}
    return found


def compared(name: str, mnist: Path, rounds: int) -> dict[str, Any]:
    """Median milliseconds of an epoch and of the beginning, without and with statistics.

    The first epoch counts for the beginning: it compiles the step, or finds it in the cache.
    """
    times: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    for number in range(1 + rounds * TASKS[name].pairs):
        for measured in (False, True) if number % 2 else (True, False):
            seconds = _seconds(name, mnist, measured)
            if number:  # the first pair fills the cache
                usual = statistics.median(seconds[1:])
                times[measured].append((usual, seconds[0] - usual))
    pairs = zip(times[False], times[True], strict=True)
    return {
        "epoch_ms": [1e3 * statistics.median(usual for usual, _ in own) for own in times.values()],
        "start_ms": [1e3 * statistics.median(start for _, start in own) for own in times.values()],
        "share": statistics.median(beside[0] / alone[0] - 1 for alone, beside in pairs),
    }


def _seconds(name: str, mnist: Path, measured: bool) -> list[float]:
    """Of each epoch."""
    import glassnet as gn
    from glassnet import data, models, nn, optim

    task, rows = TASKS[name], data.digits()
    layers = nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)
    network: nn.Module = nn.Sequential(*layers)
    if name == "lenet":
        rows, network = data.Dataset(*_images(mnist)), models.lenet()
    run = gn.fit(
        network, rows, optimizer=optim.AdamW(lr=0.003), epochs=task.epochs, seed=0,
        batch_size=task.batch, progress=False, statistics=measured, watch_every=EVERY,
    )  # fmt: skip
    return run.history.column("seconds")


def _images(folder: Path) -> Any:
    """MNIST's images, or noise of their shape where there are none."""
    import numpy as np

    if not folder.is_dir():
        rng = np.random.default_rng(0)
        return rng.integers(0, 256, (7000, 28, 28, 1)).astype("u1"), rng.integers(0, 10, 7000)
    images = read_idx(folder / "train-images-idx3-ubyte.gz")[..., None]
    return images, read_idx(folder / "train-labels-idx1-ubyte.gz").astype(np.int64)


if __name__ == "__main__":
    print(json.dumps(compared(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))
