"""The error function for NumPy arrays (NumPy has none), to a few ulp in float64.

Rational approximations of W. J. Cody, "Rational Chebyshev approximations for the error function",
Mathematics of Computation 23 (1969), in three ranges: |x| ≤ 0.46875, ≤ 4, and beyond.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

# Numerator and denominator coefficients, highest power first.
_SMALL = (
    (
        1.85777706184603153e-1,
        3.16112374387056560e00,
        1.13864154151050156e02,
        3.77485237685302021e02,
        3.20937758913846947e03,
    ),
    (
        1.0,
        2.36012909523441209e01,
        2.44024637934444173e02,
        1.28261652607737228e03,
        2.84423683343917062e03,
    ),
)
_MIDDLE = (
    (
        2.15311535474403846e-8,
        5.64188496988670089e-1,
        8.88314979438837594e00,
        6.61191906371416295e01,
        2.98635138197400131e02,
        8.81952221241769090e02,
        1.71204761263407058e03,
        2.05107837782607147e03,
        1.23033935479799725e03,
    ),
    (
        1.0,
        1.57449261107098347e01,
        1.17693950891312499e02,
        5.37181101862009858e02,
        1.62138957456669019e03,
        3.29079923573345963e03,
        4.36261909014324716e03,
        3.43936767414372164e03,
        1.23033935480374942e03,
    ),
)
_LARGE = (
    (
        1.63153871373020978e-2,
        3.05326634961232344e-1,
        3.60344899949804439e-1,
        1.25781726111229246e-1,
        1.60837851487422766e-2,
        6.58749161529837803e-4,
    ),
    (
        1.0,
        2.56852019228982242e00,
        1.87295284992346047e00,
        5.27905102951428412e-1,
        6.05183413124413191e-2,
        2.33520497626869185e-3,
    ),
)
_INV_SQRT_PI = 5.6418958354775628695e-1


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], x: Array) -> Array:
    top, bottom = coefficients
    return np.polyval(top, x) / np.polyval(bottom, x)


def erf(a: Array) -> Array:
    """erf(x) = 2/√π ∫₀ˣ e^(−t²) dt, in the dtype of `a`."""
    x = np.asarray(a, np.float64)
    y = np.abs(x)
    near = x * _ratio(_SMALL, np.minimum(y, 0.46875) ** 2)
    middle_y = np.clip(y, 0.46875, 4.0)
    middle = 1.0 - np.exp(-(middle_y**2)) * _ratio(_MIDDLE, middle_y)
    far_y = np.clip(y, 4.0, 27.0)  # erf is 1 in float64 from 6 on
    z = 1.0 / far_y**2
    far = 1.0 - np.exp(-(far_y**2)) / far_y * (_INV_SQRT_PI - z * _ratio(_LARGE, z))
    tail = np.copysign(np.where(y <= 4.0, middle, far), x)
    value = np.where(y <= 0.46875, near, tail)
    return np.where(np.isnan(x), x, value).astype(a.dtype)
