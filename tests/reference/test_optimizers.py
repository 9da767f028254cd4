"""A hundred steps of every optimiser, and of every schedule, against PyTorch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses, optim

STORED = np.load(Path(__file__).with_name("optimizers.npz"))
CASES = json.loads(str(STORED["cases"]))
RATES = np.load(Path(__file__).with_name("schedules.npz"))
SCHEDULES = json.loads(str(RATES["cases"]))
STEPS = 100


def test_every_optimizer_has_cases() -> None:
    assert {case["optimizer"] for case in CASES.values()} == {
        cls.__name__ for cls in optim.OPTIMIZERS.values()
    }


@pytest.mark.parametrize("key", CASES)
def test_trajectory(key: str) -> None:
    case = CASES[key]
    weight, bias = (gn.tensor(STORED[name], requires_grad=True) for name in ("weight", "bias"))
    optimizer = optim.get(case["optimizer"].lower())([weight, bias], **case["settings"])
    path = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        prediction = gn.ops.linear(gn.tensor(STORED["x"]), weight, bias).tanh()
        losses.mean_squared_error(prediction, STORED["y"]).backward()
        optimizer.step()
        path.append(np.concatenate([weight.numpy().ravel(), bias.numpy()]))
    np.testing.assert_allclose(path, STORED[key], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedule(name: str) -> None:
    schedule = getattr(optim, name)(**SCHEDULES[name])
    rates = [schedule(step) for step in range(STEPS)]
    np.testing.assert_allclose(rates, RATES[name], rtol=1e-9, atol=1e-15)
