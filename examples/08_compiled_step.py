"""A training step written by hand and compiled as a whole: forward, backward and update.

Parameters and optimiser state are updated in place by native code; the function stays the same.
"""

import time

import numpy as np

import glassnet as gn
from glassnet import data, losses, nn, optim

points = data.moons(512, seed=0)
model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 2)).initialise(0)
optimizer = optim.Adam(model.parameters(), lr=0.01)


def step(x: gn.Tensor, y: gn.Tensor) -> gn.Tensor:
    loss = losses.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss


def run(function, steps: int) -> float:
    rng = np.random.default_rng(0)
    start = time.perf_counter()
    for _ in range(steps):
        rows = rng.integers(0, len(points), 32)
        loss = function(gn.tensor(points.inputs[rows]), gn.tensor(points.targets[rows]))
    seconds = time.perf_counter() - start
    print(f"{1e6 * seconds / steps:8.0f} µs a step, loss {loss.item():.4f}")
    return seconds


fast = gn.compile(step)
run(step, 200)  # eager: every operation on NumPy
run(fast, 1)  # traced and compiled at the first call
run(fast, 200)
