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
        "train-images-idx3-ubyte.gz": (
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            9_912_422,
        ),
        "train-labels-idx1-ubyte.gz": (
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            28_881,
        ),
        "t10k-images-idx3-ubyte.gz": (
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            1_648_877,
        ),
        "t10k-labels-idx1-ubyte.gz": (
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            4_542,
        ),
    },
)
FASHION_MNIST = remotes(
    (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    ),
    {
        "train-images-idx3-ubyte.gz": (
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            26_421_880,
        ),
        "train-labels-idx1-ubyte.gz": (
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            29_515,
        ),
        "t10k-images-idx3-ubyte.gz": (
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            4_422_102,
        ),
        "t10k-labels-idx1-ubyte.gz": (
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            5_148,
        ),
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
