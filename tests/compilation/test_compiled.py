"""Compiled functions agree with the functions they came from."""

import warnings

import numpy as np
import pytest

import glassnet as gn
from glassnet.compilation import compile
from glassnet.ops import OPERATIONS, Elementwise, sample
from glassnet.tensor.structure import flatten, rebuild, signature


def test_structures_are_kept():
    def f(pair, *, scale, flag=False):
        a, b = pair["ab"]
        return {"sum": a + b, "rest": [a * scale if flag else b, "text", None]}

    fast = compile(f, engine="numpy")
    pair = {"ab": (gn.tensor([1.0]), np.array([2.0], "f4"))}
    out = fast(pair, scale=gn.tensor(3.0), flag=True)
    assert out["sum"].numpy().tolist() == [3.0]
    assert out["rest"][0].numpy().tolist() == [3.0]
    assert out["rest"][1:] == ["text", None]


def test_one_program_for_each_signature():
    fast = compile(lambda x, n: x * n, engine="numpy")
    for n in (2, 2, 3):
        fast(gn.tensor([1.0]), n)
    assert "2 programs on numpy" in repr(fast)
    fast(gn.tensor([1.0, 2.0]), 2)
    assert "3 programs" in repr(fast)


def test_many_signatures_are_told():
    fast = compile(lambda x: x * 2.0, engine="numpy")
    for n in range(1, 9):
        fast(np.ones(n))
    with pytest.warns(gn.GlassnetWarning, match="more than 8 signatures"):
        fast(np.ones(9))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fast(np.ones(10))


def test_parameters_are_updated_in_place():
    w = gn.tensor([1.0, 2.0], requires_grad=True)
    numbers = w.array

    def step(x):
        loss = ((w * x) ** 2).sum()
        loss.backward()
        w.array = (w.detach() - 0.1 * w.grad).array
        w.grad = None
        return loss

    fast = compile(step, engine="numpy")
    losses = [fast(gn.tensor([1.0, 1.0])).item() for _ in range(3)]
    assert losses == pytest.approx([5.0, 3.2, 2.048])
    assert w.array is numbers


def test_a_gradient_left_behind_is_there_after_each_call():
    w = gn.tensor([1.0, 2.0], requires_grad=True)

    def step(x):
        loss = (w * w * x).sum()
        loss.backward(accumulate=False)
        return loss

    fast = compile(step, engine="numpy")
    fast(gn.tensor([1.0, 1.0]))
    assert w.grad.numpy().tolist() == [2.0, 4.0]
    fast(gn.tensor([2.0, 2.0]))
    assert w.grad.numpy().tolist() == [4.0, 8.0]


def test_a_parameter_that_cannot_be_written_into_is_replaced():
    w = gn.Tensor(np.broadcast_to(np.float32(1.0), (3,)))

    def grow(x):
        w.array = (w + x).array
        return x

    fast = compile(grow, engine="numpy")
    fast(np.ones(3, "f4"))
    fast(np.ones(3, "f4"))
    assert w.array.tolist() == [3.0, 3.0, 3.0]


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_what_was_detached_before_an_update_stays_what_it_was(engine):
    w = gn.tensor([1.0, 2.0])
    outside = w.detach()

    def step(x):
        before = w.detach()
        w.array = (w + x).array
        return before, w + 0.0, outside * 1.0

    fast = compile(step, engine=engine)
    for calls in (0.0, 1.0):
        before, after, kept = fast(gn.tensor([1.0, 1.0]))
        assert before.numpy().tolist() == [1.0 + calls, 2.0 + calls]
        assert after.numpy().tolist() == [2.0 + calls, 3.0 + calls]
        assert kept.numpy().tolist() == [1.0, 2.0]


def test_what_calls_numpy_itself_runs_eagerly_and_says_so():
    class Sinc(Elementwise):
        """sin(πa) / πa

        d/da is not needed here
        """

        name = "test_sinc"
        symbol = "sinc"

        def forward(self, xp, a):
            return np.sinc(a)

        def backward(self, grad, out, a):
            return (None,)

        def samples(self, rng):
            return [sample(rng.normal((3,)))]

    fast = compile(lambda x: Sinc()(x) * 2.0, engine="numpy")
    with pytest.warns(gn.GlassnetWarning, match="cannot be compiled and runs eagerly"):
        out = fast(gn.tensor([0.0, 0.5]))
    np.testing.assert_allclose(out.numpy(), 2 * np.sinc([0.0, 0.5]), rtol=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fast(gn.tensor([0.0]))
    del OPERATIONS["test_sinc"]


def test_branching_on_a_value_runs_eagerly_and_says_so():
    fast = compile(lambda x: x if x.sum().item() > 0 else -x, engine="numpy")
    with pytest.warns(gn.GlassnetWarning, match="is being traced"):
        assert fast(gn.tensor([-1.0])).item() == 1.0


def test_errors_of_the_function_are_its_own():
    fast = compile(lambda x, y: x @ y, engine="numpy")
    with pytest.raises(gn.ShapeError, match="inner lengths"):
        fast(np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(gn.ArgumentError, match='did you mean "native"'):
        compile(lambda x: x, engine="nativ")


def test_show_prints_the_program():
    fast = compile(lambda x: x * 2.0, engine="numpy")
    assert "call it once" in fast.show()
    fast(np.ones(2, "f4"))
    assert "multiply(v0, 2.0)" in fast.show()


def test_the_code_of_a_native_program_can_be_read():
    fast = compile(lambda x: x * 2.0)
    fast(np.ones(64, "f4"))
    assert "Schedule" in fast.show()
    assert "fmul" in fast.ir()
    assert "mul" in fast.assembly()
    reference = compile(lambda x: x * 2.0, engine="numpy")
    reference(np.ones(2, "f4"))
    with pytest.raises(gn.ArgumentError, match="no assembly on the numpy engine"):
        reference.assembly()


def test_layouts():
    _, layout = flatten((1, [np.zeros(1), {"a": gn.tensor(2.0)}], "s"))
    assert rebuild(layout, ["x", "y"]) == (1, ["x", {"a": "y"}], "s")
    assert signature(layout) == signature(flatten((1, [np.ones(2), {"a": np.ones(1)}], "s"))[1])
    assert signature((1,)) != signature((True,))
    assert signature([{1, 2}]) != signature([{1, 2}])
