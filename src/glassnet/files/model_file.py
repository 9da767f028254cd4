"""A network on disk: its numbers, and its architecture as data."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import FileFormatError, GlassnetError
from ..models import LIBRARY
from ..nn import Module, build
from ..train import Predictor, Run
from .container import read_container, write_container

FORMAT = "glassnet-model"
VERSION = 1
NAME = "model.safetensors"  # in a run folder
AGAIN = "copy or download it again, or train anew"


def save(model: Module | Predictor | Run, path: str | os.PathLike[str]) -> Path:
    """Writes a model to a file, whole or not at all; returns the path.

    A run or a predictor is saved with what its inputs and outputs mean: classes, features,
    standardiser. The file is in the safetensors format; its metadata holds the architecture as
    JSON. It can never name code.

    Args:
        model: a module, a predictor, or a run.
        path: of the file, such as "spiral.gn"; an older file is replaced.

    Raises:
        OutputError: it cannot be written; an older file is still there.

    >>> import tempfile, glassnet as gn
    >>> from glassnet import files, nn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = files.save(nn.Linear(2, 3, seed=0), folder + "/layer.gn")
    ...     print(files.load(path))
    Linear(in_features=2, out_features=3)
    """
    predictor = model.predictor if isinstance(model, Run) else model
    network = predictor.model if isinstance(predictor, Predictor) else predictor
    description = {
        "format": FORMAT,
        "version": VERSION,
        "architecture": network.config(),
        "predictor": predictor.facts() if isinstance(predictor, Predictor) else None,
    }
    arrays = {name: tensor.numpy() for name, tensor in network.named_parameters().items()}
    return write_container(path, arrays, description)


def load(path: str | os.PathLike[str], classes: Iterable[type[Module]] = ()) -> Module:
    """The network that `save` wrote.

    Args:
        path: of the file, or of a run folder.
        classes: your own modules that the network is made of.

    Raises:
        FileFormatError: no model, truncated or damaged, or made of classes that are not known.
    """
    return _read(path, classes)[0]


def load_predictor(path: str | os.PathLike[str], classes: Iterable[type[Module]] = ()) -> Predictor:
    """The network with what its inputs and outputs mean, as saved from a run.

    Args:
        path: of the file, or of a run folder.
        classes: your own modules that the network is made of.

    Raises:
        FileFormatError: as for `load`; or the file holds a network alone.
    """
    model, facts = _read(path, classes)
    if facts is None:
        raise FileFormatError(
            f"{Path(path)} holds a network, but not what its inputs and outputs mean",
            expected="a file saved from a run",
            received="a file saved from a module",
            mend="gn.save(run, path); or compute with gn.load(path).predict(x)",
        )
    try:
        return Predictor.from_facts(model, facts)
    except GlassnetError as error:
        raise _unusable(path, error) from error


def _read(
    path: str | os.PathLike[str], classes: Iterable[type[Module]]
) -> tuple[Module, dict[str, Any] | None]:
    path = Path(path) / NAME if Path(path).is_dir() else Path(path)
    arrays, description = read_container(path)
    _check_version(path, description)
    facts = description.get("predictor")
    try:
        model = build(description["architecture"], [*LIBRARY, *classes]).load_parameters(arrays)
    except FileFormatError as error:
        error.where = ", ".join(part for part in (str(path), error.where) if part)
        error.mend = error.mend or AGAIN
        raise
    except (GlassnetError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unusable(path, error) from error
    return model, facts if isinstance(facts, dict) else None


def _check_version(path: Path, description: dict[str, Any]) -> None:
    name, version = description.get("format"), description.get("version")
    if name != FORMAT:
        raise FileFormatError(
            f"{path} is not a model of glassnet",
            expected=f'the format "{FORMAT}"',
            received=repr(name)[:60],
            mend="give the path of a model file or of a run folder",
        )
    if version != VERSION:
        raise FileFormatError(
            f"{path} is written in another version of the format",
            expected=f"version {VERSION}",
            received=f"version {version!r}"[:60],
            mend="install a newer glassnet, or save the model again with this one",
        )


def _unusable(path: str | os.PathLike[str], error: Exception) -> FileFormatError:
    received = str(error).partition("\n")[0] or repr(error)
    return FileFormatError(
        f"{Path(path)} does not describe a network that fits its numbers",
        expected="a file written by gn.save(model, path)",
        received=received[:200],
        mend=AGAIN,
    )
