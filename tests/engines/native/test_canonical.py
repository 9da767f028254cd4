"""The canonical form: one shape of product, reductions without kept axes, outputs of their own."""

import numpy as np
import pytest

from glassnet.engines import numpy_engine, replay
from glassnet.engines.native.canonical import PRODUCT, canonical

from .helpers import F32, record

RNG = np.random.default_rng(0)


def form(function, *arrays):
    program = record(function, *arrays)
    made = canonical(program)
    made.check()
    before, after = (replay(p, numpy_engine, arrays) for p in (program, made))
    for a, b in zip(before, after, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)
    return made


@pytest.mark.parametrize(
    ("spec", "a", "b"),
    [
        ("ij,jk->ik", (2, 3), (3, 4)),
        ("ij,kj->ki", (2, 3), (4, 3)),
        ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)),
        ("bihd,bjhd->bhij", (2, 3, 2, 4), (2, 5, 2, 4)),
        ("abx,yx->aby", (2, 3, 4), (5, 4)),
        ("abx,aby->xy", (2, 3, 4), (2, 3, 5)),
        ("axb,yx->yab", (2, 3, 4), (5, 3)),
    ],
)
def test_every_product_is_one_product(spec, a, b):
    a, b = (RNG.normal(size=shape).astype(F32) for shape in (a, b))
    made = form(lambda xp, x, y: xp.contract(x, y, spec=spec), a, b)
    products = [s for s in made.statements if s.function == "contract"]
    assert [dict(s.settings)["spec"] for s in products] == [PRODUCT]


@pytest.mark.parametrize(
    ("spec", "a", "b"),
    [
        ("i,i->", (3,), (3,)),
        ("ij,j->i", (2, 3), (3,)),
        ("i,j->ij", (2,), (3,)),
        ("i,ij->j", (2,), (2, 3)),
    ],
)
def test_without_a_matrix_there_is_no_product(spec, a, b):
    a, b = (RNG.normal(size=shape).astype(F32) for shape in (a, b))
    made = form(lambda xp, x, y: xp.contract(x, y, spec=spec), a, b)
    assert "contract" not in [s.function for s in made.statements]


def test_integer_products_are_sums():
    a = np.arange(6).reshape(2, 3)
    made = form(lambda xp, x, y: xp.contract(x, y, spec="ij,jk->ik"), a, a.T.copy())
    assert "contract" not in [s.function for s in made.statements]


def test_a_long_sum_is_taken_in_stages():
    a = RNG.normal(size=(300, 100)).astype(F32)
    made = form(lambda xp, x: xp.sum(x, axes=(0, 1), keepdims=True), a)
    assert [s.function for s in made.statements].count("sum") == 3


def test_outputs_are_variables_of_their_own():
    a = RNG.normal(size=(2, 3)).astype(F32)

    def repeated(xp, x):
        y = xp.exp(x)
        return [x, y, y]

    made = form(repeated, a)
    assert len(set(made.outputs)) == 3
    assert not set(made.outputs) & set(made.inputs)


def test_empty_results_are_filled():
    a = np.zeros((0, 3), F32)
    made = form(lambda xp, x: [xp.exp(x), xp.sum(x, axes=(0,), keepdims=False)], a)
    assert {s.function for s in made.statements} == {"full"}
