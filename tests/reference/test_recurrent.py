"""Recurrent layers and cells, forward and backward, against PyTorch; eager and compiled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn

STORED = np.load(Path(__file__).with_name("recurrent.npz"))
CASES = json.loads(str(STORED["cases"]))
CLOSE = {"rtol": 1e-8, "atol": 1e-11}


def stored(start: str) -> dict[str, np.ndarray]:
    """The stored arrays whose names begin so, by the rest of their names."""
    return {name.removeprefix(start): STORED[name] for name in STORED if name.startswith(start)}


def flat(found: Any) -> list[gn.Tensor]:
    if isinstance(found, gn.Tensor):
        return [found]
    return [tensor for part in found for tensor in flat(part)]


@pytest.mark.parametrize("native", [False, True], ids=["eager", "native"])
@pytest.mark.parametrize("key", CASES)
def test_value_and_gradients(key: str, native: bool) -> None:
    name, settings, call = (CASES[key][part] for part in ("layer", "settings", "call"))
    layer = getattr(nn, name)(4, 3, **settings).astype(gn.float64)
    assert list(layer.named_parameters()) == list(stored(f"{key}/parameter/"))
    layer.load_parameters(stored(f"{key}/parameter/"))
    firsts = [STORED[f"{key}/state{i}"] for i in range(len(stored(f"{key}/state_grad")))]
    states = [gn.tensor(first, requires_grad=True) for first in firsts]
    x = gn.tensor(STORED[f"{key}/x"], requires_grad=True)
    lengths = {"lengths": STORED["lengths"]} if call.get("lengths") else {}
    weights = stored(f"{key}/weights")

    def outcome() -> list[gn.Tensor]:
        state = () if not states else (states[0] if len(states) == 1 else tuple(states),)
        outs = flat(layer(x, *state, **lengths))
        loss = sum((out * w).sum() for out, w in zip(outs, weights.values(), strict=True))
        assert isinstance(loss, gn.Tensor)
        loss.backward()
        return outs

    outs = gn.compile(outcome)() if native else outcome()
    for i, out in enumerate(outs):
        np.testing.assert_allclose(out.numpy(), STORED[f"{key}/out{i}"], **CLOSE)
    np.testing.assert_allclose(x.grad.numpy(), STORED[f"{key}/grad"], **CLOSE)  # type: ignore[union-attr]
    for i, state in enumerate(states):
        np.testing.assert_allclose(state.grad.numpy(), STORED[f"{key}/state_grad{i}"], **CLOSE)  # type: ignore[union-attr]
    gradients = stored(f"{key}/parameter_grad/")
    for part, value in layer.named_parameters().items():
        np.testing.assert_allclose(value.grad.numpy(), gradients[part], **CLOSE)
