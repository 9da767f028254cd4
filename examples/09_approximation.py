"""Universal approximation: two layers and sigmoid units come as near to f as one wants.

f(x) = sin(6x) · exp(−x) on [0, 1]; the sup-error falls as the width grows (Cybenko, 1989).
"""

import numpy as np

import glassnet as gn
from glassnet import losses, nn, optim

x = np.linspace(0.0, 1.0, 200, dtype="float32").reshape(-1, 1)
y = np.sin(6 * x) * np.exp(-x)

for width in (1, 2, 3, 4):
    model = nn.Sequential(nn.Linear(1, width), nn.Sigmoid(), nn.Linear(width, 1))
    steps = 6000
    gn.fit(
        model,
        (x, y),
        losses.mean_squared_error,
        optim.Adam(lr=optim.Cosine(0.02, steps=steps)),
        epochs=steps,
        batch_size=None,  # full-batch gradient descent: M = m
        seed=0,
    )
    error = np.abs(model.predict(x) - y).max()
    print(f"{width:3} sigmoid units: sup-error {error:.4f}")
