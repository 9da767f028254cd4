from __future__ import annotations

import numpy as np
import pytest

from glassnet.train.minimax import minimax


def test_the_best_line_through_a_parabola() -> None:
    # Chebyshev: x² on [−1, 1] by a line is ½, with the error ½ at −1, 0 and 1.
    x = np.linspace(-1.0, 1.0, 401)
    columns = np.stack([x, np.ones_like(x)], axis=1)
    found = minimax(columns, x**2, rounds=100)
    assert np.abs(columns @ found - x**2).max() == pytest.approx(0.5, rel=0.01)
    squares = np.linalg.lstsq(columns, x**2, rcond=None)[0]
    assert np.abs(columns @ squares - x**2).max() > 0.65  # what least squares leave


def test_what_can_be_met_is_met() -> None:
    x = np.linspace(0.0, 1.0, 50)
    columns = np.stack([x, np.ones_like(x)], axis=1)
    found = minimax(columns, 3 * x - 1)
    np.testing.assert_allclose(found, [3, -1], atol=1e-6)
    np.testing.assert_allclose(minimax(columns, 0 * x), [0, 0])
