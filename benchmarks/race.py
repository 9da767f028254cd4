"""Interleaved rounds: in each everybody runs once, in an order of its own, the others stopped."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .distance import FAR, Distance
from .machine import Foreign
from .process import Process
from .protocol import ContestantError, Message

Report = Callable[[str], None]
DISTURBED = 0.15  # cores that others took while something was measured; the clock ticks coarsely
TRIES = 3


@dataclass(frozen=True)
class Setting:
    """How contestants are run: interpreter, threads, seconds a measurement, rounds."""

    python: str
    threads: int = 2
    seconds: float = 0.3
    rounds: int = 7


@dataclass
class Entrant:
    """A contestant in a race, and what was measured of it so far."""

    name: str
    process: Process
    facts: dict[str, Any] = field(default_factory=dict)
    runs: list[Message] = field(default_factory=list)
    error: str = ""

    @property
    def microseconds(self) -> list[float]:
        """A step's time in each round."""
        return [1e6 * run["seconds"] / run["steps"] for run in self.runs]

    @property
    def places(self) -> list[str | None]:
        """Where the cores were in each round: near each other or far; None if both, or unknown."""
        return [place(run["turns_ns"]) for run in self.runs]


def race(
    names: list[str], openings: Mapping[str, Any], setting: Setting, folder: Path, say: Report
) -> dict[str, Entrant]:
    """Opens all contestants one after another, then measures them in rounds.

    Args:
        names: of the contestants.
        openings: what `open` is asked with, the contestant's name apart.
        folder: for caches and logs.
    """
    with entrants(names, setting, folder) as field_:
        for entrant in field_.values():
            _attempt(entrant, lambda e: _enter(e, openings, setting))
            say(f"  {entrant.name}: {entrant.error or 'ready'}")
        distance = Distance()
        before = distance()
        for number in range(setting.rounds):
            order = [e for e in field_.values() if not e.error]
            random.Random(number).shuffle(order)
            for entrant in order:
                _attempt(entrant, _measure)
                after = distance()
                if not entrant.error:
                    entrant.runs[-1]["turns_ns"] = [before, after]
                before = after
        for entrant in field_.values():
            if not entrant.error:
                _attempt(entrant, lambda e: e.facts.update(e.process.ask("memory")))
        return field_


@contextmanager
def entrants(names: list[str], setting: Setting, folder: Path) -> Iterator[dict[str, Entrant]]:
    """A process for each, stopped; all are ended at the end, whatever happens."""
    started: dict[str, Entrant] = {}
    try:
        for name in names:
            cache = folder / "cache" / name
            cache.mkdir(parents=True, exist_ok=True)
            process = Process(setting.python, setting.threads, cache, folder / f"{name}.log")
            process.pause()
            started[name] = Entrant(name, process)
        yield started
    finally:
        for entrant in started.values():
            entrant.process.end()


def _attempt(entrant: Entrant, act: Callable[[Entrant], None]) -> None:
    """Acts with only this contestant awake; a failure puts it out of the race, not the others."""
    entrant.process.resume()
    try:
        act(entrant)
    except ContestantError as error:
        entrant.error = str(error)
    finally:
        entrant.process.pause()


def _enter(entrant: Entrant, openings: Mapping[str, Any], setting: Setting) -> None:
    entrant.facts |= entrant.process.ask("open", contestant=entrant.name, **openings)
    entrant.facts |= entrant.process.ask("calibrate", seconds=setting.seconds)


def _measure(entrant: Entrant) -> None:
    """One measurement; one that others disturbed is repeated, and the least disturbed kept."""
    runs: list[Message] = []
    while len(runs) < TRIES and (not runs or _disturbance(runs[-1]) > DISTURBED):
        foreign = Foreign()
        run = entrant.process.ask("run")
        runs.append({**run, "foreign": foreign.cores(run["cpu_s"])})
    entrant.runs.append(min(runs, key=_disturbance))


def _disturbance(run: Message) -> float:
    return run["foreign"] or 0.0


def place(turns: list[float | None]) -> str | None:
    """What the turns before and after a run say of where the cores were: "near", "far", or None."""
    known = {turn > FAR for turn in turns if turn is not None}
    return None if len(known) != 1 else "far" if True in known else "near"


def summary(times: list[float]) -> dict[str, float]:
    """Median and spread: the quartiles, and the fastest."""
    low, _, high = statistics.quantiles(times, n=4) if len(times) > 1 else times * 3
    middle = statistics.median(times)
    return {"median": middle, "low": low, "high": high, "fastest": min(times)}


def ratio(peer: list[float], ours: list[float]) -> float:
    """How many times faster ours is: the median over the rounds of the quotient in each."""
    return statistics.median(p / o for p, o in zip(peer, ours, strict=True))
