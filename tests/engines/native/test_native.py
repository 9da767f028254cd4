"""Compiled training steps: calls, loops, updates in place, threads, errors."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from glassnet.engines import numpy_engine, replay
from glassnet.engines.native import Batch, Steps, compile_program
from glassnet.engines.native.pace import Pace
from glassnet.errors import ArgumentError, DTypeError, ProgramError, ShapeError

from .helpers import F32, compare, record, run
from .networks import training_step, values

SIZES = [(2, 16, 2, 32), (7, 15, 3, 17), (64, 96, 10, 33)]


@pytest.fixture(params=SIZES, ids=str)
def network(request):
    program, updates = training_step(*request.param)
    return program, updates, values(program, request.param[2])


def test_a_step_is_the_step_of_the_reference(network):
    program, updates, arrays = network
    expected = replay(program, numpy_engine, arrays)
    mine = [a.copy() for a in arrays]
    outputs = compile_program(program, updates=updates)(*mine)
    compare(outputs, expected[:1], rtol=1e-5)
    compare(mine[3:], expected[1:], rtol=2e-5)


def test_updates_are_written_over_the_inputs_without_a_copy(network):
    program, updates, _ = network
    native = compile_program(program, updates=updates)
    assert len(native.passes.plan.in_place) == len(updates)
    assert native.passes.plan.copies == []


def test_a_loop_is_the_calls_one_after_the_other(network):
    program, updates, arrays = network
    native = compile_program(program, updates=updates)
    rng = np.random.default_rng(1)
    data = rng.normal(size=(50, program.inputs[0].shape[1])).astype(F32)
    labels = rng.integers(0, 2, 50)
    rows = rng.integers(0, 50, (6, program.inputs[0].shape[0]))
    rates = np.linspace(0.01, 0.001, 6).astype(F32)

    one = [a.copy() for a in arrays]
    losses = []
    for step in range(6):
        one[:3] = data[rows[step]], labels[rows[step]], rates[step]
        losses.append(native(*one)[0])
    many = [a.copy() for a in arrays]
    inputs = [Batch(data, rows), Batch(labels, rows), Steps(rates), *many[3:]]
    (recorded,) = native.loop(inputs, 6, each=[0])
    np.testing.assert_array_equal(recorded, losses)
    for a, b in zip(many[3:], one[3:], strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_threads_change_no_bit(threads, network, monkeypatch):
    monkeypatch.setattr("glassnet.engines.native.schedule._ALONE", 0)
    monkeypatch.setattr("glassnet.engines.native.schedule._SMALL", 0)
    monkeypatch.setattr(Pace, "next", lambda self, left: (self.choices[0], left))
    program, updates, arrays = network
    results = []
    for count in (1, threads):
        mine = [a.copy() for a in arrays]
        native = compile_program(program, updates=updates, threads=count)
        assert native.threads == count
        losses = native.loop(mine, 5, each=[0])
        results.append([*losses, *mine])
    for a, b in zip(*results, strict=True):
        assert a.tobytes() == b.tobytes()


def test_bytes_are_gathered_too():
    images = np.arange(40, dtype=np.uint8).reshape(10, 4)
    program = record(
        lambda xp, a: xp.sum(xp.cast(a, dtype=F32), axes=(1,), keepdims=False), images[:3]
    )
    rows = np.array([[0, 9, 4], [1, 1, 2]])
    (out,) = compile_program(program).loop([Batch(images, rows)], 2, each=[0])
    np.testing.assert_array_equal(out, images[rows].sum(2).astype(F32))


def test_a_value_that_others_still_need_is_copied_at_the_end():
    a = np.arange(6, dtype=F32).reshape(2, 3)

    def reversed_sum(xp, x):
        return [xp.add(x, xp.flip(x, axes=(1,)))]

    program = record(reversed_sum, a)
    native = compile_program(program, updates={0: 0})
    mine = a.copy()
    assert native(mine) == []
    np.testing.assert_array_equal(mine, a + a[:, ::-1])
    assert len(native.passes.plan.copies) == 1


def test_two_parameters_can_change_places():
    a, b = np.arange(40, dtype=F32), np.ones(40, F32)
    program = record(lambda xp, x, y: [xp.add(y, 0.0), xp.add(x, 0.0)], a, b)
    x, y = a.copy(), b.copy()
    compile_program(program, updates={0: 0, 1: 1})(x, y)
    np.testing.assert_array_equal(x, b)
    np.testing.assert_array_equal(y, a)


def test_arrays_of_any_layout_are_taken():
    a = np.arange(24, dtype=F32).reshape(4, 6)
    program = record(lambda xp, x: xp.exp(xp.multiply(x, 0.1)), a.T)
    compare(compile_program(program)(a.T), [np.exp(a.T * F32.type(0.1))], rtol=1e-6)


def test_outputs_can_be_given():
    a = np.arange(5, dtype=F32)
    program = record(lambda xp, x: xp.negative(x), a)
    out = np.empty(5, F32)
    assert compile_program(program)(a, out=[out])[0] is out
    np.testing.assert_array_equal(out, -a)


def test_nothing_is_written_outside_the_arrays():
    """Odd sizes between guard bytes that must not change."""
    for n in (1, 7, 15, 17, 31, 33):
        guarded = np.full((3, n + 64), 123.0, F32)
        x = np.arange(n, dtype=F32)
        program = record(
            lambda xp, a: [xp.exp(a), xp.argmax(xp.reshape(a, shape=(1, a.size)), axis=0)], x
        )
        out = guarded[1, 32 : 32 + n]
        compile_program(program)(x, out=[out, np.empty(n, np.int64)])
        guarded[1, 32 : 32 + n] = 123.0
        assert (guarded == 123.0).all()


def test_wrong_arguments_are_refused():
    a = np.zeros((2, 3), F32)
    native = compile_program(record(lambda xp, x: xp.exp(x), a))
    with pytest.raises(ShapeError, match="input 0"):
        native(a.T)
    with pytest.raises(DTypeError, match="input 0"):
        native(a.astype("float64"))
    with pytest.raises(ProgramError, match="1 inputs received 2"):
        native(a, a)
    with pytest.raises(ShapeError, match="rows of a batch"):
        native.loop([Batch(a, np.zeros((1, 5), np.int64))], 1)
    with pytest.raises(ArgumentError, match="at least one step"):
        native.loop([a], 0)
    with pytest.raises(ArgumentError, match="output 3"):
        native.loop([a], 1, each=[3])


def test_wrong_settings_are_refused():
    a = np.zeros((2, 3), F32)
    program = record(lambda xp, x: xp.transpose(x, axes=(1, 0)), a)
    with pytest.raises(ArgumentError, match="at least one thread"):
        compile_program(program, threads=0)
    with pytest.raises(ShapeError, match="cannot be written over"):
        compile_program(program, updates={0: 0})
    with pytest.raises(ArgumentError, match="no input 4"):
        compile_program(program, updates={4: 0})
    with pytest.raises(ArgumentError, match="did you mean"):
        compile_program(program, target="avx")


def test_an_updated_array_must_be_writable():
    a = np.zeros(3, F32)
    a.flags.writeable = False
    native = compile_program(record(lambda xp, x: xp.exp(x), a), updates={0: 0})
    with pytest.raises(ArgumentError, match="updated in place"):
        native(a)


def test_a_row_outside_the_data_is_an_error():
    a = np.zeros((2, 3), F32)
    native = compile_program(record(lambda xp, x: xp.exp(x), a))
    with pytest.raises(ArgumentError, match="outside"):
        native.loop([Batch(a, np.array([[0, 2]]))], 1)


def test_a_long_sum_is_accurate():
    a = np.full(1_000_003, 0.1, F32)
    (total,) = run(lambda xp, x: xp.sum(x, axes=(0,), keepdims=False), a)
    assert abs(total - 0.1 * a.size) < 1e-5 * total


def test_many_python_threads_may_call_one_program():
    weights = np.arange(5000, dtype=F32)  # a constant of the program

    def scaled(xp, x):
        return xp.exp(xp.multiply(xp.multiply(x, xp.constant(weights)), 1e-4))

    native = compile_program(record(scaled, weights))
    inputs = [np.full(5000, n, F32) for n in range(20)]
    with ThreadPoolExecutor(4) as pool:
        outputs = list(pool.map(lambda a: native(a)[0], inputs))
    for given, out in zip(inputs, outputs, strict=True):
        np.testing.assert_array_equal(out, native(given)[0])
        np.testing.assert_allclose(out, np.exp(given * weights * F32.type(1e-4)), rtol=1e-5)
