"""Steps of several programs in one native call."""

import numpy as np
import pytest

from glassnet.engines import Recorder
from glassnet.engines.native import Batch, Part, Steps, compile_program, run_chain
from glassnet.errors import ArgumentError

F4, I8 = np.dtype("f4"), np.dtype("i8")
DATA = np.random.default_rng(0).normal(size=(50, 300)).astype("f4")


def program(batch, threads, looks=False):
    """weight += rate · Σ tanh(rows · weight), which returns the sum; and the weight before."""
    xp = Recorder()
    x, weight, rate = xp.input((batch, 300), F4), xp.input((300,), F4), xp.input((), F4)
    step = xp.sum(xp.tanh(xp.multiply(x, weight)), axes=(0,), keepdims=False)
    total = xp.sum(step, axes=(0,), keepdims=False)
    changed = xp.add(weight, xp.multiply(step, rate))
    outputs = [total, *([xp.multiply(weight, 1.0)] if looks else []), changed]
    updates = {1: len(outputs) - 1}
    return compile_program(xp.finish(outputs), updates=updates, threads=threads)


@pytest.mark.parametrize("threads", [1, 2])
def test_pieces_run_in_order_and_each_program_counts_its_own_steps(threads):
    rng = np.random.default_rng(1)
    sizes = [(16, False)] * 3 + [(16, True)] + [(16, False)] * 4 + [(5, False), (16, True)]
    batches = [rng.integers(0, 50, size) for size, _ in sizes]
    rates = np.linspace(0.01, 0.02, len(sizes), dtype="f4")
    one = np.ones(300, "f4")
    expected, seen = [], []
    for rows, rate, (size, looks) in zip(batches, rates, sizes, strict=True):
        total, *before = program(size, 1, looks)(DATA[rows], one, rate)
        expected.append(total)
        seen += before
    weight, kinds = np.ones(300, "f4"), [(16, False), (16, True), (5, False)]
    parts = []
    for kind in kinds:
        own = [i for i, size in enumerate(sizes) if size == kind]
        inputs = [Batch(DATA, np.stack([batches[i] for i in own])), None, Steps(rates[own])]
        each = (0, 1) if kind[1] else (0,)
        held = [(1, weight)]
        parts.append(Part(program(kind[0], threads, kind[1]), inputs, len(own), each, held))
    found = run_chain(parts, [(0, 3), (1, 1), (0, 4), (2, 1), (1, 1)])
    order = [found[0][0][:3], found[1][0][:1], found[0][0][3:], found[2][0], found[1][0][1:]]
    np.testing.assert_array_equal(np.concatenate(order), expected)
    np.testing.assert_array_equal(found[1][1], seen)
    np.testing.assert_array_equal(weight, one)


def test_an_index_outside_is_told_by_whichever_program_meets_it():
    xp = Recorder()
    table, places = xp.input((4,), F4), xp.input((2,), I8)
    picked = compile_program(xp.finish([xp.gather(table, places, axis=0)]))
    good, bad = ([np.zeros(4, "f4"), np.array(at)] for at in ([0, 3], [0, 4]))
    parts = [
        Part(
            program(5, 1),
            [Batch(DATA, np.zeros((1, 5), int)), np.ones(300, "f4"), Steps(np.ones(1, "f4"))],
            1,
            (0,),
            (),
        ),
        Part(picked, good, 1, (0,), ()),
    ]
    run_chain(parts, [(0, 1), (1, 1)])
    parts[1].inputs = bad
    with pytest.raises(ArgumentError, match="outside its axis"):
        run_chain(parts, [(1, 1), (0, 1)])


def test_held_inputs_are_placed_anew_where_they_are_others():
    rows = np.zeros((1, 5), int)
    native = program(5, 1)

    def run(held):
        inputs = [Batch(DATA, rows), None, Steps(np.ones(1, "f4"))]
        other = Part(program(5, 1), inputs, 1, (0,), held)
        return run_chain([Part(native, inputs, 1, (0,), held), other], [(0, 1), (1, 1)])[0][0]

    first = [(1, np.ones(300, "f4"))]
    before = run(first)
    assert run(first) != before  # the weight has moved on in place
    assert run([(1, np.ones(300, "f4"))]) == before
    native(DATA[:5], np.zeros(300, "f4"), np.ones((), "f4"))  # a call with arrays of its own
    second = [(1, np.ones(300, "f4"))]
    assert run(second) == before
