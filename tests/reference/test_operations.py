"""Operations and activations, forward and backward, against PyTorch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn

STORED = np.load(Path(__file__).with_name("operations.npz"))
CASES = json.loads(str(STORED["cases"]))
CLOSE = {"rtol": 1e-6, "atol": 1e-9}


@pytest.mark.parametrize("name", CASES)
def test_value_and_gradients(name: str) -> None:
    inputs = [gn.tensor(STORED[f"{name}/input{i}"], requires_grad=True) for i in range(CASES[name])]
    operands = [inputs[0], inputs[1].T] if name == "matmul" else inputs
    out = getattr(gn.ops, name)(*operands)
    np.testing.assert_allclose(out.numpy(), STORED[f"{name}/out"], **CLOSE)
    (out * gn.tensor(STORED[f"{name}/weights"])).sum().backward()
    for i, x in enumerate(inputs):
        assert x.grad is not None
        np.testing.assert_allclose(x.grad.numpy(), STORED[f"{name}/grad{i}"], **CLOSE)


def test_every_file_names_its_versions() -> None:
    files = sorted(Path(__file__).parent.glob("*.npz"))
    assert len(files) == 7
    for path in files:
        versions = json.loads(str(np.load(path)["versions"]))
        assert set(versions) == {"torch", "numpy"}, path.name
