"""Other processors: AVX2 code runs where it can, NEON code is at least compiled."""

import pytest

from glassnet.engines import numpy_engine, replay
from glassnet.engines.native import compile_program
from glassnet.engines.native.target import find, host
from glassnet.engines.native.tile import choose
from glassnet.errors import ProgramError

from .helpers import F32, F64, compare
from .networks import training_step, values


@pytest.mark.parametrize("name", ["avx2", "avx512"])
def test_a_step_runs_on_narrower_vectors(name):
    if not find(name).runs_here:
        pytest.skip(f"this processor has no {name}")
    program, updates = training_step(33, 31, 7, 17)
    arrays = values(program, 7)
    expected = replay(program, numpy_engine, arrays)
    native = compile_program(program, updates=updates, target=name)
    compare(native(*arrays), expected[:1], rtol=1e-5)
    compare(arrays[3:], expected[1:], rtol=2e-5)
    assert ("zmm" in native.assembly()) == (name == "avx512")


def test_neon_code_is_compiled():
    program, updates = training_step(33, 31, 7, 17)
    native = compile_program(program, updates=updates, threads=2, target="neon")
    assert "fmla" in native.assembly()
    if host().name != "neon":
        with pytest.raises(ProgramError, match="cannot run on this processor"):
            native(*values(program, 7))


def test_the_host_has_vectors():
    assert find(None) is host()
    assert host().lanes(F32) == 2 * host().lanes(F64) >= 4


@pytest.mark.parametrize("name", ["avx2", "avx512", "neon"])
@pytest.mark.parametrize("sizes", [(1, 2, 3), (128, 512, 784), (2048, 2048, 2048), (33, 10, 9)])
def test_a_tile_fits_the_registers(name, sizes):
    target = find(name)
    tile = choose(*sizes, F32, target)
    assert tile.rows * tile.vectors + tile.vectors + 1 <= target.registers
    assert 1 <= tile.depth <= sizes[2]
