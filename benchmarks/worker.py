"""A contestant's process: answers the runner over stdin and stdout until asked to close."""

from __future__ import annotations

import math
import os
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from .contestants import ENTRIES, RECIPED
from .contestants.base import Contestant, accuracy
from .machine import end_with_parent, peak_memory, pin
from .material import START, Material
from .protocol import Message, serve
from .recipes import Recipe
from .rows import Row, from_json

COMPARED = 12  # steps of each measurement whose losses are compared; no measurement has fewer
CHUNK = 2048  # steps prepared at once; longer measurements repeat them, training going on


class Worker:
    """One contestant on one row."""

    contestant: Contestant
    steps = COMPARED
    repeats = 1

    def open(self, contestant: str, row: dict[str, Any], material: str, threads: int) -> Message:
        """Imports, builds and takes the first step, each with a clock beside it."""
        entry = ENTRIES[contestant]
        given = Material.load(Path(material), from_json(row))
        start = time.perf_counter()
        kind = entry.load()
        imported = time.perf_counter()
        self.contestant = kind(given, threads)
        self.contestant.prepare(1)
        loss = float(self.contestant.losses(self.contestant.run())[0])
        return {
            "import_s": imported - start,
            "first_s": time.perf_counter() - imported,
            "first_loss": loss,
            "versions": {name: metadata.version(name) for name in entry.packages},
            "flags": self.contestant.flags,
            "note": self.contestant.note,
        }

    def calibrate(self, seconds: float) -> Message:
        """The fastest thread count, and how many steps fill a measurement."""
        speeds = {}
        for threads in self.contestant.choices():
            self.contestant.use_threads(threads)
            speeds[threads] = self._speed(seconds)
        best = min(speeds, key=lambda threads: speeds[threads])
        self.contestant.use_threads(best)
        wanted = max(COMPARED, math.ceil(1.1 * seconds / speeds[best]))
        self.repeats = math.ceil(wanted / CHUNK)
        self.steps = math.ceil(wanted / self.repeats)
        self.contestant.prepare(self.steps)
        self.run()  # a compiler that wants the number of steps gets it before anything is measured
        return {"steps": self.steps * self.repeats, "threads": best, "tried": len(speeds)}

    def _speed(self, seconds: float) -> float:
        """Seconds a step, from ever longer runs."""
        steps = 1
        while True:
            self.contestant.prepare(steps)
            self.contestant.run()
            took = min(self._seconds() for _ in range(3))
            if took >= seconds / 4 or steps >= CHUNK:
                return took / steps
            steps = min(CHUNK, 4 * steps)

    def _seconds(self) -> float:
        start = time.perf_counter()
        self.contestant.run()
        return time.perf_counter() - start

    def run(self) -> Message:
        """One measurement, from the initial weights."""
        contestant = self.contestant
        contestant.restart()
        processor, start = time.process_time(), time.perf_counter()
        raw = [contestant.run() for _ in range(self.repeats)]
        seconds = time.perf_counter() - start
        processor = time.process_time() - processor
        losses = contestant.losses(raw[0])
        return {
            "seconds": seconds,
            "steps": self.steps * self.repeats,
            "cpu_s": processor,
            "losses": [float(loss) for loss in losses[:COMPARED]],
            "last_loss": float(contestant.losses(raw[-1])[-1]),
        }

    def whole(self, contestant: str, row: dict[str, Any], material: str, threads: int) -> Message:
        """From arrays in memory to the trained network: build, compile, every step; then a test.

        The networks are small: with a choice of threads, one is the better.
        """
        plain = Row.from_json(row)
        given = Material.load(Path(material), plain)
        assert given.test is not None
        start = time.perf_counter()
        kind = ENTRIES[contestant].load()
        imported = time.perf_counter()
        trained = kind(given, threads)
        trained.use_threads(min(trained.choices()))
        trained.prepare(len(given.batches))
        trained.run()
        seconds = time.perf_counter() - imported
        right = accuracy(trained.weights(), plain.activation, *given.test)
        return {"import_s": imported - start, "seconds": seconds, "accuracy": right}

    def learn(
        self, contestant: str, recipe: dict[str, Any], lesson: str, threads: int, seed: int
    ) -> Message:
        """From arrays in memory to the network that a recipe trains; then how good it is.

        Of a text also the loss in windows drawn at random, and what the network writes.
        """
        plan = Recipe(**recipe)
        with np.load(lesson, allow_pickle=False) as stored:
            given = dict(stored)
        names = [name for name in given if name.startswith(START)]
        start = {name.removeprefix(START): given.pop(name) for name in names}
        module = RECIPED[contestant].module()
        began = time.perf_counter()
        trained = module.train(plan, given["inputs"], given["targets"], start, threads, seed)
        seconds = time.perf_counter() - began
        reached = module.judge(plan, trained, given["test_inputs"], given["test_targets"])
        answer: Message = {"seconds": seconds, "reached": reached}
        if plan.is_text:
            drawn = given["drawn_inputs"], given["drawn_targets"]
            answer["estimated"] = module.judge(plan, trained, *drawn)
            if hasattr(module, "write"):
                answer["text"] = module.write(trained, given["symbols"], seed)
        return answer

    def memory(self) -> Message:
        return {"peak_mib": peak_memory()}


def main(threads: int) -> None:
    """Serves on the real stdout; whatever a library prints goes to stderr."""
    end_with_parent()
    pin(threads)
    with os.fdopen(os.dup(1), "w") as outgoing:
        os.dup2(2, 1)
        worker = Worker()
        answers = {
            "open": worker.open,
            "calibrate": worker.calibrate,
            "run": worker.run,
            "memory": worker.memory,
            "whole": worker.whole,
            "learn": worker.learn,
        }
        serve(sys.stdin, outgoing, answers)


if __name__ == "__main__":
    main(int(sys.argv[1]))
