"""Each rule of the simplifier, by what is left of a program."""

import numpy as np
import pytest

from glassnet.engines import numpy_engine, replay
from glassnet.engines.native.simplify import simplify

from .helpers import F32, I64, record

A = np.arange(6, dtype=F32).reshape(2, 3)


def left(function, *arrays):
    """The functions of the simplified program, whose results are unchanged."""
    program = record(function, *arrays)
    short = simplify(program)
    short.check()
    before, after = (replay(p, numpy_engine, arrays) for p in (program, short))
    for a, b in zip(before, after, strict=True):
        np.testing.assert_array_equal(a, b)
    return [statement.function for statement in short.statements]


NOTHING = {
    "add 0": lambda xp, a: xp.add(a, 0.0),
    "0 add": lambda xp, a: xp.add(0.0, a),
    "subtract 0": lambda xp, a: xp.subtract(a, 0),
    "multiply 1": lambda xp, a: xp.multiply(a, 1.0),
    "full of 1": lambda xp, a: xp.multiply(xp.full(shape=(2, 3), value=1.0, dtype=F32), a),
    "divide 1": lambda xp, a: xp.divide(a, 1),
    "power 1": lambda xp, a: xp.power(a, 1.0),
    "negative twice": lambda xp, a: xp.negative(xp.negative(a)),
    "cast": lambda xp, a: xp.cast(a, dtype=F32),
    "reshape": lambda xp, a: xp.reshape(xp.reshape(a, shape=(6,)), shape=(2, 3)),
    "transpose": lambda xp, a: xp.transpose(xp.transpose(a, axes=(1, 0)), axes=(1, 0)),
    "broadcast": lambda xp, a: xp.broadcast_to(a, shape=(2, 3)),
    "slice": lambda xp, a: xp.slice(a, starts=(0, 0), stops=(2, 3), steps=(1, 1)),
    "pad": lambda xp, a: xp.pad(a, widths=((0, 0), (0, 0)), value=0.0),
    "concat": lambda xp, a: xp.concat(a, axis=0),
}


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_what_does_nothing_disappears(name):
    assert left(NOTHING[name], A) == []


def test_the_same_statement_is_kept_once():
    def twice(xp, a):
        return xp.add(xp.exp(a), xp.exp(a))

    assert left(twice, A) == ["exp", "add"]


def test_what_no_output_needs_is_dropped():
    def unused(xp, a):
        xp.tanh(a)
        return xp.exp(a)

    assert left(unused, A) == ["exp"]


def test_constants_are_computed():
    def constant(xp, a):
        two = xp.add(xp.full(shape=(), value=1.5, dtype=F32), 0.5)
        return xp.multiply(a, xp.exp(xp.log(two)))

    assert left(constant, A) == ["full", "multiply"]


@pytest.mark.parametrize(
    ("exponent", "functions"),
    [
        (2.0, ["multiply"]),
        (3.0, ["multiply", "multiply"]),
        (0.5, ["sqrt"]),
        (-1.0, ["divide"]),
        (1.5, ["power"]),
    ],
)
def test_powers(exponent, functions):
    assert left(lambda xp, a: xp.power(xp.add(a, 1.0), exponent), A)[1:] == functions


def test_numbers_that_look_alike_differ():
    def signs(xp, a):
        return xp.add(xp.divide(a, 0.0), xp.divide(a, -0.0))

    assert left(signs, A + 1).count("divide") == 2


def test_a_sum_over_nothing_is_a_reshape():
    assert left(lambda xp, a: xp.sum(a, axes=(0,), keepdims=False), A[:1]) == ["reshape"]


def test_integers_keep_their_power():
    assert left(lambda xp, a: xp.power(a, 2), A.astype(I64)) == ["power"]
