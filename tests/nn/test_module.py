"""The module: declared fields, names, calls, and what a call hands down."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn
from glassnet.graph import SCOPE


class Block(nn.Module):
    """Two layers in the two kinds of container, and a scale of its own."""

    scale: nn.Parameter
    layers: list[nn.Module]
    heads: dict[str, nn.Module]

    def __init__(self, width: int, *, name: str = "block") -> None:
        self.scale = nn.Parameter((width,), "ones")
        self.layers = []
        self.layers.append(nn.Linear(width, width))
        self.heads = {"left": nn.Linear(width, 1), "right": nn.Linear(width, 2)}
        self.name = name

    def forward(self, x: gn.Tensor) -> gn.Tensor:
        x = self.layers[0](x * self.scale)
        return gn.ops.concat(self.heads["left"](x), self.heads["right"](x), axis=-1)


NAMES = [
    "scale",
    "layers.0.weight",
    "layers.0.bias",
    "heads.left.weight",
    "heads.left.bias",
    "heads.right.weight",
    "heads.right.bias",
]


def test_names_of_parameters_and_modules() -> None:
    block = Block(3)
    assert list(block.named_parameters()) == NAMES
    assert list(block.named_modules()) == ["", "layers.0", "heads.left", "heads.right"]
    assert [p.name for p in block.parameters()] == NAMES
    outer = nn.Sequential(nn.Tanh(), block)
    assert list(outer.named_parameters()) == [f"1.{name}" for name in NAMES]
    assert [p.name for p in outer.parameters()] == [f"1.{name}" for name in NAMES]


def test_a_shared_layer_is_named_once() -> None:
    shared = nn.Linear(2, 2)
    model = nn.Sequential(shared, nn.Tanh(), shared)
    assert list(model.named_parameters()) == ["0.weight", "0.bias"]
    assert list(model.named_modules()) == ["", "0", "1"]
    model(gn.tensor([[1.0, 2.0]])).sum().backward()
    assert shared.weight.grad is not None


def test_an_undeclared_field_is_refused() -> None:
    class Careless(nn.Module):
        first: nn.Linear

        def __init__(self) -> None:
            self.first = nn.Linear(1, 1)
            self.second = nn.Linear(1, 1)

    with pytest.raises(gn.ArgumentError, match='does not declare the field "second"') as caught:
        Careless()
    assert 'write "second: Linear" in the body of class Careless' in str(caught.value)


@pytest.mark.parametrize("value", [gn.tensor([1.0]), [nn.Tanh()], {"a": nn.Parameter((1,))}])
def test_nothing_that_holds_numbers_goes_undeclared(value: Any) -> None:
    with pytest.raises(gn.ArgumentError, match="does not declare"):
        nn.Tanh().extra = value


def test_fields_are_inherited() -> None:
    class Wider(Block):
        extra: nn.Linear

        def __init__(self) -> None:
            super().__init__(2)
            self.extra = nn.Linear(2, 2)

    assert list(Wider().named_parameters()) == [*NAMES, "extra.weight", "extra.bias"]


def test_settings_are_fixed_and_fields_are_not() -> None:
    dropout = nn.Dropout()
    with pytest.raises(gn.ArgumentError, match='"p" was fixed when this Dropout was made'):
        dropout.p = 0.3
    layer = nn.Linear(2, 2)
    layer.weight = nn.Parameter((2, 2), "ones")
    assert layer(gn.tensor([[1.0, 1.0]])).numpy() == pytest.approx(2 + layer.bias.numpy()[None])


def test_wrong_arguments_are_told() -> None:
    with pytest.raises(gn.ArgumentError, match="Linear cannot be made") as caught:
        nn.Linear(2)  # type: ignore[call-arg]
    assert "missing a required argument: 'out_features'" in str(caught.value)
    with pytest.raises(gn.ArgumentError, match="Tanh cannot be made"):
        nn.Tanh(3)  # type: ignore[call-arg]


def test_a_module_without_forward_says_so() -> None:
    class Empty(nn.Module):
        pass

    with pytest.raises(gn.ArgumentError, match="does not say what it computes") as caught:
        Empty()(1)
    assert "Empty" in caught.value.where


# -- the call --------------------------------------------------------------------------------------
class Witness(nn.Module):
    """Writes down the scope it ran in."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def forward(self, x: gn.Tensor) -> gn.Tensor:
        self.seen.append(SCOPE.get())
        return x


def test_a_call_hands_path_training_and_key_down() -> None:
    witness = Witness()
    model = nn.Sequential(nn.Tanh(), nn.Sequential(witness))
    rng = gn.Generator(5)
    model(gn.tensor([1.0]))
    model(gn.tensor([1.0]), training=True, generator=rng)
    model(gn.tensor([1.0]), training=True, generator=rng)
    quiet, first, second = witness.seen
    assert (quiet.path, quiet.training, quiet.key) == ("1.0", False, None)
    assert (first.path, first.training) == ("1.0", True)
    assert first.key.numpy().tolist() == [5, 0, 0]
    assert second.key.numpy().tolist() == [5, 0, 1]
    assert SCOPE.get().path == ""


def test_no_mode_outlives_the_call() -> None:
    model = nn.Sequential(nn.Dropout(0.9))
    x = gn.tensor(np.ones(50, np.float32))
    model(x, training=True, generator=gn.Generator(0))
    assert model(x).numpy().tolist() == x.numpy().tolist()


def test_the_path_is_that_of_the_caller() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 3), nn.Linear(3, 3))
    tail = model[1:]
    with pytest.raises(gn.ShapeError) as caught:
        tail(gn.tensor([[1.0]]))
    assert 'layer "0"' in caught.value.where
    with pytest.raises(gn.ShapeError) as caught:
        nn.Sequential(model[0], model[2])(gn.tensor([[1.0, 2.0]]))
    assert 'layer "1"' in caught.value.where
    out = model(gn.tensor([[1.0, 2.0]]))
    assert out.node is not None
    assert out.node.layer == "2"


def test_a_layer_deeper_inside_is_found() -> None:
    class Shortcut(nn.Module):
        inner: nn.Sequential

        def __init__(self) -> None:
            self.inner = nn.Sequential(Witness())

        def forward(self, x: gn.Tensor) -> gn.Tensor:
            return self.inner[0](x)

    model = Shortcut()
    model(gn.tensor([1.0]))
    assert model.inner[0].seen[0].path == "inner.0"


def test_an_error_three_layers_deep_names_the_layer() -> None:
    model = nn.Sequential(nn.Linear(2, 4), nn.Sequential(nn.Tanh(), nn.Sequential(nn.Linear(5, 1))))
    with pytest.raises(gn.ShapeError) as caught:
        model(gn.tensor([[1.0, 2.0]]))
    text = str(caught.value)
    assert 'layer "1.1.0"' in text
    assert "(…, 5): its weight has shape (1, 5)" in text
    assert "received: (1, 4)" in text
    assert "test_module.py" in text


def test_arrays_and_lists_may_be_called_with() -> None:
    layer = nn.Linear(2, 1, init="ones")
    assert layer(np.ones((1, 2), np.float32)).item() == layer([[1.0, 1.0]]).item() == 2.0


def test_predict_leaves_no_graph_and_takes_any_float() -> None:
    layer = nn.Linear(2, 3, seed=0)
    x = gn.Generator(0).normal((7, 2), dtype=gn.float64)
    out = layer.predict(x, batch_size=3)
    assert (out.shape, out.dtype) == ((7, 3), gn.float32)
    np.testing.assert_allclose(out, layer(x.astype(np.float32)).numpy(), atol=1e-6)
    assert layer.weight.grad is None
    assert layer.predict(np.ones((0, 2), np.float32)).shape == (0, 3)
    with pytest.raises(gn.ArgumentError):
        layer.predict(x, batch_size=0)


# -- numbers ---------------------------------------------------------------------------------------
def test_numbers_depend_on_seed_and_name_alone() -> None:
    def make() -> nn.Sequential:
        return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))

    one, same, other = make().initialise(1), make().initialise(gn.Generator(1)), make()
    other.initialise(2)
    for a, b, c in zip(one.parameters(), same.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
        assert not np.array_equal(a.numpy(), c.numpy())
    assert not np.array_equal(one[2].weight.numpy()[:, :3], one[0].weight.numpy()[:2])


def test_a_call_draws_with_seed_0_and_initialise_keeps_what_is_drawn() -> None:
    used, told = nn.Sequential(nn.Linear(2, 3)), nn.Sequential(nn.Linear(2, 3)).initialise(0)
    used([[1.0, 2.0]])
    drawn = used[0].weight.numpy()
    np.testing.assert_array_equal(drawn, told[0].weight.numpy())
    used.initialise(7)
    assert used[0].weight.numpy() is drawn


def test_astype_keeps_the_numbers() -> None:
    single = nn.Linear(2, 3, seed=0)
    before = single.weight.numpy()
    double = nn.Linear(2, 3).astype(gn.float64).initialise(0)
    np.testing.assert_array_equal(double.weight.numpy().astype(np.float32), before)
    assert single.astype(gn.float64).dtype == gn.float64
    np.testing.assert_array_equal(single.weight.numpy(), before)
    assert nn.Tanh().dtype == gn.float32


def test_freeze_and_unfreeze() -> None:
    model = nn.Sequential(nn.Linear(2, 2).freeze(), nn.Linear(2, 1))
    model([[1.0, 2.0]]).sum().backward()
    assert model[0].weight.grad is None
    assert model[1].weight.grad is not None
    assert model.unfreeze()[0].weight.requires_grad
    assert not nn.Perceptron(2).unfreeze().weight.requires_grad


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_is_independent(copied: Any) -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout()).initialise(0)
    twin = copied(model)
    np.testing.assert_array_equal(twin[0].weight.numpy(), model[0].weight.numpy())
    twin[0].weight.array = twin[0].weight.array + 1.0
    assert not np.array_equal(twin[0].weight.numpy(), model[0].weight.numpy())
    assert twin.config() == model.config()


def test_gradients_by_a_module() -> None:
    model = nn.Linear(2, 1, init="ones", bias=False)
    slopes = gn.grad(lambda m: m([[3.0, 4.0]]).sum())(model)
    assert slopes["weight"].numpy().tolist() == [[3.0, 4.0]]


def test_text() -> None:
    assert repr(nn.Dropout()) == "Dropout()"
    assert repr(nn.Dropout(0.1)) == "Dropout(p=0.1)"
    assert repr(Block(2)) == (
        "Block(width=2\n"
        "  layers.0: Linear(in_features=2, out_features=2)\n"
        "  heads.left: Linear(in_features=2, out_features=1)\n"
        "  heads.right: Linear(in_features=2, out_features=2)\n"
        ")"
    )
