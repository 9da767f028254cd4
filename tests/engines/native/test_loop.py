"""Compiled loops: their bodies' kernels, where states live, loops in loops, threads."""

import numpy as np
import pytest

from glassnet.engines import Recorder

from .helpers import F32, I64, check, record


def normal(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape).astype("f4") * np.float32(0.5)


def body_of(function, *types):
    xp = Recorder()
    return xp.finish(function(xp, *(xp.input(shape, dtype) for shape, dtype in types)))


def cell(batch, width):
    """h' = tanh(x + h·W); the outputs: h' again, h, and something that is stacked only."""

    def step(xp, h, x, w):
        new = xp.tanh(xp.add(x, xp.contract(h, w, spec="bh,hg->bg")))
        return [new, new, h, xp.sum(new, axes=(1,), keepdims=False)]

    square, row = ((width, width), F32), ((batch, width), F32)
    return body_of(step, row, row, square)


def scanned(body, length, carried=1, sequences=1, reverse=False):
    settings = {"body": body, "length": length, "carried": carried, "sequences": sequences}
    return lambda xp, *arrays: xp.scan(*arrays, **settings, reverse=reverse)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("length", [1, 2, 5])
def test_states_rows_and_sums(length, reverse):
    arrays = normal(3, 17), normal(length, 3, 17), normal(17, 17)
    check(scanned(cell(3, 17), length, reverse=reverse), *arrays, rtol=1e-5)


def test_threads_share_each_step_and_give_the_same_bits():
    arrays = normal(32, 128), normal(6, 32, 128), normal(128, 128) * np.float32(0.1)
    function = scanned(cell(32, 128), 6)
    one = check(function, *arrays, rtol=1e-5, threads=1)
    two = check(function, *arrays, rtol=1e-5, threads=2)
    assert two.threads == 2
    for a, b in zip(one(*arrays), two(*arrays), strict=True):
        assert np.array_equal(a, b)


def the_loop(native):
    """The innermost one: of large loops over sequences, threads have some each."""
    fused, loop = native.passes.fused, None
    while inner := next((k.loop for k in fused.kernels if k.loop), None):
        fused, loop = inner.fused, inner
    return loop


@pytest.mark.parametrize(("batch", "width"), [(33, 128), (30, 20), (7, 256)])
def test_threads_take_their_own_rows_through_all_steps_and_never_meet(batch, width):
    arrays = normal(batch, width), normal(60, batch, width), normal(width, width) * F32.type(0.1)
    function = scanned(cell(batch, width), 60)
    one = check(function, *arrays, rtol=1e-4, threads=1)
    for threads in (2, 4):
        native = check(function, *arrays, rtol=1e-4, threads=threads)
        native.pace.choices = [threads]
        schedule = the_loop(native).schedule
        assert schedule.apart
        assert not any(task.barrier for task in schedule.tasks)
        assert f"scan0.{threads}" in native.ir()
        for a, b in zip(one(*arrays), native(*arrays), strict=True):
            assert np.array_equal(a, b)


def test_threads_meet_where_a_step_mixes_the_rows():
    def step(xp, h, x, w):
        new = xp.tanh(xp.add(x, xp.contract(h, w, spec="bh,hg->bg")))
        return [xp.subtract(new, xp.multiply(xp.sum(new, axes=(0,), keepdims=True), 0.01))]

    row = ((32, 128), F32)
    body = body_of(step, row, row, ((128, 128), F32))
    arrays = normal(32, 128), normal(9, 32, 128), normal(128, 128) * np.float32(0.1)
    one, two = (check(scanned(body, 9), *arrays, rtol=1e-4, threads=n) for n in (1, 2))
    assert not the_loop(two).schedule.apart
    two.pace.choices = [2]
    assert np.array_equal(one(*arrays)[0], two(*arrays)[0])


def test_few_rows_share_out_the_columns():
    arrays = normal(2, 512), normal(9, 2, 512), normal(512, 512) * np.float32(0.05)
    native = check(scanned(cell(2, 512), 9), *arrays, rtol=1e-3, threads=4)
    assert not the_loop(native).schedule.apart


def test_what_nobody_reads_of_a_loop_is_not_computed():
    def around(xp, *arrays):
        last, _, _, sums = scanned(cell(3, 8), 4)(xp, *arrays)
        return [last, sums]

    native = check(around, normal(3, 8), normal(4, 3, 8), normal(8, 8), rtol=1e-5)
    assert len(the_loop(native).rows) == 2  # the sequence and the sums


@pytest.mark.parametrize("reverse", [False, True])
def test_old_states_are_written_where_they_are_made(reverse):
    def around(xp, *arrays):
        last, _, old, _ = scanned(cell(3, 16), 4, reverse=reverse)(xp, *arrays)
        return [last, old]

    native = check(around, normal(3, 16), normal(4, 3, 16), normal(16, 16), rtol=1e-5)
    loop = the_loop(native)
    assert len(loop.ahead) == 1
    assert [k.kind for k in loop.fused.kernels] == ["contract"]


@pytest.mark.parametrize("threads", [1, 2])
def test_what_only_a_next_step_would_read_is_not_computed_at_the_last(threads):
    """Like the gradients by the states of a loop that begins with zeros."""

    def step(xp, h, x, w):
        y = xp.multiply(h, x)
        return [xp.contract(y, w, spec="bh,hg->bg"), y]

    row = ((32, 128), F32)
    function = scanned(body_of(step, row, row, ((128, 128), F32)), 9, reverse=True)
    arrays = normal(32, 128), normal(9, 32, 128), normal(128, 128) * F32.type(0.2)
    native = check(lambda xp, *a: [function(xp, *a)[1]], *arrays, rtol=1e-4, threads=threads)
    assert [task.until_last for task in the_loop(native).schedule.tasks] == [False, True]
    native = check(function, *arrays, rtol=1e-4, threads=threads)
    assert not any(task.until_last for task in the_loop(native).schedule.tasks)


@pytest.mark.parametrize(("length", "past"), [(200, True), (20, False)])
def test_what_another_loop_reads_much_later_goes_past_the_caches(length, past):
    def add(xp, total, x):
        return [xp.add(xp.multiply(total, 0.5), x)]

    row = ((32, 128), F32)
    there, back = cell(32, 128), body_of(add, row, row)

    def around(xp, h, x, w):
        last, new, *_ = scanned(there, length)(xp, h, x, w)
        return scanned(back, length, reverse=True)(xp, last, new)

    arrays = normal(32, 128), normal(length, 32, 128), normal(128, 128) * F32.type(0.1)
    native = check(around, *arrays, rtol=1e-4)
    whole_lines = native.target.vector_bytes == 64
    assert (", !nontemporal" in native.ir()) == (past and whole_lines)


def test_states_may_change_places_and_pass_through():
    """a, b, c → b, a + b, c: a state that is another's old value, and one that stays."""
    body = body_of(lambda xp, a, b, c: [b, xp.add(a, b), c, c], *[((4,), F32)] * 3)
    check(scanned(body, 9, carried=3, sequences=0), normal(4), normal(4), normal(4), rtol=1e-6)


def test_a_state_of_integers_picks_rows():
    def step(xp, place, table):
        row = xp.gather(table, place, axis=0)
        return [xp.cast(xp.sum(row, axes=(1,), keepdims=False), dtype=I64), row]

    body = body_of(step, ((2,), I64), ((5, 2), F32))
    table = np.array([[1, 0], [2, 1], [0, 4], [1, 0], [1, 1]], "f4")
    check(scanned(body, 6, sequences=0), np.array([0, 3]), table)


def test_constants_of_the_body_and_placed_parts():
    table = np.arange(3, dtype="f4")

    def step(xp, a, x):
        wide = xp.concat(a, xp.multiply(x, xp.constant(table)), axis=0)
        return [xp.slice(wide, starts=(1,), stops=(4,), steps=(1,)), wide]

    body = body_of(step, ((3,), F32), ((3,), F32))
    check(scanned(body, 4), normal(3), normal(4, 3))


def test_a_loop_in_a_loop():
    inner = body_of(lambda xp, a, x: [xp.add(xp.multiply(a, 0.5), x)], ((4,), F32), ((4,), F32))

    def step(xp, a, rows):
        (total,) = scanned(inner, 3)(xp, a, rows)
        return [total, xp.multiply(total, a)]

    body = body_of(step, ((4,), F32), ((3, 4), F32))
    check(scanned(body, 5), normal(4), normal(5, 3, 4), rtol=1e-6)


def test_what_is_around_a_loop_fuses_as_ever():
    body = cell(3, 8)

    def around(xp, x, w):
        turned = xp.transpose(xp.multiply(x, 2.0), axes=(1, 0, 2))
        start = xp.full(shape=(3, 8), value=0.0, dtype=F32)
        last, stacked, *_ = scanned(body, 4)(xp, start, turned, w)
        return [xp.add(last, 1.0), xp.sum(stacked, axes=(0, 1, 2), keepdims=False)]

    check(around, normal(3, 4, 8), normal(8, 8), rtol=1e-5)


def test_code_does_not_grow_with_the_steps():
    from glassnet.engines.native import compile_program

    def size(length):
        arrays = normal(3, 8), normal(length, 3, 8), normal(8, 8)
        return len(compile_program(record(scanned(cell(3, 8), length), *arrays)).ir())

    assert abs(size(1000) - size(10)) < 100  # digits


def test_the_loop_and_its_kernels_are_shown():
    arrays = normal(3, 8), normal(4, 3, 8), normal(8, 8)
    text = check(scanned(cell(3, 8), 4), *arrays, rtol=1e-5).show()
    assert "scan of 4 steps" in text
    assert text.count("contract 3×8") == 1


def alone(rows, width):
    """Of each row of a sequence: its product with the weights, and a sum."""

    def step(xp, x, w):
        y = xp.tanh(xp.contract(x, w, spec="bh,hg->bg"))
        return [y, xp.sum(y, axes=(0,), keepdims=False)]

    return body_of(step, ((rows, width), F32), ((width, width), F32))


@pytest.mark.parametrize("length", [1, 7])
def test_steps_without_a_state_are_shared_out(length):
    """Every thread takes some of the steps; none waits for another inside the loop."""
    arrays = normal(length, 40, 64), normal(64, 64)
    function = scanned(alone(40, 64), length, carried=0)
    natives = [check(function, *arrays, rtol=1e-5, threads=n) for n in (1, 2, 3, 8)]
    assert natives[1].threads == min(2, length)
    for native in natives:
        for a, b in zip(natives[0](*arrays), native(*arrays), strict=True):
            assert np.array_equal(a, b)


def test_loops_with_and_without_a_state_in_a_loop_without():
    inner = cell(8, 16)
    apart = alone(8, 16)

    def step(xp, rows, w):
        start = xp.full(shape=(8, 16), value=0.0, dtype=F32)
        last, *_ = scanned(inner, 3)(xp, start, rows, w)
        found, sums = scanned(apart, 3, carried=0)(xp, rows, w)
        return [xp.add(last, 1.0), found, sums]

    body = body_of(step, ((3, 8, 16), F32), ((16, 16), F32))
    arrays = normal(64, 3, 8, 16), normal(16, 16)
    one, three = (
        check(scanned(body, 64, carried=0), *arrays, rtol=1e-5, threads=n) for n in (1, 3)
    )
    assert three.threads == 3
    for a, b in zip(one(*arrays), three(*arrays), strict=True):
        assert np.array_equal(a, b)
