"""Winograd's formulas against the sums they stand for, in float64."""

from __future__ import annotations

import numpy as np

from glassnet.engines import numpy_engine as xp
from glassnet.engines.native import winograd

RNG = np.random.default_rng(0)
IMAGE, KERNEL = RNG.normal(size=(2, 10, 14, 3)), RNG.normal(size=(3, 3, 3, 5))
WINDOWS = np.lib.stride_tricks.sliding_window_view(IMAGE, (3, 3), axis=(1, 2))
TILES = (2, 3)


def test_results_of_a_convolution() -> None:
    inputs, weights = winograd.inputs(xp, IMAGE, TILES), winograd.weights(xp, KERNEL)
    assert (inputs.shape, weights.shape) == ((36, 12, 3), (36, 3, 5))
    found = winograd.results(xp, inputs @ weights, 2, TILES)
    wanted = np.einsum("nxycij,ijco->nxyo", WINDOWS, KERNEL)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)


def test_gradient_by_the_weights() -> None:
    results = RNG.normal(size=(2, 8, 12, 5))
    inputs, slopes = winograd.inputs(xp, IMAGE, TILES), winograd.slopes(xp, results, TILES)
    found = winograd.kernel(xp, inputs.transpose(0, 2, 1) @ slopes)
    wanted = np.einsum("nxycij,nxyo->ijco", WINDOWS, results)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-11)


def test_rows_share_what_they_add() -> None:
    """Twelve times Bᵀ, of 22 numbers other than 0, in 19 instructions each."""
    from glassnet.engines import Recorder
    from glassnet.engines.native.simplify import simplify

    program = Recorder()
    image = program.input((1, 6, 6, 1), np.dtype("float32"))
    made = simplify(program.finish([winograd.inputs(program, image, (1, 1))]))
    count = sum(s.function in ("add", "subtract", "multiply") for s in made.statements)
    assert count <= 12 * 19
