"""The symbolic engine's rules, and the checker that holds a program to them."""

import dataclasses

import numpy as np
import pytest

from glassnet.engines import Recorder, numpy_engine, replay
from glassnet.engines.protocol import FUNCTIONS
from glassnet.errors import DTypeError, GlassnetError, ProgramError, ShapeError

F4, F8, I8, B1, U4 = (np.dtype(x) for x in ("f4", "f8", "i8", "?", "u4"))


def layer():
    xp = Recorder()
    x, w = xp.input((4, 3), F4), xp.input((5, 3), F4)
    y = xp.tanh(xp.contract(x, w, spec="bi,oi->bo"))
    return xp.finish([xp.sum(y, axes=(1,), keepdims=False)])


def test_every_engine_offers_the_whole_closed_list():
    assert len(FUNCTIONS) == 49
    for engine in (numpy_engine, Recorder()):
        assert {name for name in FUNCTIONS if callable(getattr(engine, name))} == FUNCTIONS


def test_a_program_prints_as_typed_statements():
    assert str(layer()).splitlines() == [
        "v0    float32  (4, 3)           input",
        "v1    float32  (5, 3)           input",
        "v2    float32  (4, 5)           = contract(v0, v1, spec=bi,oi->bo)",
        "v3    float32  (4, 5)           = tanh(v2)",
        "v4    float32  (4,)             = sum(v3, axes=(1,), keepdims=False)",
        "return v4",
    ]


def test_replay_gives_numpys_numbers():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(4, 3)).astype("f4"), rng.normal(size=(5, 3)).astype("f4")
    (out,) = replay(layer(), numpy_engine, [x, w])
    np.testing.assert_allclose(out, np.tanh(x @ w.T).sum(1), rtol=1e-6)


def test_a_constant_is_recorded_once():
    xp = Recorder()
    table = np.arange(3.0)
    total = xp.add(xp.constant(table), xp.constant(table))
    program = xp.finish([total])
    assert len(program.constants) == 1
    assert replay(program, numpy_engine, [])[0].tolist() == [0.0, 2.0, 4.0]


@pytest.mark.parametrize(
    "damage",
    [
        lambda p: p.statements.pop(0),
        lambda p: p.statements.append(p.statements[0]),
        lambda p: p.statements.reverse(),
        lambda p: p.outputs.append(dataclasses.replace(p.outputs[0], number=99)),
        lambda p: p.inputs.append(p.inputs[0]),
        lambda p: p.statements.__setitem__(
            1,
            dataclasses.replace(
                p.statements[1], out=dataclasses.replace(p.statements[1].out, shape=(9,))
            ),
        ),
    ],
    ids=["undefined", "twice", "order", "no output", "same input", "wrong type"],
)
def test_the_checker_finds_damage(damage):
    program = layer()
    program.check()
    damage(program)
    with pytest.raises(ProgramError):
        program.check()


def test_replay_counts_its_inputs():
    with pytest.raises(ProgramError, match="2 inputs received 1"):
        replay(layer(), numpy_engine, [np.zeros((4, 3), "f4")])


BROKEN = {
    DTypeError: [
        lambda xp, a, i: xp.add(a, xp.input((3,), F8)),
        lambda xp, a, i: xp.add(1.0, 2.0),
        lambda xp, a, i: xp.add(i, 0.5),
        lambda xp, a, i: xp.exp(i),
        lambda xp, a, i: xp.divide(i, 2),
        lambda xp, a, i: xp.where(a, a, a),
        lambda xp, a, i: xp.gather(a, a, axis=0),
        lambda xp, a, i: xp.contract(a, xp.input((3,), F8), spec="i,i->"),
    ],
    ShapeError: [
        lambda xp, a, i: xp.add(a, xp.input((2,), F4)),
        lambda xp, a, i: xp.sum(a, axes=(1,), keepdims=False),
        lambda xp, a, i: xp.sum(a, axes=(0, 0), keepdims=False),
        lambda xp, a, i: xp.reshape(a, shape=(2,)),
        lambda xp, a, i: xp.transpose(a, axes=(1,)),
        lambda xp, a, i: xp.broadcast_to(a, shape=(2,)),
        lambda xp, a, i: xp.slice(a, starts=(0,), stops=(4,), steps=(1,)),
        lambda xp, a, i: xp.slice(a, starts=(0,), stops=(2,), steps=(0,)),
        lambda xp, a, i: xp.flip(a, axes=(1,)),
        lambda xp, a, i: xp.window(a, axes=(0,), sizes=(4,), strides=(1,), dilations=(1,)),
        lambda xp, a, i: xp.window(a, axes=(0,), sizes=(2,), strides=(1,), dilations=(3,)),
        lambda xp, a, i: xp.window(a, axes=(0,), sizes=(2,), strides=(0,), dilations=(1,)),
        lambda xp, a, i: xp.window(a, axes=(1,), sizes=(1,), strides=(1,), dilations=(1,)),
        lambda xp, a, i: xp.concat(a, xp.input((2, 2), F4), axis=0),
        lambda xp, a, i: xp.scatter_add(i, a, axis=0, length=5),
        lambda xp, a, i: xp.random_bits(a, shape=(2,), stream=0),
        lambda xp, a, i: xp.contract(a, a, spec="ij,jk->ik"),
    ],
    ProgramError: [
        lambda xp, a, i: xp.contract(a, a, spec="i,j->"),
    ],
}


@pytest.mark.parametrize(
    ("error", "position"),
    [(error, position) for error, calls in BROKEN.items() for position in range(len(calls))],
)
def test_each_rule_refuses_what_breaks_it(error, position):
    xp = Recorder()
    with pytest.raises(GlassnetError) as caught:
        BROKEN[error][position](xp, xp.input((3,), F4), xp.input((2,), I8))
    assert isinstance(caught.value, error)


def test_the_type_of_each_result():
    xp = Recorder()
    a = xp.input((2, 3), F4)
    assert (xp.less(a, 0.0).dtype, xp.argmax(a, axis=1).dtype) == (B1, I8)
    assert xp.pad(a, widths=((1, 0), (0, 2)), value=0).shape == (3, 5)
    assert xp.concat(a, a, a, axis=1).shape == (2, 9)
    assert xp.slice(a, starts=(0, 0), stops=(2, 3), steps=(1, 2)).shape == (2, 2)
    windows = xp.window(a, axes=(1, 0), sizes=(2, 1), strides=(1, 2), dilations=(2, 1))
    assert windows.shape == (1, 1, 2, 1)
    assert xp.sum(a, axes=(0,), keepdims=True).shape == (1, 3)
    assert xp.random_bits(xp.input((3,), U4), shape=(7,), stream=1).dtype == U4
    assert (a.ndim, a.size) == (2, 6)


def test_a_program_that_was_in_order_is_looked_at_again_when_it_has_changed():
    xp = Recorder()
    a = xp.input((3,), np.dtype("float32"))
    program = xp.finish([xp.negative(xp.exp(a))])
    program.check()
    program.check()
    program.statements.reverse()
    with pytest.raises(ProgramError):
        program.check()
