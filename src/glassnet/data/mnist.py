"""MNIST and Fashion-MNIST, fetched when they are first wanted."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

from ..engines.caches import cache_folder
from ..errors import ArgumentError, did_you_mean
from .dataset import Dataset
from .idx import idx
from .remote import Remote, remotes

Part = Literal["train", "test"]
PREFIX = {"train": "train", "test": "t10k"}
CLOTHES = (
    "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
    "ankle boot",
)  # fmt: skip

MNIST = remotes(
    (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    {
        "train-images-idx3-ubyte.gz": ("f68b3c2dcbeaaa9fbdd348bbdeb94873", 9_912_422),
        "train-labels-idx1-ubyte.gz": ("d53e105ee54ea40749a09fcbcd1e9432", 28_881),
        "t10k-images-idx3-ubyte.gz": ("9fb629c4189551a2d022fa330f9573f3", 1_648_877),
        "t10k-labels-idx1-ubyte.gz": ("ec29112dd5afa0611ce80d1b7f02629c", 4_542),
    },
)
FASHION_MNIST = remotes(
    (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    ),
    {
        "train-images-idx3-ubyte.gz": ("8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26_421_880),
        "train-labels-idx1-ubyte.gz": ("25c81989df183df01b3e8a0aad5dffbe", 29_515),
        "t10k-images-idx3-ubyte.gz": ("bef4ecab320f06d8554ea6380940ec79", 4_422_102),
        "t10k-labels-idx1-ubyte.gz": ("bb300cfdad3c16e7a12a480ee83cd310", 5_148),
    },
)


def mnist(part: Part = "train", *, folder: str | os.PathLike[str] | None = None) -> Dataset:
    """70,000 images of handwritten digits, 28×28 pixels in grey, ten classes.

    Inputs (60000, 28, 28, 1) to learn from, or (10000, 28, 28, 1) to be tested on, as bytes. The
    first call fetches 12 MB into the folder.

    Args:
        part: "train" or "test".
        folder: where the files are kept; this user's folder for caches when left out.

    Raises:
        DownloadError: the files are not there and cannot be fetched.

    Source: LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist/, CC BY-SA 3.0.
    """
    return _load("mnist", MNIST, part, folder, tuple("0123456789"))


def fashion_mnist(part: Part = "train", *, folder: str | os.PathLike[str] | None = None) -> Dataset:
    """70,000 images of clothes, 28×28 pixels in grey, ten classes; as `mnist`, and harder.

    The first call fetches 31 MB into the folder.

    Source: Xiao, Rasul and Vollgraf, 2017, https://github.com/zalandoresearch/fashion-mnist, MIT.
    """
    return _load("fashion-mnist", FASHION_MNIST, part, folder, CLOTHES)


def _load(
    name: str,
    files: dict[str, Remote],
    part: Part,
    folder: str | os.PathLike[str] | None,
    classes: tuple[str, ...],
) -> Dataset:
    if part not in get_args(Part):
        raise ArgumentError(f'there is no part "{part}"', mend=did_you_mean(part, get_args(Part)))
    from .download import fetch  # with Python's libraries for the net, which take time to load

    place = cache_folder("data") / name if folder is None else Path(folder)
    for remote in files.values():
        if remote.name.startswith(PREFIX[part]):
            fetch(remote, place)
    return replace(idx(place, PREFIX[part]), name=name, classes=classes)
