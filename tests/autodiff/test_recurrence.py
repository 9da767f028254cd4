"""Loops of tensors: values, gradients to second order, compiled, and what is refused."""

import numpy as np
import pytest

import glassnet as gn
from glassnet import ops
from glassnet.autodiff.pullback import pullback, with_residuals


def normal(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape) * 0.5


def cell(weight, bias):
    """A recurrent cell: h' = tanh(x + W·h + b), the output 2·h' + x."""

    def step(h, x):
        h = ops.tanh(ops.linear(h, weight, bias) + x)
        return h, h * 2.0 + x

    return step


def unrolled(step, state, xs):
    outputs = []
    for x in xs:
        state, y = step(state, x)
        outputs.append(y)
    return state, ops.stack(outputs)


def by_linear(h, xs, weight, bias, reverse=False):
    last, ys = gn.scan(cell(weight, bias), h, xs, reverse=reverse)
    return ys + last


def by_matmul(h, xs, weight, bias):
    """The weight used twice, once turned; the bias inside a product, where no sum is seen."""

    def step(h, x):
        h = ops.tanh(h @ weight + (x @ weight.T) * bias)
        return h, None

    return gn.scan(step, h, xs)[0]


def two_states(h, xs, weight, bias):
    def step(state, x):
        inner = ops.sigmoid(state["h"] @ weight) * state["c"]
        inner = inner + x.sum(axis=-1, keepdims=True)
        return {"h": state["c"] * bias, "c": ops.tanh(inner)}, (inner, state["c"])

    last, (inner, before) = gn.scan(step, {"h": h, "c": h * 2.0}, xs)
    return inner * last["h"] + before


def from_outside(h, xs, weight, bias):
    """Constants that are themselves computed from what needs a gradient."""
    doubled = weight * 2.0
    return by_linear(h, xs, doubled, bias) + doubled.sum()


def loop_in_loop(h, xs, weight, bias):
    def step(h, x):
        last, _ = gn.scan(cell(weight, bias), h, ops.stack([x, x * 0.5]))
        return last, None

    return gn.scan(step, h, xs)[0]


def last_alone(h, xs, weight, bias):
    return gn.scan(cell(weight, bias), h, xs)[0]


def in_reverse(h, xs, weight, bias):
    return by_linear(h, xs, weight, bias, reverse=True)


FORMS = [by_linear, by_matmul, two_states, from_outside, loop_in_loop, last_alone, in_reverse]
INPUTS = normal(2, 3), normal(4, 2, 3), normal(3, 3), normal(3)


@pytest.mark.no_cover
@pytest.mark.parametrize("form", FORMS)
def test_gradients_to_second_order(form):
    gn.check_grads(form, *INPUTS, order=2)


def loss_of(form, weight, bias):
    weight, bias = (gn.tensor(x, dtype="float32", requires_grad=True) for x in (weight, bias))

    def loss(h, xs):
        value = (form(h, xs, weight, bias) ** 2).sum()
        value.backward()
        return value

    return loss, weight, bias


@pytest.mark.parametrize("form", FORMS)
def test_compiled_values_and_gradients_are_the_eager_ones(form):
    h, xs, *parameters = (x.astype("float32") for x in INPUTS)
    eager, *mine = loss_of(form, *parameters)
    native, *theirs = loss_of(form, *parameters)
    expected, found = eager(gn.tensor(h), gn.tensor(xs)), gn.compile(native)(h, xs)
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-5)
    for a, b in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(b.grad.numpy(), a.grad.numpy(), rtol=1e-4, atol=1e-5)


def test_a_scan_is_the_loop_written_out():
    h, xs, weight, bias = (gn.tensor(x, requires_grad=True) for x in INPUTS)
    found, expected = (f(cell(weight, bias), h, xs) for f in (gn.scan, unrolled))
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy())
    pairs = [gn.gradients(state.sum() + ys.sum(), [h, xs, weight, bias])
             for state, ys in (found, expected)]  # fmt: skip
    for a, b in zip(*pairs, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12)


def test_the_step_runs_once():
    calls = []

    def step(total, x):
        calls.append(total.is_symbolic)
        return total + x, None

    total, _ = gn.scan(step, gn.tensor(0.0), gn.tensor(np.ones(100, "f4")))
    assert (total.item(), calls) == (100.0, [True])


def test_gradients_by_weights_are_one_product_after_the_loop():
    h, xs, weight, bias = (gn.tensor(x, requires_grad=True) for x in INPUTS)
    out = by_linear(h, xs, weight, bias)
    node = out.node.inputs[0].node.inputs[0].node  # add ← part ← scan
    body = node.settings["body"]
    made = pullback(with_residuals(body), (True,) + (False,) * (len(body.outputs) - 1))
    assert (sorted(made.totals), made.summed) == ([0, 1], [])
    assert len(made.body.old) == 1  # the gradient by h, and no sums


def test_a_loop_without_inputs_takes_its_length():
    last, powers = gn.scan(lambda x, _: (x * 2.0, x), gn.tensor(1.0), length=5)
    assert (last.item(), powers.numpy().tolist()) == (32.0, [1.0, 2.0, 4.0, 8.0, 16.0])


def test_states_of_integers_and_masks():
    """Rows whose sequence has ended keep their state."""
    lengths = gn.tensor([1, 3])

    def step(state, x):
        t, total = state
        alive = (t < lengths).reshape((2, 1))
        return (t + 1, ops.where(alive, total + x * x, total)), None

    def total(xs):
        return gn.scan(step, (gn.tensor([0, 0]), xs[0] * 0.0), xs)[0][1]

    xs = normal(3, 2, 2)
    gn.check_grads(total, xs)
    expected = np.stack([xs[0, 0] ** 2, (xs[:, 1] ** 2).sum(0)])
    np.testing.assert_allclose(total(gn.tensor(xs)).numpy(), expected)


def test_the_graph_shows_one_node():
    h, xs, weight, bias = (gn.tensor(x, name=n, requires_grad=True)
                           for x, n in zip(INPUTS, ("h", "xs", "w", "b"), strict=True))  # fmt: skip
    graph = gn.Graph(last_alone(h, xs, weight, bias))
    assert [v.node.operation.name for v in graph.operations] == ["scan", "part"]
    assert "scan(h, xs, w, b, body=" in str(graph)


def test_without_gradients_nothing_is_kept():
    h, xs, weight, bias = (gn.tensor(x, requires_grad=True) for x in INPUTS)
    with gn.no_grad():
        out = last_alone(h, xs, weight, bias)
    assert out.node is None


def test_an_update_outside_the_loop_is_refused_and_undone():
    total = gn.tensor([0.0])

    def step(h, x):
        total.array = (total + x).array
        return h, None

    with pytest.raises(gn.TracingError, match=r"updates(?s:.*)part of the state"):
        gn.scan(step, gn.tensor(0.0), gn.tensor([1.0, 2.0]))
    assert total.numpy().tolist() == [0.0]


def test_what_a_step_must_return():
    x = gn.tensor([1.0, 2.0])
    with pytest.raises(gn.ArgumentError, match="two things"):
        gn.scan(lambda h, x: h, gn.tensor(0.0), x)
    with pytest.raises(gn.ArgumentError, match="structure"):
        gn.scan(lambda h, x: ((h, h), x), gn.tensor(0.0), x)
    with pytest.raises(gn.ShapeError, match=r"float32 \(\)(?s:.*)float32 \(2,\)"):
        gn.scan(lambda h, _: (x, None), gn.tensor(0.0), x)


@pytest.mark.parametrize("xs", [None, np.zeros((0, 2)), (np.zeros(2), np.zeros(3))])
def test_sequences_of_one_length(xs):
    with pytest.raises(gn.ShapeError, match="one length"):
        gn.scan(lambda h, x: (h, None), gn.tensor(0.0), xs)


def test_what_only_a_sum_over_steps_needs_is_stored_too():
    """The gradient by `decay` is no product that could wait: each step needs its state and row."""

    def last(decay, xs):
        def step(average, x):
            average = decay * average + (1.0 - decay) * x
            return average, average

        return gn.scan(step, as_zero(xs), xs)[0]

    gn.check_grads(last, 0.5, normal(4))
    gn.check_grads(lambda decay: last(decay, gn.tensor(normal(4))), 0.5)


def as_zero(xs):
    return gn.tensor(np.zeros(xs.shape[1:], xs.dtype))
