"""The loop of the protocol: what the symbolic engine refuses, and NumPy's plain loop."""

import numpy as np
import pytest

from glassnet.engines import Recorder, numpy_engine
from glassnet.errors import ShapeError

F4 = np.dtype("f4")


def running_sum():
    """s' = s + x; the step's output is x · s'."""
    xp = Recorder()
    s, x = xp.input((2,), F4), xp.input((2,), F4)
    total = xp.add(s, x)
    return xp.finish([total, xp.multiply(x, total)])


def settings(**changes):
    known = {"body": running_sum(), "length": 3, "carried": 1, "sequences": 1, "reverse": False}
    return known | changes


def test_numpy_runs_the_steps_in_order():
    rows = np.arange(6, dtype="f4").reshape(3, 2)
    last, stacked = numpy_engine.scan(np.zeros(2, "f4"), rows, **settings())
    assert last.tolist() == rows.sum(0).tolist()
    assert stacked.tolist() == (rows * rows.cumsum(0)).tolist()


def test_in_reverse_the_last_row_comes_first_and_outputs_stay_at_their_row():
    rows = np.arange(6, dtype="f4").reshape(3, 2)
    _, stacked = numpy_engine.scan(np.zeros(2, "f4"), rows, **settings(reverse=True))
    assert stacked.tolist() == (rows * rows[::-1].cumsum(0)[::-1]).tolist()


def test_a_scan_is_one_statement_with_its_body_below():
    xp = Recorder()
    xp.finish(xp.scan(xp.input((2,), F4), xp.input((3, 2), F4), **settings()))
    assert str(xp.program).splitlines()[2:] == [
        "v2    float32  (2,)            ",
        "v3    float32  (3, 2)           = scan(v0, v1, length=3, carried=1, sequences=1, "
        "reverse=False)",
        "      v0    float32  (2,)             input",
        "      v1    float32  (2,)             input",
        "      v2    float32  (2,)             = add(v0, v1)",
        "      v3    float32  (2,)             = multiply(v1, v2)",
        "      return v2, v3",
        "return v2, v3",
    ]
    xp.program.check()


def test_arrays_that_the_body_does_not_take_are_refused():
    xp = Recorder()
    state, rows = xp.input((2,), F4), xp.input((4, 2), F4)
    with pytest.raises(ShapeError, match=r"float32 \(3, 2\)(?s:.*)float32 \(4, 2\)"):
        xp.scan(state, rows, **settings())
    with pytest.raises(ShapeError, match="not what its body takes"):
        xp.scan(state, **settings())


def test_a_body_that_changes_its_state_is_refused():
    xp = Recorder()
    a = xp.input((2,), F4)
    body = xp.finish([xp.sum(a, axes=(0,), keepdims=True)])
    xp = Recorder()
    with pytest.raises(ShapeError, match="changes the type of a state"):
        xp.scan(xp.input((2,), F4), **settings(body=body, sequences=0))


def test_a_loop_takes_a_step():
    xp = Recorder()
    with pytest.raises(ShapeError, match="at least one step"):
        xp.scan(xp.input((2,), F4), xp.input((0, 2), F4), **settings(length=0))
