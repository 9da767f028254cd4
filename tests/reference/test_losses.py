"""Losses and their gradients, with all options, against PyTorch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses

STORED = np.load(Path(__file__).with_name("losses.npz"))
CASES = json.loads(str(STORED["cases"]))
CLOSE = {"rtol": 1e-6, "atol": 1e-9}


def test_every_loss_has_cases() -> None:
    assert {case["loss"] for case in CASES.values()} == set(losses.LOSSES)


@pytest.mark.parametrize("key", CASES)
def test_value_and_gradient(key: str) -> None:
    loss, settings = losses.get(CASES[key]["loss"]), CASES[key]["settings"]
    prediction = gn.tensor(STORED[f"{key}/input"], requires_grad=True)
    value = loss(prediction, STORED[f"{key}/target"], **settings)
    np.testing.assert_allclose(value.numpy(), STORED[f"{key}/value"], **CLOSE)
    value.sum().backward()
    assert prediction.grad is not None
    np.testing.assert_allclose(prediction.grad.numpy(), STORED[f"{key}/grad"], **CLOSE)
