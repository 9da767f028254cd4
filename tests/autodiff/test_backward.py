"""The backwards loop: sums over uses, errors that say what to do, order two."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glassnet as gn
from glassnet.ops import OPERATIONS


def leaf(value):
    return gn.tensor(np.asarray(value, "float64"), requires_grad=True)


def test_gradients_are_summed_over_uses():
    x = leaf(3.0)
    (x * x + x + x).backward()
    assert x.grad.item() == 8.0


def test_intermediate_values_have_gradients_too():
    x = leaf([1.0, 2.0])
    hidden = x * 3.0
    (hidden * hidden).sum().backward()
    assert hidden.grad.numpy().tolist() == [6.0, 12.0]


def test_broadcast_is_undone_by_summation():
    row, column = leaf(np.ones((1, 4))), leaf(np.ones((3, 1)))
    (row * column).sum().backward()
    assert row.grad.numpy().tolist() == [[3.0] * 4]
    assert column.grad.numpy().tolist() == [[4.0]] * 3


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda x: (x * 2.0).backward(), "backward starts from a single number"),
        (lambda x: gn.tensor(1.0).backward(), "nothing to differentiate"),
        (lambda x: (x * 2.0).backward(gn.tensor(np.ones(3))), "has the shape of the result"),
        (lambda x: gn.grad(lambda y: y)(x), "that returns a single number"),
        (lambda x: gn.grad(lambda y: 3.0)(x), "received: 3.0"),
        (lambda x: gn.grad(lambda y: y.sum(), argnum=1)(x), "more than 1 positional"),
    ],
)
def test_errors_say_how_to_mend_them(run, message):
    with pytest.raises(gn.GlassnetError, match=message):
        run(leaf([1.0, 2.0]))


def test_a_second_backward_without_clearing_is_an_error():
    x = leaf(3.0)
    loss = x * x
    loss.backward()
    with pytest.raises(gn.GradientError, match="retain_graph=True"):
        loss.backward()
    again = x * x
    with pytest.raises(gn.GradientError, match="still holds the gradient"):
        again.backward()
    (x * x).backward(accumulate=True)
    assert x.grad.item() == 12.0
    x.grad = None
    kept = x * x
    kept.backward(retain_graph=True)
    kept.backward(accumulate=True)
    assert x.grad.item() == 12.0


def test_a_failed_backward_leaves_no_half_set_gradients():
    x, y = leaf(3.0), leaf(2.0)
    (x * 1.0).backward()
    with pytest.raises(gn.GradientError):
        (x * y).backward()
    assert y.grad is None
    assert x.grad.item() == 1.0


def test_a_weight_on_a_vector_result():
    x = leaf([1.0, 2.0])
    (x * x).backward(gn.tensor(np.array([1.0, 10.0])))
    assert x.grad.numpy().tolist() == [2.0, 40.0]


def test_grad_nests_and_does_not_confuse_its_variables():
    def outer(x):
        inner = gn.grad(lambda y: x * y)  # d(xy)/dy = x, whatever x is
        return x * inner(x)

    assert gn.grad(outer)(3.0).item() == 6.0
    fourth = lambda x: x**4  # noqa: E731
    for _ in range(4):
        fourth = gn.grad(fourth)
    assert fourth(1.0).item() == 24.0


def test_value_and_grad_of_the_second_argument():
    value, slope = gn.value_and_grad(lambda x, y: x * y**2, argnum=1)(3.0, 2.0)
    assert (value.item(), slope.item()) == (12.0, 12.0)
    assert gn.grad(lambda x: x * 1.0)(3).dtype == gn.float32


def test_hessian_of_a_quadratic_form_is_its_matrix():
    matrix = np.array([[2.0, 1.0], [1.0, 3.0]])
    found = gn.hessian(lambda x: (x @ gn.tensor(matrix) @ x) * 0.5)(np.array([0.3, -0.4]))
    np.testing.assert_allclose(found.numpy(), matrix)


def test_gradients_of_what_is_not_used_are_zero():
    x, y = leaf(1.0), leaf([1.0, 2.0])
    by_x, by_y = gn.gradients(x * 2.0, [x, y])
    assert (by_x.item(), by_y.numpy().tolist()) == (2.0, [0.0, 0.0])


@given(st.lists(st.sampled_from(["tanh", "sin", "sigmoid", "mul", "add", "square", "exp"]),
                min_size=1, max_size=8),
       st.floats(-1.0, 1.0))  # fmt: skip
@settings(max_examples=60)
def test_random_chains_have_right_gradients(names, start):
    def chain(x):
        y = x
        for name in names:
            if name == "mul":
                y = y * x
            elif name == "add":
                y = y + x
            elif name == "square":
                y = y**2
            elif name == "exp":
                y = (y * 0.3).tanh().exp()
            else:
                y = OPERATIONS[name](y)
        return y

    gn.check_grads(chain, start, tolerance=1e-5)


def test_a_wrong_rule_is_caught_in_the_first_order():
    class Wrong(type(OPERATIONS["tanh"])):
        """tanh a

        d/da = 1 − tanh a, which is wrong
        """

        name = "test_wrong_first"

        def backward(self, grad, out, a):
            return (grad * (1.0 - out),)

    with pytest.raises(gn.GradientError, match="of order 1 by input 0 is wrong"):
        gn.check_grads(Wrong(), [0.3, 0.7])
    del OPERATIONS["test_wrong_first"]


def test_a_rule_wrong_only_in_the_second_order_is_caught():
    class Wrong(type(OPERATIONS["tanh"])):
        """tanh a

        d/da right in value, but cut off from the graph
        """

        name = "test_wrong_second"

        def backward(self, grad, out, a):
            return (grad * (1.0 - out * out).detach(),)

    gn.check_grads(Wrong(), [0.3, 0.7], order=1)
    with pytest.raises(gn.GradientError, match="of order 2 by input 0 is wrong"):
        gn.check_grads(Wrong(), [0.3, 0.7], order=2)
    del OPERATIONS["test_wrong_second"]


def test_nan_does_not_pass_the_checker():
    with pytest.raises(gn.GradientError, match="is wrong"):
        gn.check_grads(lambda x: (x - 1.0).log().sum(), [0.5])
