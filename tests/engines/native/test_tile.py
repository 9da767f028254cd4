"""How products are cut: what fits the caches, and what threads share out."""

import numpy as np
import pytest

from glassnet.engines.native.micro import Micro, together
from glassnet.engines.native.target import find
from glassnet.engines.native.tile import choose

F32 = np.dtype("float32")


@pytest.mark.parametrize("target", ["avx512", "avx2", "neon"])
@pytest.mark.parametrize("size", [(1, 1, 7), (31, 33, 2000), (512, 784, 128), (2048, 2048, 256)])
def test_a_tile_fits_the_registers_and_its_blocks_the_caches(target, size):
    m, n, k = size
    found = find(target)
    tile = choose(m, n, k, F32, found)
    assert tile.rows * tile.vectors + tile.vectors + 1 <= found.registers
    assert tile.rows * tile.depth * 4 <= 48 * 1024
    assert tile.width == 1 or tile.width * tile.columns * tile.depth * 4 <= 0.75 * found.cache_bytes


def test_threads_get_equal_shares():
    tile = choose(128, 512, 784, F32, find("avx512"), threads=2)
    panels = -(-512 // tile.columns) if tile.split == "columns" else -(-128 // tile.rows)
    assert panels % 2 == 0


def test_rows_of_a_parameter_are_shared_out_where_it_is_updated():
    size = (128, 128, 32, F32, find("avx512"))
    assert choose(*size, threads=2, finished=3).split == "rows"
    assert choose(*size, threads=2).split == "columns"


def test_the_smaller_operand_is_what_every_thread_reads():
    assert choose(768, 128, 128, F32, find("avx512"), threads=2).split == "rows"
    assert choose(128, 768, 128, F32, find("avx512"), threads=2).split == "columns"


def test_all_rows_stay_together_when_asked():
    assert choose(3, 500, 40, F32, find("avx512"), threads=4, whole=True).rows == 3


@pytest.mark.parametrize("k", [14, 30, 45, 500])
def test_everything_is_fetched_before_k_ends(k):
    kernel = Micro(13, 2, 16, "float", 1, 13, (512,) * 3, together(13, k, (512,) * 3))
    loops = -(-3 // kernel.together)
    assert loops * 13 < k
    assert kernel.text().count("phi i64") == loops + 1
