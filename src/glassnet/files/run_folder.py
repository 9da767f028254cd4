"""The folder a run leaves behind: model, history, facts, statistics, report."""

from __future__ import annotations

import csv
import json
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import FileFormatError, GlassnetWarning, MissingDependencyError
from ..tensor import HOOKS
from ..train import History, Run, Statistics, writable_folder
from .atomic import write_atomically
from .container import Kind, read_container, write_container
from .model_file import NAME, save

HISTORY, FACTS, STATISTICS = "history.csv", "run.json", "statistics.safetensors"
FORMAT, VERSION = "glassnet-statistics", 1
KIND = Kind("statistics of a run", "fit(…, statistics=True, out=…)", "delete it, or train anew")


def save_run(run: Run, folder: str | os.PathLike[str]) -> Path:
    """Writes the run folder and returns its path; each file is replaced whole.

    - `model.safetensors`: the network, with what its inputs and outputs mean;
    - `history.csv`: a row an epoch;
    - `run.json`: what was trained on what, with which settings, and the result;
    - `statistics.safetensors`: what `fit(…, statistics=True)` measured, where it did;
    - `report.html`: the same to look at; left out, with a warning, where its libraries are missing.

    Raises:
        OutputError: the folder cannot be written.
    """
    path = writable_folder(folder)
    save(run, path / NAME)
    write_atomically(path / HISTORY, run.history.csv().encode())
    facts = json.dumps(run.facts(), indent=2, ensure_ascii=False) + "\n"
    write_atomically(path / FACTS, facts.encode())
    _save_statistics(run.statistics, path / STATISTICS)
    _report(run, path / "report.html")
    return path


def _save_statistics(statistics: Statistics | None, path: Path) -> None:
    """Writes them; those of a run that was in the folder before go away in any case."""
    if statistics is None or not len(statistics):
        path.unlink(missing_ok=True)
        return
    facts = {"format": FORMAT, "version": VERSION, **statistics.facts()}
    write_container(path, statistics.arrays(), facts)


def _read_statistics(path: Path) -> Statistics | None:
    """Those in a run folder, if any."""
    if not path.exists():
        return None
    arrays, facts = read_container(path, KIND)
    try:
        if (facts["format"], facts["version"]) != (FORMAT, VERSION):
            raise ValueError(f"{facts['format']!r}, version {facts['version']!r}")
        return Statistics.read(arrays, facts)
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise FileFormatError(
            f"{path} is damaged",
            expected=f"a file written by {KIND.writer}, version {VERSION}",
            received=str(error)[:200],
            mend=KIND.mend,
        ) from error


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run folder says of its run.

    Attributes:
        history: a row an epoch.
        facts: what was trained on what, as `Run.facts` has it.
        statistics: of weights, gradients, updates and activations, where they were measured.
    """

    history: History
    facts: Mapping[str, Any]
    statistics: Statistics | None = None


def read_run(folder: str | os.PathLike[str]) -> Kept:
    """What `fit(…, out=folder)` or `run.save(folder)` wrote down.

    Raises:
        FileFormatError: it is no run folder, or a file in it is damaged.
    """
    path, history = Path(folder), History()
    try:
        facts = json.loads((path / FACTS).read_text(encoding="utf-8"))
        with (path / HISTORY).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                history.append({name: float(value) for name, value in row.items()})
        if not isinstance(facts, dict):
            raise ValueError("run.json holds no facts")
    except (OSError, ValueError, TypeError) as error:
        raise FileFormatError(
            f"{path} is no run folder",
            expected="a folder with history.csv and run.json, as fit(…, out=…) writes them",
            received=str(error)[:200],
        ) from error
    return Kept(history, facts, _read_statistics(path / STATISTICS))


def _report(run: Run, path: Path) -> None:
    if "report" not in HOOKS:  # glassnet.view was not loaded
        return
    try:
        run.report(path)
    except MissingDependencyError as error:
        warnings.warn(f"no report: {error}", GlassnetWarning, stacklevel=4)


HOOKS["save_run"] = save_run
