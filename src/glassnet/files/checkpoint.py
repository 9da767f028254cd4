"""A training under way on disk, in the format of a model file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileFormatError
from ..tensor import HOOKS
from .container import Kind, read_container, write_container

Array = np.ndarray[Any, Any]
FORMAT = "glassnet-checkpoint"
VERSION = 1
CHECKPOINT = Kind("a checkpoint of glassnet", "fit(…, checkpoint=…)", "delete it to begin anew")


def save_checkpoint(
    path: str | os.PathLike[str], arrays: Mapping[str, Array], facts: Mapping[str, Any]
) -> Path:
    """Writes the file, whole or not at all.

    Raises:
        OutputError: it cannot be written; the checkpoint before it is still there.
    """
    return write_container(path, arrays, {"format": FORMAT, "version": VERSION, **facts})


def load_checkpoint(path: str | os.PathLike[str]) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays and the facts that `save_checkpoint` wrote.

    Raises:
        FileFormatError: no checkpoint, truncated or damaged.
    """
    arrays, facts = read_container(path, CHECKPOINT)
    if (facts.get("format"), facts.get("version")) != (FORMAT, VERSION):
        raise FileFormatError(
            f"{Path(path)} is no checkpoint of this version",
            expected=f'the format "{FORMAT}", version {VERSION}',
            received=f"{facts.get('format')!r}, version {facts.get('version')!r}"[:80],
            mend="delete it to begin anew, or go on with the glassnet that wrote it",
        )
    return arrays, facts


HOOKS["save_checkpoint"] = save_checkpoint
HOOKS["load_checkpoint"] = load_checkpoint
