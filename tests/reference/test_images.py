"""Convolution, pooling and normalisation layers, forward and backward, against PyTorch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn

STORED = np.load(Path(__file__).with_name("images.npz"))
CASES = json.loads(str(STORED["cases"]))
CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def stored(key: str, kind: str) -> dict[str, np.ndarray]:
    """The stored arrays of a layer's parameters or buffers, by name."""
    start = f"{key}/{kind}/"
    return {name.removeprefix(start): STORED[name] for name in STORED if name.startswith(start)}


@pytest.mark.parametrize("key", CASES)
def test_value_gradients_and_running_statistics(key: str) -> None:
    layer = getattr(nn, CASES[key]["layer"])(**CASES[key]["settings"]).astype(gn.float64)
    layer.load_parameters(stored(key, "parameter"), strict=False)
    x = gn.tensor(STORED[f"{key}/x"], requires_grad=True)
    out = layer(x, training=True)
    np.testing.assert_allclose(out.numpy(), STORED[f"{key}/out"], **CLOSE)
    (out * gn.tensor(STORED[f"{key}/weights"])).sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), STORED[f"{key}/grad"], **CLOSE)
    parameters = layer.named_parameters()
    assert {name for name, p in parameters.items() if p.requires_grad} == set(stored(key, "grad"))
    for name, gradient in stored(key, "grad").items():
        np.testing.assert_allclose(parameters[name].grad.numpy(), gradient, **CLOSE)
    for name, value in stored(key, "after").items():
        np.testing.assert_allclose(parameters[name].numpy(), value, **CLOSE)
    np.testing.assert_allclose(layer(x).numpy(), STORED[f"{key}/evaluated"], **CLOSE)
