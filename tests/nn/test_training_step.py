"""A training step of a 2-2-1 network, worked by hand; every number on the way is asserted.

    x = (1, 2), t = 3        z = W₁x + b₁      h = σ(z)      y = w₂h + b₂      L = (y − t)²

W₁ and b₁ are chosen such that z = (ln 3, −ln 3), where σ is 3/4 and 1/4.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses, nn, optim

LN3 = math.log(3.0)


@pytest.fixture
def model() -> nn.Sequential:
    model = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1)).astype(gn.float64)
    model.load_parameters(
        {
            "0.weight": [[1.0, -0.5], [-2.0, 1.0]],
            "0.bias": np.array([LN3, -LN3]),
            "2.weight": [[2.0, -4.0]],
            "2.bias": [0.5],
        }
    )
    return model


def test_one_step_by_hand(model: nn.Sequential) -> None:
    x = gn.tensor([[1.0, 2.0]], dtype="float64", requires_grad=True)
    target = gn.tensor([[3.0]], dtype="float64")
    optimizer = optim.SGD(model, lr=0.1)

    # forward
    z = model[0](x)
    h = model[1](z)
    y = model[2](h)
    loss = losses.mean_squared_error(y, target)
    np.testing.assert_allclose(z.numpy(), [[LN3, -LN3]], rtol=1e-15)
    np.testing.assert_allclose(h.numpy(), [[0.75, 0.25]], rtol=1e-15)
    np.testing.assert_allclose(y.numpy(), [[2 * 0.75 - 4 * 0.25 + 0.5]], rtol=1e-15)
    assert y.item() == pytest.approx(1.0, rel=1e-15)
    assert loss.item() == pytest.approx(4.0, rel=1e-15)

    # backward
    loss.backward()
    expected = {
        "dL/dy = 2(y − t)": (y, [[-4.0]]),
        "dL/dh = w₂ dL/dy": (h, [[-8.0, 16.0]]),
        "dL/dz = h(1 − h) dL/dh": (z, [[-8 * 3 / 16, 16 * 3 / 16]]),
        "dL/dx = W₁ᵀ dL/dz": (x, [[-1.5 - 6.0, 0.75 + 3.0]]),
        "dL/dw₂ = dL/dy hᵀ": (model[2].weight, [[-3.0, -1.0]]),
        "dL/db₂ = dL/dy": (model[2].bias, [-4.0]),
        "dL/dW₁ = dL/dz xᵀ": (model[0].weight, [[-1.5, -3.0], [3.0, 6.0]]),
        "dL/db₁ = dL/dz": (model[0].bias, [-1.5, 3.0]),
    }
    for formula, (tensor, gradient) in expected.items():
        assert tensor.grad is not None, formula
        np.testing.assert_allclose(tensor.grad.numpy(), gradient, rtol=1e-14, err_msg=formula)

    # update: p ← p − 0.1 dL/dp
    optimizer.step()
    updated = {
        "0.weight": [[1.15, -0.2], [-2.3, 0.4]],
        "0.bias": [LN3 + 0.15, -LN3 - 0.3],
        "2.weight": [[2.3, -3.9]],
        "2.bias": [0.9],
    }
    for name, parameter in model.named_parameters().items():
        np.testing.assert_allclose(parameter.numpy(), updated[name], rtol=1e-14, err_msg=name)

    # and the loss is lower
    assert losses.mean_squared_error(model(x), target).item() < 4.0
