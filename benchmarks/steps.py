"""The rows from start to finish: material, race, agreement, costs of the first step."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import agreement, peak
from .contestants import CONTESTANTS, NETWORKS, OURS, TRAINED, Entry
from .material import make
from .networks import NetworkRow
from .process import Process
from .protocol import ContestantError
from .race import Entrant, Report, Setting, race, ratio, summary
from .rows import ALL_ROWS, AnyRow
from .worker import COMPARED

Results = dict[str, Any]


def measure(
    rows: list[AnyRow], names: list[str], setting: Setting, mnist: Path, folder: Path, say: Report
) -> Iterator[Results]:
    """The results so far after each row; the machine's peak is taken before and after each."""
    highest = peak.measured_by(setting.python, setting.threads, folder)
    found: dict[str, Results] = {}
    for row in rows:
        say(f"{row.name}: {row.title}")
        found[row.name] = measure_row(row, names, setting, mnist, folder / row.name, say)
        highest = peak.best(highest, peak.measured_by(setting.python, setting.threads, folder))
        for name, measured in found.items():
            _against_peak(ALL_ROWS[name], measured, highest["gflops"][str(setting.threads)])
        yield {"peak": highest, "rows": found}


def measure_row(
    row: AnyRow, names: list[str], setting: Setting, mnist: Path, folder: Path, say: Report
) -> Results:
    """One row: everybody's time, agreement with the reference, memory, first step cold and warm."""
    folder.mkdir(parents=True, exist_ok=True)
    fitting = NETWORKS if isinstance(row, NetworkRow) else CONTESTANTS
    names = [name for name in names if name in fitting]
    material, source = make(row, mnist)
    path = folder / "material.npz"
    material.save(path)
    openings = {"row": row.json(), "material": str(path), "threads": setting.threads}
    entrants = race(names, openings, setting, folder, say)
    warm = {
        name: first_step(name, openings, setting, folder)
        for name, entrant in entrants.items()
        if not entrant.error
    }
    exact = agreement.reference(material, COMPARED)
    lines = {
        name: {**line(TRAINED[name], entrant, exact), "first_warm_s": warm.get(name)}
        for name, entrant in entrants.items()
    }
    return {
        "title": row.title,
        "data": source,
        "flop": row.flop,
        "contestants": lines,
        **verdict(lines),
    }


def first_step(name: str, openings: dict[str, Any], setting: Setting, folder: Path) -> float | None:
    """Seconds to the first step's loss in a new process that finds a filled cache."""
    cache = folder / "cache" / name
    process = Process(setting.python, setting.threads, cache, folder / f"{name}.log")
    try:
        return float(process.ask("open", contestant=name, **openings)["first_s"])
    except ContestantError:
        return None
    finally:
        process.end()


def line(entry: Entry, entrant: Entrant, exact: agreement.Array) -> Results:
    """What was measured of a contestant, ready for JSON."""
    if entrant.error or not entrant.runs:
        return {"label": entry.label, "error": entrant.error or "no rounds"}
    facts, runs = entrant.facts, entrant.runs
    away = max(agreement.difference(run["losses"], exact) for run in runs)
    foreign = [run["foreign"] for run in runs if run["foreign"] is not None]
    return {
        "label": entry.label,
        "microseconds": summary(entrant.microseconds),
        "rounds": entrant.microseconds,
        "turns_ns": [run["turns_ns"] for run in runs],
        "places": entrant.places,
        "steps": facts["steps"],
        "threads": facts["threads"],
        "difference": away,
        "agrees": all(agreement.agrees(run["losses"], exact) for run in runs),
        "losses": runs[0]["losses"],
        "last_loss": runs[0]["last_loss"],
        "foreign_cores": sum(foreign) / len(foreign) if foreign else None,
        "first_cold_s": facts["first_s"],
        "import_s": facts["import_s"],
        "peak_mib": facts["peak_mib"],
        "versions": facts["versions"],
        "flags": facts["flags"],
        "note": facts["note"],
    }


def verdict(lines: Results) -> Results:
    """The fastest peer, the fastest of ours, and how many times faster ours is."""
    finished = {name: found for name, found in lines.items() if "error" not in found}

    def fastest(names: list[str]) -> str | None:
        return min(names, key=lambda n: finished[n]["microseconds"]["median"], default=None)

    peer = fastest([name for name in finished if name not in OURS])
    ours = fastest([name for name in finished if name in OURS])
    if peer is None or ours is None:
        return {"fastest_peer": peer, "ours": ours, "times_faster": None}
    pair = finished[peer], finished[ours]
    times = ratio(pair[0]["rounds"], pair[1]["rounds"])
    where = {place: _where(place, *pair) for place in ("near", "far")}
    return {"fastest_peer": peer, "ours": ours, "times_faster": times, "where": where}


def _where(place: str, peer: Results, ours: Results) -> Results:
    """The rounds in which the cores were near each other, or far, for both."""
    alike = [i for i, places in enumerate(zip(peer["places"], ours["places"], strict=True))
             if set(places) == {place}]  # fmt: skip
    if not alike:
        return {"rounds": 0}
    theirs, own = ([found["rounds"][i] for i in alike] for found in (peer, ours))
    turns = [turn for i in alike for found in (peer, ours) for turn in found["turns_ns"][i]]
    return {
        "rounds": len(alike),
        "times_faster": ratio(theirs, own),
        "peer": statistics.median(theirs),
        "ours": statistics.median(own),
        "turn_ns": statistics.median(turns),
    }


def _against_peak(row: AnyRow, found: Results, gflops: float) -> None:
    for measured in found["contestants"].values():
        if "error" not in measured:
            reached = row.flop / measured["microseconds"]["median"] / 1e3
            measured |= {"gflops": reached, "of_peak": reached / gflops}
