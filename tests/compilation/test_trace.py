"""What a trace finds out: captures, updates, gradients, host numbers; and that it cleans up."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.compilation import trace_call
from glassnet.compilation.trace import _writable
from glassnet.graph import per_call


def leaf(values, name=""):
    return gn.tensor(values, name=name, requires_grad=True)


def test_a_tensor_from_outside_is_an_input():
    w = leaf([1.0, 2.0])
    traced = trace_call(lambda x: x * w + w, (np.ones(2, "f4"),), {})
    assert traced.arguments == 1
    assert traced.captured == {1: w}
    assert len(traced.program.inputs) == 2


def test_an_update_is_found_and_undone():
    w = leaf([1.0, 2.0])
    before = w.array

    def step(x):
        loss = (w * x).sum()
        loss.backward()
        w.array = (w.detach() - 0.5 * w.grad).array
        return loss

    traced = trace_call(step, (np.ones(2, "f4"),), {})
    assert w.array is before
    assert w.grad is None
    assert traced.gradients == [w]
    assert traced.updates == {1: 2}


def test_a_cleared_gradient_costs_no_output():
    w = leaf([1.0, 2.0])

    def step(x):
        (w * x).sum().backward()
        w.grad = None
        return x

    traced = trace_call(step, (np.ones(2, "f4"),), {})
    assert traced.gradients == []
    assert len(traced.program.outputs) == 1


@pytest.mark.parametrize("at_once", [False, True])
def test_numbers_of_the_host_are_inputs_computed_before_each_call(at_once):
    calls = [0]

    def advance(count):
        calls[0] += count

    def many(count):
        return {"n": 10 + np.arange(count)}

    def scaled(x):
        numbers = per_call(
            lambda: {"n": np.float32(calls[0])}, advance, many=many if at_once else None
        )
        return x * numbers["n"]

    traced = trace_call(scaled, (np.ones(2, "f4"),), {})
    assert calls == [0]  # a trace reads and does not advance
    (first,) = traced.host_values(traced.host_tables(1))
    (rest,) = traced.host_values(traced.host_tables(3))
    assert (first[0], first[1].tolist()) == (1, [0.0])
    assert rest[1].tolist() == ([10.0, 11.0, 12.0] if at_once else [1.0, 2.0, 3.0])
    assert calls == [4]


def test_a_failed_trace_leaves_everything_as_it_was():
    w = leaf([1.0, 2.0])
    before = w.array

    def fails(x):
        (w * x).sum().backward()
        w.array = (w * x).array
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        trace_call(fails, (np.ones(2, "f4"),), {})
    assert w.array is before
    assert w.grad is None


def test_an_update_keeps_its_type():
    w = leaf([1.0, 2.0])

    def grows(x):
        y = w * x
        w.array = y.sum().array
        return y

    with pytest.raises(gn.ProgramError, match="changes its type"):
        trace_call(grows, (np.ones(2, "f4"),), {})


def test_nothing_that_depends_on_the_outside_is_computed_while_tracing():
    momentum = gn.tensor([1.0])

    def step(x):
        momentum.array = (momentum * 0.5 + 1.0).array  # no argument takes part
        return x + momentum

    traced = trace_call(step, (np.zeros(1, "f4"),), {})
    assert list(traced.captured.values()) == [momentum]
    assert traced.updates == {1: 1}


def test_large_arrays_that_a_program_writes_start_on_cache_lines_each_at_another():
    parameters = [leaf([0.0]) for _ in range(40)]
    for i, parameter in enumerate(parameters):
        parameter.array = (np.arange(6001, dtype="f4") + i - 1)[1:]  # on no line of its own
    arrays = [_writable(parameter, shared=False) for parameter in parameters]
    starts = [array.ctypes.data % 4096 for array in arrays]
    assert all(start % 64 == 0 for start in starts)
    assert len(set(starts)) == len(starts)
    for i, (parameter, array) in enumerate(zip(parameters, arrays, strict=True)):
        assert parameter.array is array is _writable(parameter, shared=False)
        assert array[0] == i


def test_a_small_array_stays_where_it_is():
    w = leaf([1.0, 2.0])
    assert _writable(w, shared=False) is w.array
