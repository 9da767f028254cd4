"""`load`: data by name, or by the path of a file or folder, which is read as what it is."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import ArgumentError, FileFormatError, did_you_mean
from ..tensor import Seed
from .arrays import npz
from .dataset import Dataset
from .idx import idx, idx_parts
from .images import ENDINGS as IMAGES
from .images import images
from .mapped import FILES, mapped
from .mnist import fashion_mnist, mnist
from .points import circles, gaussians, moons, spiral, xor
from .shipped import digits, iris
from .surfaces import hills, plane
from .table import ENDINGS as TABLES
from .table import table
from .text import text

REAL: dict[str, Callable[[], Dataset]] = {"digits": digits, "iris": iris}
REMOTE: dict[str, Callable[..., Dataset]] = {"fashion-mnist": fashion_mnist, "mnist": mnist}
GENERATED: dict[str, Callable[..., Dataset]] = {
    "circles": circles,
    "gaussians": gaussians,
    "hills": hills,
    "moons": moons,
    "plane": plane,
    "spiral": spiral,
    "xor": xor,
}
NAMES: tuple[str, ...] = tuple(sorted((*REAL, *REMOTE, *GENERATED)))
TEXTS = (".txt", ".text", ".md")
Reader = Callable[..., Dataset]


def load(name: str | os.PathLike[str], *, seed: Seed = 0, **settings: Any) -> Dataset:
    """The data set of this name, or what a file or folder holds.

    | what | is read by |
    |---|---|
    | a name of `data.NAMES`, such as "digits" | itself |
    | a table: .csv, .tsv, .parquet | `table` |
    | arrays: .npz | `npz` |
    | a text: .txt, .md | `text` |
    | a folder of IDX files, as MNIST's | `idx` |
    | a folder with inputs.npy and targets.npy | `mapped` |
    | a folder with a folder of images for each class | `images` |

    Args:
        name: a name, or a path. A name wins; `./digits` is a path.
        seed: for generated data; real data is what it is.
        settings: of the function that reads it, such as `target` for a table.

    Raises:
        ArgumentError: neither; the nearest name is suggested. Or a setting that is not known.
        FileFormatError: a file or folder of no kind that is known, or a broken one.
        DataError: data that nothing can be learned from.

    >>> load("iris")
    Dataset("iris", 150 rows of (4,), classification into 3 classes)
    """
    if isinstance(name, str) and name in GENERATED:
        return _read(GENERATED[name], {"seed": seed, **settings})
    if isinstance(name, str) and name in {**REAL, **REMOTE}:
        return _read({**REAL, **REMOTE}[name], settings)
    path = Path(name)
    if not path.exists():
        raise ArgumentError(
            f'no data set "{name}"',
            expected="the name of a data set, or the path of a file or folder that is there",
            mend=did_you_mean(str(name), NAMES),
        )
    return _read(reader(path), settings, path)


def reader(path: Path) -> Reader:
    """The function that reads this file or folder.

    Raises:
        FileFormatError: it is of no kind that is known.
    """
    ending = path.suffix.lower()
    if path.is_dir():
        if idx_parts(path):
            return idx
        if all((path / name).exists() for name in FILES):
            return mapped
        return images
    if ending in TABLES:
        return table
    if ending == ".npz":
        return npz
    if ending in TEXTS:
        return text
    raise FileFormatError(
        f"{path.name} is of no kind that can be read",
        expected="a folder, or a name that ends in " + ", ".join([*TABLES, ".npz", *TEXTS]),
        received=ending or "no ending",
        mend="an image alone is no data set: give the folder of its class's folder"
        if ending in IMAGES
        else "",
    )


def _read(function: Reader, settings: dict[str, Any], *path: Path) -> Dataset:
    known = list(inspect.signature(function).parameters)[len(path) :]
    for name in settings:
        if name not in known:
            raise ArgumentError(
                f'there is no setting "{name}" for this data',
                expected=", ".join(known) or "no settings",
                received=f"{name}={settings[name]!r}",
                where=str(*path),
            )
    return function(*path, **settings)
