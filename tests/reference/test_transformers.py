"""Attention and the Transformer's layers, forward and backward, against PyTorch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn

STORED = np.load(Path(__file__).with_name("transformers.npz"))
CASES = json.loads(str(STORED["cases"]))
CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def stored(key: str, kind: str) -> dict[str, np.ndarray]:
    """The stored arrays of a layer's parameters or gradients, by name."""
    start = f"{key}/{kind}/"
    return {name.removeprefix(start): STORED[name] for name in STORED if name.startswith(start)}


@pytest.mark.parametrize("key", CASES)
def test_value_and_gradients(key: str) -> None:
    name, settings, call = (CASES[key][part] for part in ("layer", "settings", "call"))
    layer = getattr(nn, name)(**settings, dropout=0.0).astype(gn.float64)
    layer.load_parameters(stored(key, "parameter"))
    x = gn.tensor(STORED[f"{key}/x"], requires_grad=True)
    inputs: list[Any] = [x]
    masks: dict[str, Any] = {"causal": True} if call.get("causal") else {}
    if call.get("memory"):
        inputs.append(gn.tensor(STORED[f"{key}/memory"]))
        masks["memory_key_mask" if "Decoder" in name else "key_mask"] = STORED["kept"]
    out = layer(*inputs, **masks)
    np.testing.assert_allclose(out.numpy(), STORED[f"{key}/out"], **CLOSE)
    (out * gn.tensor(STORED[f"{key}/weights"])).sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), STORED[f"{key}/grad"], **CLOSE)
    gradients = stored(key, "grad")
    for parameter, value in layer.named_parameters().items():
        np.testing.assert_allclose(value.grad.numpy(), gradients[parameter], **CLOSE)
