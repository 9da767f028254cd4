"""The folder a run leaves behind: model, history, facts, report."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path

from ..errors import GlassnetWarning, MissingDependencyError
from ..tensor import HOOKS
from ..train import Run, writable_folder
from .atomic import write_atomically
from .model_file import NAME, save


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
    write_atomically(path / "history.csv", run.history.csv().encode())
    facts = json.dumps(run.facts(), indent=2, ensure_ascii=False) + "\n"
    write_atomically(path / "run.json", facts.encode())
    _report(run, path / "report.html")
    return path


def _report(run: Run, path: Path) -> None:
    if "report" not in HOOKS:  # glassnet.view was not loaded
        return
    try:
        run.report(path)
    except MissingDependencyError as error:
        warnings.warn(f"no report: {error}", GlassnetWarning, stacklevel=4)


HOOKS["save_run"] = save_run
