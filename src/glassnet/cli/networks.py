"""Which network a command trains: the one that suits the data, or the one that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..errors import ArgumentError, did_you_mean

if TYPE_CHECKING:
    from ..data import Dataset
    from ..nn import Module


def usual(learn: Dataset) -> str:
    """The name of the network for this kind of data."""
    if learn.vocabulary is not None:
        return "gpt"
    if learn.inputs.ndim == 4:
        return "lenet" if learn.inputs.shape[1:3] == (28, 28) else "resnet"
    return "mlp"


def network(name: str, learn: Dataset, hidden: Sequence[int], activation: str) -> Module:
    """The network of this name for this data; its parameters are not drawn yet.

    Raises:
        ArgumentError: there is no such network, or it is not made for such data.
    """
    if name not in NETWORKS:
        raise ArgumentError(f'there is no network "{name}"', mend=did_you_mean(name, NETWORKS))
    if name == "mlp" and learn.vocabulary is None:
        return _mlp(learn, hidden, activation)
    made_for, make = NETWORKS[name]
    fits = learn.vocabulary is not None if name == "gpt" else learn.inputs.ndim == 4
    if name in ("lenet", "cnn"):
        fits = fits and learn.inputs.shape[1:3] == (28, 28)
    if not fits:
        raise ArgumentError(
            f"{name} is not made for such data",
            expected=made_for,
            received=f"rows of shape {learn.inputs.shape[1:]}",
            mend=f'leave --model out, and it is "{usual(learn)}"'
            + ("; or bring images to its size with --size 28,28" if learn.inputs.ndim == 4 else ""),
        )
    return make(learn)


def _mlp(learn: Dataset, hidden: Sequence[int], activation: str) -> Module:
    from .. import models

    sizes = int(learn.inputs[0].size), hidden, learn.outputs
    return models.mlp(*sizes, activation=activation, flatten=learn.inputs.ndim > 2)


def _lenet(learn: Dataset) -> Module:
    from .. import models

    return models.lenet(learn.outputs, in_channels=learn.inputs.shape[3])


def _cnn(learn: Dataset) -> Module:
    from .. import models

    return models.cnn(learn.outputs, in_channels=learn.inputs.shape[3])


def _resnet(learn: Dataset) -> Module:
    from .. import models

    return models.resnet(8, learn.outputs, in_channels=learn.inputs.shape[3])


def _gpt(learn: Dataset) -> Module:
    from .. import models

    return models.gpt(learn.outputs, learn.inputs.shape[1])


# What each is made for, and how it is made; `mlp` takes settings of its own.
NETWORKS: dict[str, tuple[str, Callable[[Dataset], Module]]] = {
    "cnn": ("images of 28×28", _cnn),
    "gpt": ("texts", _gpt),
    "lenet": ("images of 28×28", _lenet),
    "mlp": ("numbers and images", lambda learn: _mlp(learn, (), "relu")),
    "resnet": ("images", _resnet),
}
