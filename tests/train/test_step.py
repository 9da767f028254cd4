"""One training step worked by hand, every intermediate number asserted."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses, nn, optim
from glassnet.train import Step

# A 2-2-1 network, sigmoid inside, float64, one row:
#   x = (1, 2), t = 1
#   W1 = [[0.1, 0.2], [−0.3, 0.4]], b1 = (0, 0.1), W2 = [[0.5, −0.6]], b2 = 0.2
X = np.array([[1.0, 2.0]])
T = np.array([[1.0]])
W1 = np.array([[0.1, 0.2], [-0.3, 0.4]])
B1 = np.array([0.0, 0.1])
W2 = np.array([[0.5, -0.6]])
B2 = np.array([0.2])


@pytest.fixture
def model() -> nn.Sequential:
    network = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1)).astype("float64")
    values = {"0.weight": W1, "0.bias": B1, "2.weight": W2, "2.bias": B2}
    return network.load_parameters(values)


def test_every_number_of_a_step(model: nn.Sequential) -> None:
    # z = W1 x + b1 = (0.5, 0.6);  h = σ(z) = (0.6224593, 0.6456563)
    # y = W2 h + b2 = 0.1238359;   L = (y − t)² = 0.7676636
    # dL/dy = 2(y − t) = −1.7523283
    # dL/dW2 = dL/dy · h = (−1.0907531, −1.1314018);  dL/db2 = −1.7523283
    # dL/dh = dL/dy · W2 = (−0.8761641, 1.0513970)
    # dL/dz = dL/dh · h(1 − h) = (−0.2059018, 0.2405431)
    # dL/dW1 = dL/dz ⊗ x = ((−0.2059018, −0.4118036), (0.2405431, 0.4810861))
    gradients = {
        "0.weight": [[-0.2059018, -0.4118036], [0.2405431, 0.4810861]],
        "0.bias": [-0.2059018, 0.2405431],
        "2.weight": [[-1.0907531, -1.1314018]],
        "2.bias": [-1.7523283],
    }
    seen: dict[str, np.ndarray] = {}

    def look(*_: gn.Tensor) -> None:
        for name, parameter in model.named_parameters().items():
            assert parameter.grad is not None
            seen[name] = parameter.grad.numpy().copy()

    optimizer = optim.SGD(model, lr=0.1)
    step = Step(model, losses.mean_squared_error, optimizer, gn.Generator(0), check=look)
    loss, outputs = step(gn.tensor(X), gn.tensor(T))
    assert outputs.item() == pytest.approx(0.1238359, abs=1e-6)
    assert loss.item() == pytest.approx(0.7676636, abs=1e-6)
    start = {"0.weight": W1, "0.bias": B1, "2.weight": W2, "2.bias": B2}
    for name, gradient in gradients.items():
        np.testing.assert_allclose(seen[name], gradient, atol=1e-6)
        updated = model.named_parameters()[name].numpy()
        np.testing.assert_allclose(updated, start[name] - 0.1 * np.array(gradient), atol=1e-7)


def test_the_next_step_starts_without_gradients(model: nn.Sequential) -> None:
    step = Step(model, losses.mean_squared_error, optim.SGD(model, lr=0.1), gn.Generator(0))
    first, _ = step(gn.tensor(X), gn.tensor(T))
    assert all(parameter.grad is None for parameter in model.parameters())
    second, _ = step(gn.tensor(X), gn.tensor(T))
    assert second.item() < first.item()


def test_a_step_can_be_compiled(model: nn.Sequential) -> None:
    eager, _ = Step(model, losses.mean_squared_error, optim.SGD(model, lr=0.1), gn.Generator(0))(
        gn.tensor(X), gn.tensor(T)
    )
    after = {name: p.numpy().copy() for name, p in model.named_parameters().items()}
    model.load_parameters({"0.weight": W1, "0.bias": B1, "2.weight": W2, "2.bias": B2})
    step = Step(model, losses.mean_squared_error, optim.SGD(model, lr=0.1), gn.Generator(0))
    loss, _ = gn.compile(step.__call__, engine="numpy")(gn.tensor(X), gn.tensor(T))
    assert loss.item() == pytest.approx(eager.item(), rel=1e-12)
    for name, parameter in model.named_parameters().items():
        np.testing.assert_allclose(parameter.numpy(), after[name], rtol=1e-12)
