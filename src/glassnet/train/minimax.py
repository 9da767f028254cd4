"""The linear combination of given functions whose largest error is smallest."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

RIDGE = 1e-5  # keeps coefficients in bounds where functions are nearly alike
ROUNDS = 20


def minimax(columns: Array, target: Array, rounds: int = ROUNDS) -> Array:
    """c with max |columns · c − target| as small as a few rounds make it.

    Least squares again and again, each time with weights w ← w · |error|, so that the largest
    errors count more and more. Source: Lawson, "Contributions to the theory of linear least
    maximum approximation", 1961.

    Shapes: columns (rows, functions), target (rows,) → (functions,).

    >>> import numpy as np
    >>> x = np.linspace(-1, 1, 201)
    >>> line = minimax(np.stack([x, x * 0 + 1], axis=1), np.abs(x))  # |x| lies within ½ ± ½
    >>> print(f"{line[1]:.2f}")
    0.50
    """
    weight = np.full(len(target), 1.0 / len(target))
    best, smallest = np.zeros(columns.shape[1]), np.inf
    for _ in range(rounds):
        weighted = columns * weight[:, None]
        normal = columns.T @ weighted
        normal += RIDGE**2 * np.trace(normal) * np.eye(len(normal))
        found = np.linalg.solve(normal, weighted.T @ target)
        error = np.abs(columns @ found - target)
        largest = float(error.max())
        if largest < smallest:
            best, smallest = found, largest
        total = float((weight * error).sum())
        if total <= 0.0:
            break
        weight = weight * error / total
    return np.asarray(best)
