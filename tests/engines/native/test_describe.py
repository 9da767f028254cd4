"""Arrays in a few numbers each, in native code."""

import numpy as np
import pytest

from glassnet.engines import Recorder
from glassnet.engines.description import SUMMARY, described
from glassnet.engines.native import compile_program
from glassnet.engines.native.target import find
from glassnet.errors import DTypeError

SHAPES = [(), (1,), (3,), (16,), (33,), (17, 5), (64, 7, 7, 6)]
BINS, SAMPLE = 32, 512


@pytest.mark.parametrize("target", ["avx2", "avx512"])
@pytest.mark.parametrize("threads", [1, 2])
def test_every_array_is_described_as_by_the_reference(target, threads):
    if not find(target).runs_here:
        pytest.skip(f"no {target} here")
    rng = np.random.default_rng(0)
    arrays = [np.asarray(rng.normal(size=shape), "f4") for shape in SHAPES]
    arrays[3][:] = 2.0  # one value only
    arrays[5][0] = 0.0
    arrays.append(np.array([1.0, np.nan, np.inf, 2.0], "f4"))
    xp = Recorder()
    given = [xp.input(array.shape, array.dtype) for array in arrays]
    viewed = [*given[:-1], xp.reshape(given[-1], (2, 2))]
    program = xp.finish([xp.describe(*viewed, bins=BINS, sample=SAMPLE)])
    [found] = compile_program(program, threads=threads, target=target)(*arrays)
    expected = np.stack([described(array, BINS, SAMPLE) for array in arrays])
    np.testing.assert_allclose(found[:-1, :SUMMARY], expected[:-1, :SUMMARY], 1e-5, 1e-6)
    np.testing.assert_array_equal(found[:-1, SUMMARY:], expected[:-1, SUMMARY:])
    assert found[-1, SUMMARY:].sum() == 4.0  # what is not finite lies in some bin


def test_threads_share_the_arrays_by_what_they_cost():
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=size).astype("f4") for size in (300_000, 7, 150_000, 9, 150_001)]
    xp = Recorder()
    given = [xp.input(array.shape, array.dtype) for array in arrays]
    program = xp.finish([xp.describe(*given, bins=BINS, sample=SAMPLE)])
    alone, shared = (compile_program(program, threads=threads) for threads in (1, 2))
    [task] = shared.passes.schedule.tasks
    assert shared.threads == 2
    assert task.parts[0][1] == pytest.approx(task.extent / 2, abs=1)
    np.testing.assert_array_equal(shared(*arrays)[0], alone(*arrays)[0])


def test_what_is_computed_is_described_too():
    xp = Recorder()
    a, b = xp.input((5, 4), np.dtype("f4")), xp.input((4, 5), np.dtype("f4"))
    turned = xp.transpose(xp.subtract(xp.exp(a), 1.0), (1, 0))
    program = xp.finish([xp.describe(xp.add(turned, b), b, bins=4, sample=100)])
    x, y = (
        np.random.default_rng(i).normal(size=s).astype("f4") for i, s in enumerate([(5, 4), (4, 5)])
    )
    [found] = compile_program(program)(x, y)
    expected = [described(array, 4, 100) for array in ((np.exp(x) - 1).T + y, y)]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_it_takes_floats_alone():
    xp = Recorder()
    with pytest.raises(DTypeError, match="describe of int64"):
        xp.describe(xp.input((3,), np.dtype("i8")), bins=4, sample=10)
