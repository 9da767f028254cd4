"""The contract itself: holes are refused, users' operations are full citizens."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.ops import OPERATIONS, Elementwise, Operation, sample


class Cube(Elementwise):
    """a³

    d/da = 3a²
    """

    name = "test_cube"
    symbol = "³"

    def forward(self, xp, a):
        return xp.multiply(a, xp.multiply(a, a))

    def backward(self, grad, out, a):
        return (grad * 3.0 * a * a,)

    def samples(self, rng):
        return [sample(rng.normal((3,), dtype=gn.float64))]


cube = Cube()


@pytest.fixture(autouse=True, scope="module")
def _forget():
    yield
    OPERATIONS.pop("test_cube", None)


def test_a_users_operation_is_a_function_with_a_gradient():
    x = gn.tensor([1.0, 2.0], requires_grad=True)
    cube(x).sum().backward()
    assert x.grad.numpy().tolist() == [3.0, 12.0]
    gn.check_grads(cube, [0.3, -1.2])
    assert Cube() is cube
    assert repr(cube) == "<operation test_cube>"
    assert "³" in gn.Graph(cube(x)).json()


def test_a_hole_shows_when_the_class_is_defined():
    with pytest.raises(gn.OperationError) as caught:

        class Hole(Operation):
            name = "test_hole"

            def forward(self, xp, a):
                return a

    message = str(caught.value)
    for part in ("no symbol", "no shape", "no backward", "no samples", "docstring"):
        assert part in message
    assert "test_hole" not in OPERATIONS


def test_a_taken_name_is_refused():
    with pytest.raises(gn.OperationError, match='the name "tanh" is taken'):
        type("Other", (Cube,), {"name": "tanh", "__doc__": "a\n\nd/da = 1"})


def test_defining_the_same_class_again_replaces_it_as_a_notebook_does():
    again = type(
        "Cube",
        (Cube,),
        {"name": "test_cube", "__doc__": Cube.__doc__, "__module__": Cube.__module__},
    )
    assert OPERATIONS["test_cube"] is again()
    OPERATIONS["test_cube"] = cube


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gn.ops.tanh(1.0, 2.0), "tanh takes 1 operand"),
        (lambda: gn.ops.softmax([1.0], axes=0), 'softmax has no setting "axes"'),
        (lambda: gn.ops.reshape([1.0]), 'reshape needs the setting "shape"'),
        (lambda: gn.ops.add([1.0, 2.0], [1.0, 2.0, 3.0]), r"\(2,\) with \(3,\)"),
        (lambda: gn.ops.matmul(np.ones((2, 3)), np.ones((4, 2))), r"\(2, 3\) @ \(4, 2\)"),
        (lambda: gn.ops.add("a", 1.0), "a tensor holds numbers"),
        (lambda: gn.tensor([1.0]) + np.array([1.0]), "float32 and float64 do not mix"),
    ],
)
def test_errors_say_what_was_wrong(call, message):
    with pytest.raises(gn.GlassnetError, match=message):
        call()


def test_an_error_names_the_users_line():
    with pytest.raises(gn.ShapeError) as caught:
        gn.tensor([[1.0]]) @ gn.tensor([1.0, 2.0])  # the user's line
    assert "test_operation.py, line" in str(caught.value)
    assert "# the user's line" in str(caught.value)


def test_a_wrong_gradient_shape_is_told():
    class Wrong(Cube):
        """a³ again

        d/da = wrong
        """

        name = "test_wrong"

        def backward(self, grad, out, a):
            return (grad.sum(),)

    x = gn.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(gn.OperationError, match="a gradient of its input's shape"):
        Wrong()(x).sum().backward()
    OPERATIONS.pop("test_wrong")


def test_integers_become_float32_where_floats_are_needed():
    assert gn.ops.exp([1, 2]).dtype == gn.float32
    assert (gn.tensor([1, 2]) * 0.5).dtype == gn.float32
    assert (gn.tensor([1, 2]) + gn.tensor([0.5, 0.5])).dtype == gn.float32
    assert (gn.tensor([1, 2]) / gn.tensor([2, 2])).numpy().tolist() == [0.5, 1.0]
    assert (gn.tensor([1, 2]) + 1).dtype == gn.int64
