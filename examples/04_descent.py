"""Minima, maxima and saddles of a function, and the way down to one of them.

Stationary points solve f'(x) = 0; the sign of f''(x) tells their kind. Gradient descent finds a
minimum near its start, step by step: x ← x − lr · f'(x).
"""

import glassnet as gn
from glassnet import optim


def f(x: gn.Tensor) -> gn.Tensor:
    return x**4 - 3 * x**2 + x


for point in gn.stationary_points(f, low=-2, high=2):
    print(f"{point.kind:8} at x = {point.x:+.6f}, f = {point.value:+.6f}")

for name, optimizer in (
    ("gradient descent", optim.SGD(lr=0.02)),
    ("with momentum", optim.SGD(lr=0.02, momentum=0.8)),
    ("Adam", optim.Adam(lr=0.1)),
):
    path = gn.descend(f, start=2.0, optimizer=optimizer, steps=100)
    print(f"{name:17} ends at x = {float(path.points[-1]):+.4f}, f = {path.values[-1]:+.6f}")

# Too large a step runs away, and the error says when and what to do.
try:
    gn.descend(f, start=2.0, optimizer=optim.SGD(lr=0.5), steps=100)
except gn.DivergenceError as error:
    print(error.what)
