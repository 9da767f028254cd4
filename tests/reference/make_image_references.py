"""Computes the reference values of convolution, pooling and normalisation layers with PyTorch.

    python tests/reference/make_image_references.py

PyTorch's channels come second and ours last: everything is stored as glassnet has it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from make_references import Array, store

# name in both libraries, settings, shape of the input with the channels last
LAYERS: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("AvgPool1d", {"kernel_size": 3, "stride": 2, "padding": 1}, (3, 6, 2)),
    ("AvgPool2d", {"kernel_size": [2, 3], "padding": [0, 1]}, (3, 5, 6, 2)),
    (
        "AvgPool2d",
        {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
        (2, 5, 4, 2),
    ),
    ("BatchNorm1d", {"num_features": 3}, (5, 3)),
    ("BatchNorm1d", {"num_features": 3, "momentum": 0.3}, (5, 4, 3)),
    ("BatchNorm2d", {"num_features": 3, "eps": 0.1}, (4, 2, 3, 3)),
    ("BatchNorm2d", {"num_features": 3, "affine": False}, (4, 2, 3, 3)),
    ("BatchNorm2d", {"num_features": 3, "track_running_stats": False}, (4, 2, 3, 3)),
    ("Conv1d", {"in_channels": 2, "out_channels": 3, "kernel_size": 3}, (3, 7, 2)),
    (
        "Conv1d",
        {"in_channels": 4, "out_channels": 6, "kernel_size": 4, "padding": "same", "groups": 2},
        (3, 7, 4),
    ),
    (
        "Conv2d",
        {
            "in_channels": 2,
            "out_channels": 3,
            "kernel_size": [3, 2],
            "stride": [2, 1],
            "padding": [1, 0],
            "dilation": [1, 2],
        },
        (3, 6, 5, 2),
    ),
    (
        "Conv2d",
        {"in_channels": 4, "out_channels": 4, "kernel_size": 3, "padding": "same", "groups": 4},
        (2, 5, 4, 4),
    ),
    (
        "Conv2d",
        {"in_channels": 3, "out_channels": 2, "kernel_size": 2, "stride": 3, "bias": False},
        (2, 7, 6, 3),
    ),
    (
        "ConvTranspose1d",
        {"in_channels": 2, "out_channels": 3, "kernel_size": 4, "stride": 2, "padding": 1},
        (3, 5, 2),
    ),
    (
        "ConvTranspose2d",
        {
            "in_channels": 4,
            "out_channels": 2,
            "kernel_size": 3,
            "stride": [2, 3],
            "padding": 1,
            "output_padding": [1, 2],
            "groups": 2,
        },
        (2, 3, 4, 4),
    ),
    (
        "ConvTranspose2d",
        {"in_channels": 2, "out_channels": 3, "kernel_size": [2, 3], "dilation": 2, "stride": 2},
        (2, 3, 2, 2),
    ),
    ("GroupNorm", {"num_groups": 2, "num_channels": 6}, (3, 2, 4, 6)),
    ("LayerNorm", {"normalized_shape": [4, 3]}, (5, 4, 3)),
    ("LayerNorm", {"normalized_shape": 3, "bias": False, "eps": 0.1}, (5, 4, 3)),
    ("MaxPool1d", {"kernel_size": 2, "stride": 3}, (3, 7, 2)),
    ("MaxPool2d", {"kernel_size": 2}, (3, 5, 6, 2)),
    ("MaxPool2d", {"kernel_size": [3, 2], "stride": [2, 1], "padding": [1, 0]}, (2, 5, 4, 2)),
    ("RMSNorm", {"normalized_shape": 3}, (5, 4, 3)),
    ("RMSNorm", {"normalized_shape": [4, 3], "eps": 0.1}, (5, 4, 3)),
    ("Upsample", {"scale_factor": 3}, (2, 3, 2, 2)),
    ("Upsample", {"size": [5, 3]}, (2, 3, 2, 2)),
    ("Upsample", {"scale_factor": 2, "mode": "bilinear"}, (2, 3, 2, 2)),
    ("Upsample", {"size": [5, 7], "mode": "bilinear", "align_corners": True}, (2, 3, 4, 2)),
    ("Upsample", {"scale_factor": 1.5, "mode": "linear"}, (2, 5, 2)),
]
OVER_THE_END = {"LayerNorm", "RMSNorm"}  # they know no channels


def channels(name: str, move: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> Any:
    return x if name in OVER_THE_END else move(x)


def ours(a: torch.Tensor) -> Array:
    """A weight (out, in, …) as (out, …, in)."""
    return a.detach().movedim(1, -1).numpy() if a.ndim > 2 else a.detach().numpy()


def layers() -> None:
    rng = np.random.default_rng(3)
    cases: dict[str, Any] = {}
    arrays: dict[str, Array] = {}
    for name, settings, shape in LAYERS:
        key = f"{name} {len(cases)}"
        layer = getattr(torch.nn, name)(**settings)
        learned = dict(layer.named_parameters())
        for parameter in learned.values():
            parameter.data = torch.tensor(rng.uniform(-1.0, 1.0, tuple(parameter.shape)))
        for parameter, value in learned.items():
            arrays[f"{key}/parameter/{parameter}"] = ours(value)
        x = torch.tensor(rng.normal(size=shape), requires_grad=True)
        turned = channels(name, lambda a: a.movedim(-1, 1), x)
        out = channels(name, lambda a: a.movedim(1, -1), layer(turned))
        weights = rng.uniform(0.5, 1.5, tuple(out.shape))
        (out * torch.tensor(weights)).sum().backward()
        arrays |= {f"{key}/x": x.detach().numpy(), f"{key}/weights": weights}
        arrays |= {f"{key}/out": out.detach().numpy(), f"{key}/grad": x.grad.numpy()}
        for parameter, value in learned.items():
            arrays[f"{key}/grad/{parameter}"] = ours(value.grad)
        for buffer, value in layer.named_buffers():
            if value.ndim:
                arrays[f"{key}/after/{buffer}"] = value.numpy()
        again = channels(name, lambda a: a.movedim(1, -1), layer.eval()(turned))
        arrays[f"{key}/evaluated"] = again.detach().numpy()
        cases[key] = {"layer": name, "settings": settings}
    store("images.npz", cases, arrays)


if __name__ == "__main__":
    layers()
