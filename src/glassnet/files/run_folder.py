"""The folder a run leaves behind: model, history, facts, report."""

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
from ..train import History, Run, writable_folder
from .atomic import write_atomically
from .model_file import NAME, save

HISTORY, FACTS = "history.csv", "run.json"


def save_run(run: Run, folder: str | os.PathLike[str]) -> Path:
    """Writes the run folder and returns its path; each file is replaced whole.

    - `model.safetensors`: the network, with what its inputs and outputs mean;
    - `history.csv`: a row an epoch;
    - `run.json`: what was trained on what, with which settings, and the result;
    - `report.html`: the same to look at; left out, with a warning, where its libraries are missing.

    Raises:
        OutputError: the folder cannot be written.
    """
    path = writable_folder(folder)
    save(run, path / NAME)
    write_atomically(path / HISTORY, run.history.csv().encode())
    facts = json.dumps(run.facts(), indent=2, ensure_ascii=False) + "\n"
    write_atomically(path / FACTS, facts.encode())
    _report(run, path / "report.html")
    return path


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run folder says of its run.

    Attributes:
        history: a row an epoch.
        facts: what was trained on what, as `Run.facts` has it.
    """

    history: History
    facts: Mapping[str, Any]


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
    return Kept(history, facts)


def _report(run: Run, path: Path) -> None:
    if "report" not in HOOKS:  # glassnet.view was not loaded
        return
    try:
        run.report(path)
    except MissingDependencyError as error:
        warnings.warn(f"no report: {error}", GlassnetWarning, stacklevel=4)


HOOKS["save_run"] = save_run
