"""Making tensors, reading them, and the operators on them."""

import numpy as np
import pytest

import glassnet as gn


def test_numbers_get_the_stated_types():
    assert gn.tensor(1.0).dtype == gn.float32
    assert gn.tensor([1, 2]).dtype == gn.int64
    assert gn.tensor(True).dtype == gn.bool_
    assert gn.tensor(np.ones(2)).dtype == gn.float64
    assert gn.tensor(np.float64(2.0)).dtype == gn.float64
    assert gn.tensor([1, 2], dtype="float32").dtype == gn.float32


def test_a_tensor_is_a_copy():
    source = np.ones(2)
    x = gn.tensor(source)
    source[0] = 5
    assert x.numpy().tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: gn.tensor("abc"), gn.DTypeError, "holds numbers"),
        (lambda: gn.tensor([[1.0], [1.0, 2.0]]), gn.ShapeError, "unequal length"),
        (lambda: gn.tensor(1, requires_grad=True), gn.DTypeError, "only floats have gradients"),
        (lambda: gn.tensor(np.ones(2, "complex64")), gn.DTypeError, "cannot hold complex64"),
        (lambda: gn.tensor([1.0, 2.0]).item(), gn.ShapeError, "a single number"),
        (lambda: len(gn.tensor(1.0)), gn.ShapeError, "no length"),
        (lambda: gn.tensor([1.0]).astype("float16"), gn.DTypeError, "cannot hold float16"),
    ],
)
def test_what_is_no_tensor_is_told(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_every_operator_is_numpys():
    a, b = np.array([1.0, -2.0, 3.0], "f4"), np.array([2.0, 2.0, 3.0], "f4")
    x, y = gn.tensor(a), gn.tensor(b)
    pairs = [
        (x + y, a + b), (x - y, a - b), (x * y, a * b), (x / y, a / b), (x**2, a**2),
        (2.0 + x, 2 + a), (2.0 - x, 2 - a), (2.0 * x, 2 * a), (2.0 / x, 2 / a), (2.0**x, 2**a),
        (-x, -a), (abs(x), abs(a)), (x @ y, a @ b), (x == y, a == b), (x != y, a != b),
        (x < y, a < b), (x <= y, a <= b), (x > y, a > b), (x >= y, a >= b),
        (a + y, a + b), (a @ y, a @ b), (x.sum(), a.sum()), (x.mean(), a.mean()),
        (x.max(), a.max()), (x.min(), a.min()), (x.argmax(), a.argmax()), (x.T, a.T),
        (x.exp(), np.exp(a)), (y.log(), np.log(b)), (y.sqrt(), np.sqrt(b)),
        (x.tanh(), np.tanh(a)), (x.relu(), np.maximum(a, 0)), (x.reshape(3, 1), a.reshape(3, 1)),
        (x.sigmoid(), 1 / (1 + np.exp(-a))), (x.reshape((1, -1)), a.reshape(1, -1)),
    ]  # fmt: skip
    for ours, numpys in pairs:
        np.testing.assert_allclose(ours.numpy(), numpys, rtol=2e-6)
        assert ours.dtype == numpys.dtype


@pytest.mark.parametrize(
    "key",
    [
        0, -1, slice(None), slice(1, None, 2), slice(None, None, -1), slice(2, 0, -1), ...,
        None, (0, 1), (..., 0), (None, 1, ..., slice(0, 2)), (slice(1, 1),), (0, ..., -1),
        [0, 2], (slice(None), [1, 0, 1]), (1, [0, 1]), np.array([[0, 1], [2, -1]]),
        (slice(None), None, np.array([0])),
    ],
    ids=repr,
)  # fmt: skip
def test_indexing_is_numpys(key):
    a = np.arange(24.0).reshape(3, 4, 2)
    np.testing.assert_array_equal(gn.tensor(a)[key].numpy(), a[key])


def test_indexing_is_differentiable():
    gn.check_grads(lambda x: x[1:, ::2][:, -1] * x[0, [0, 0]].sum(), np.arange(12.0).reshape(3, 4))


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (5, "-3 to 2 on axis 0"),
        ((0, 0, 0, 0), "at most 3"),
        ("a", "this is no index"),
        (np.array([True, False, True]), "a boolean mask is no index"),
        (np.array([0.5]), "are integers"),
        ([5], "0 to 2"),
        (([0], [0]), "one axis at a time"),
    ],
)
def test_an_index_that_is_none_is_told(key, message):
    with pytest.raises(gn.GlassnetError, match=message):
        gn.tensor(np.zeros((3, 4, 2)))[key]


def test_reading():
    x = gn.tensor([[1.0, 2.0]], name="x")
    assert repr(x) == "Tensor(x: [[1., 2.]])"
    assert float(x[0, 1]) == 2.0
    assert int(gn.tensor(3)) == 3
    assert bool(gn.tensor(1.0) < 2)
    assert [row.shape for row in x] == [(2,)]
    assert (x.ndim, x.size, len(x)) == (2, 2, 1)
    assert np.asarray(x).tolist() == [[1.0, 2.0]]
    assert "float64" in repr(gn.tensor(np.ones(1)))


def test_a_traced_tensor_has_no_numbers():
    def reads(x):
        return x * float(x.sum())

    with pytest.raises(gn.DTypeError, match="is being traced"):
        gn.trace(reads, (3,))
    seen = []
    gn.trace(lambda x: seen.append(repr(x)) or x.sum(), (3,))
    assert seen == ["Tensor(symbolic float32 (3,))"]
