"""Windows beyond an image: what only meets zeros is left out, and the numbers stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from .helpers import F32, F64, check

RNG = np.random.default_rng(0)


def convolution(low: int, high: int, taps: int, stride: int = 1, value: float = 0.0) -> Any:
    def function(xp: Any, x: Any, w: Any) -> Any:
        widths = ((0, 0), (low, high), (low, high), (0, 0))
        wide = xp.pad(x, widths=widths, value=value)
        settings = {"axes": (1, 2), "sizes": (taps,) * 2, "strides": (stride,) * 2}
        found = xp.window(wide, **settings, dilations=(1, 1))
        found = xp.transpose(found, axes=(0, 1, 2, 4, 5, 3))
        return xp.contract(found, w, spec="nyxijc,oijc->nyxo")

    return function


def bands(native: Any) -> list[Any]:
    tasks = native.passes.schedule.tasks
    return [t.product.band for t in tasks if t.product and t.product.band]


def draw(*shape: int, dtype: Any = F32) -> np.ndarray:
    return RNG.normal(size=shape).astype(dtype)


@pytest.mark.parametrize("dtype", [F32, F64])
@pytest.mark.parametrize(
    ("low", "high", "taps", "height", "channels", "out"),
    [
        (4, 4, 5, 10, 8, 6),  # a full convolution
        (2, 2, 5, 12, 4, 20),  # of the same size
        (4, 0, 5, 9, 3, 17),  # causal
        (0, 3, 4, 9, 8, 8),
        (6, 7, 5, 3, 5, 6),  # some lines meet no number
    ],
)
def test_lines_of_windows_start_and_stop_at_the_image(
    low, high, taps, height, channels, out, dtype
):
    x, w = (
        draw(3, height, height, channels, dtype=dtype),
        draw(out, taps, taps, channels, dtype=dtype),
    )
    function = convolution(low, high, taps)
    rtol = 1e-5 if dtype == F32 else 1e-12
    natives = [check(function, x, w, rtol=rtol, threads=n) for n in (1, 2, 5)]
    (band,) = bands(natives[0])
    assert (band.before, band.inside, band.taps) == (low, height, taps)
    assert (band.lines, band.run) == (height + low + high - taps + 1, taps * channels)
    first, *others = (native(x, w)[0].copy() for native in natives)
    assert all(np.array_equal(first, other) for other in others)


@pytest.mark.parametrize(
    "function",
    [convolution(0, 0, 5), convolution(2, 2, 5, stride=2), convolution(2, 2, 5, value=1.0)],
    ids=["no padding", "stride", "not zeros"],
)
def test_other_windows_are_summed_whole(function):
    native = check(function, draw(3, 12, 12, 8), draw(9, 5, 5, 8), rtol=1e-5)
    assert bands(native) == []


def test_zeros_that_are_left_out_hide_no_numbers():
    """A result next to the border sees exactly the numbers that its window covers."""
    x, w = np.ones((1, 6, 6, 8), F32), np.ones((7, 5, 5, 8), F32)
    native = check(convolution(4, 4, 5), x, w)
    covered = np.minimum(np.arange(1, 11), 5) - np.maximum(np.arange(10) - 5, 0)
    assert bands(native)
    assert np.array_equal(native(x, w)[0][0, :, :, 0], 8.0 * np.outer(covered, covered))
