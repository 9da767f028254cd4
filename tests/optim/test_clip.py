"""Clipped gradients."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import glassnet as gn
from glassnet import optim

floats = st.floats(-1e3, 1e3, width=32)
gradients = st.lists(st.lists(floats, min_size=1, max_size=4), min_size=1, max_size=3)
limits = st.floats(1e-2, 1e3)


@given(gradients, limits)
def test_the_norm_is_kept_below_and_the_direction(lists: list[list[float]], limit: float) -> None:
    tensors = [gn.tensor(values, dtype="float64") for values in lists]
    norm = optim.global_norm(tensors).item()
    assert np.isclose(norm, np.linalg.norm(np.concatenate([t.numpy() for t in tensors])))
    clipped = optim.clip_by_norm(tensors, limit)
    assert optim.global_norm(clipped).item() <= limit * (1 + 1e-12)
    scale = min(1.0, limit / (norm + 1e-6))
    for before, after in zip(tensors, clipped, strict=True):
        np.testing.assert_allclose(after.numpy(), before.numpy() * scale, rtol=1e-12)


@given(gradients, limits)
def test_values_are_cut(lists: list[list[float]], limit: float) -> None:
    clipped = optim.clip_by_value([gn.tensor(v, dtype="float64") for v in lists], limit)
    for before, after in zip(lists, clipped, strict=True):
        np.testing.assert_array_equal(after.numpy(), np.clip(before, -limit, limit))
