"""Products of odd sizes, every way their operands can lie, every cut."""

import itertools

import numpy as np
import pytest

from glassnet.engines import numpy_engine, replay
from glassnet.engines.native import compile_program
from glassnet.engines.native.target import find

from .helpers import F32, F64, ODD, check, compare, record

RNG = np.random.default_rng(0)
WAYS = ("ik,kj->ij", "ki,kj->ij", "ik,jk->ij", "ki,jk->ij", "ik,kj->ji")


def operands(spec, dtype=F32, **sizes):
    terms = spec.split("->")[0].split(",")
    return [RNG.normal(size=[sizes[c] for c in term]).astype(dtype) for term in terms]


@pytest.mark.parametrize("spec", WAYS)
@pytest.mark.parametrize("k", [7, 33])
def test_odd_sizes(spec, k):
    pairs = [operands(spec, i=m, j=n, k=k) for m, n in itertools.product(ODD, ODD)]

    def all_of_them(xp, *arrays):
        return [
            xp.contract(x, y, spec=spec) for x, y in zip(arrays[::2], arrays[1::2], strict=True)
        ]

    check(all_of_them, *itertools.chain(*pairs), rtol=1e-5)


@pytest.mark.parametrize("spec", WAYS)
def test_double_precision(spec):
    a, b = operands(spec, F64, i=33, j=31, k=17)
    check(lambda xp, x, y: xp.contract(x, y, spec=spec), a, b, rtol=1e-13)


@pytest.mark.parametrize("spec", ["bik,bkj->bij", "bki,bjk->bij", "ibk,jbk->bij", "bik,kj->bij"])
def test_batches(spec):
    a, b = operands(spec, i=9, j=17, k=15, b=5)
    check(lambda xp, x, y: xp.contract(x, y, spec=spec), a, b, rtol=1e-5)


@pytest.mark.parametrize("spec", ["ik,kj->ij", "ik,jk->ij", "ki,kj->ij"])
def test_sizes_that_are_cut_into_blocks(spec):
    a, b = operands(spec, i=330, j=70, k=2100)
    native = check(lambda xp, x, y: xp.contract(x, y, spec=spec), a, b, rtol=1e-5)
    assert native.passes.schedule.tasks[0].product.blocks > 1


@pytest.mark.parametrize("target", ["avx512", "avx2"])
def test_rows_side_by_side_are_packed_for_small_tiles(target):
    if not find(target).runs_here:
        pytest.skip(f"this processor has no {target}")
    a, b = operands("ki,kj->ij", i=84, j=192, k=102)
    native = check(
        lambda xp, x, y: xp.contract(x, y, spec="ki,kj->ij"), a, b, rtol=1e-5, target=target
    )
    product = native.passes.schedule.tasks[0].product
    assert product.packs_left == (target == "avx2")


@pytest.mark.parametrize(
    ("spec", "m", "packed"),
    [
        ("ik,kj->ij", 3, False),
        ("ik,kj->ij", 16, True),  # rows 4 KiB apart
        ("ik,kj->ij", 47, True),
        ("ki,kj->ij", 90, False),  # k so little apart that a cache holds them all
        ("ki,kj->ij", 512, True),
    ],
)
def test_rows_that_the_caches_would_not_hold_are_packed(spec, m, packed):
    a, b = operands(spec, i=m, j=350, k=1024)
    native = check(lambda xp, x, y: xp.contract(x, y, spec=spec), a, b, rtol=1e-5, threads=1)
    assert native.passes.schedule.tasks[0].product.packs_left == packed


@pytest.mark.parametrize("m", [1, 13, 31, 66])
@pytest.mark.parametrize("n", [1, 17, 130])
def test_what_the_finish_reads_is_fetched_beside_the_product(m, n):
    a, b = operands("ki,kj->ij", i=m, j=n, k=45)
    c, d, e = (RNG.normal(size=(m, n)).astype(F32) for _ in range(3))

    def update(xp, x, y, *rest):
        product = xp.contract(x, y, spec="ki,kj->ij")
        return [xp.add(xp.multiply(product, r), r) for r in rest]

    native = check(update, a, b, c, d, e, rtol=1e-5)
    product = native.passes.schedule.tasks[0].product
    if m > 4 and n > 4:
        assert len(product.fetched) == 3
        assert native.ir().count("call void @llvm.prefetch") > 0


def adam(xp, x, y, p, mean, square):
    """What an optimiser does with a gradient that is a product."""
    gradient = xp.contract(x, y, spec="ki,kj->ij")
    mean = xp.add(xp.multiply(mean, 0.9), xp.multiply(gradient, 0.1))
    square = xp.add(xp.multiply(square, 0.99), xp.multiply(xp.multiply(gradient, gradient), 0.01))
    step = xp.divide(mean, xp.add(xp.sqrt(square), 1e-3))
    return [xp.subtract(p, xp.multiply(step, 0.1)), mean, square]


def update_of(m, n, k):
    a, b = operands("ki,kj->ij", i=m, j=n, k=k)
    p, mean, square = (RNG.normal(size=(m, n)).astype(F32) for _ in range(3))
    return a, b, p, mean, square**2


@pytest.mark.parametrize(("m", "n"), [(7, 17), (16, 16), (31, 130), (40, 15)])
def test_a_costly_finish_is_done_beside_the_next_tile(m, n):
    native = check(adam, *update_of(m, n, 45), rtol=1e-5)
    product = native.passes.schedule.tasks[0].product
    if native.target.registers == 32:
        assert product.beside
        # Once between two stretches of the next tile, and once after the last.
        assert native.ir().count("= call <16 x float> @llvm.sqrt") >= 2


@pytest.mark.parametrize("target", ["avx512", "avx2"])
def test_a_costly_finish_gives_the_same_bits_on_every_number_of_threads(target):
    if not find(target).runs_here:
        pytest.skip(f"this processor has no {target}")
    program, arrays = record(adam, *(given := update_of(103, 67, 130))), given
    alone = compile_program(program, target=target)(*arrays)
    for threads in (2, 3):
        many = compile_program(program, target=target, threads=threads)
        many.pace.choices = [threads]  # and not what the clock finds faster
        compare(many(*arrays), alone, rtol=0)
    compare(alone, replay(program, numpy_engine, arrays), rtol=1e-5)


def test_a_costly_finish_of_batches():
    a, b = operands("bik,bkj->bij", i=40, j=50, k=37, b=3)
    native = check(
        lambda xp, x, y: xp.tanh(xp.contract(x, y, spec="bik,bkj->bij")), a, b, rtol=1e-5
    )
    product = native.passes.schedule.tasks[0].product
    assert product.batch == 3
    assert product.beside == (native.target.registers == 32)


def test_views_of_operands_cost_no_copy():
    a, b = RNG.normal(size=(20, 3, 11)).astype(F32), RNG.normal(size=(40, 30)).astype(F32)

    def views(xp, x, y):
        left = xp.slice(x, starts=(0, 1, 0), stops=(20, 2, 11), steps=(1, 1, 1))
        right = xp.slice(y, starts=(3, 1), stops=(36, 30), steps=(3, 2))
        return xp.contract(xp.reshape(left, shape=(20, 11)), right, spec="ik,kj->ij")

    native = check(views, a, b, rtol=1e-5)
    assert len(native.passes.schedule.tasks) == 1


def test_integers_and_truth_values():
    a, b = RNG.integers(-9, 9, (7, 5)), RNG.integers(-9, 9, (5, 6))
    check(lambda xp, x, y: xp.contract(x, y, spec="ik,kj->ij"), a, b)
    check(lambda xp, x, y: xp.contract(x, y, spec="ik,kj->ij"), a > 0, b > 0)


def test_nan_and_infinity_pass():
    a, b = operands("ik,kj->ij", i=17, j=33, k=9)
    a[3, 4], b[5, 6] = np.nan, np.inf
    program = record(lambda xp, x, y: xp.contract(x, y, spec="ik,kj->ij"), a, b)
    with np.errstate(all="ignore"):
        compare(compile_program(program)(a, b), replay(program, numpy_engine, [a, b]), 1e-5)
