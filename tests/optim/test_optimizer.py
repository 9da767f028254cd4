"""What holds for every optimiser, beside the trajectories in tests/reference."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses, nn, optim
from glassnet.compilation import compile

# Every optimiser with settings that use all the state it can have.
FULL: dict[str, dict[str, Any]] = {
    "adagrad": {"lr": 0.1},
    "adam": {"lr": 0.1, "amsgrad": True},
    "adamw": {"lr": 0.1},
    "gradient_descent": {"lr": 0.1},
    "lion": {"lr": 0.01, "weight_decay": 0.1},
    "rmsprop": {"lr": 0.01, "momentum": 0.5, "centered": True},
    "sgd": {"lr": 0.1, "momentum": 0.9, "nesterov": True},
}
every_optimizer = pytest.mark.parametrize("name", FULL)
X = gn.Generator(0).normal((20, 2))
Y = (X[:, 0] > X[:, 1]).astype(np.int64)


def make_model(dtype: Any = gn.float32) -> nn.Sequential:
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 2)).initialise(0)
    return model.astype(dtype)


def train(model: nn.Module, optimizer: optim.Optimizer, steps: int) -> list[float]:
    found = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = losses.cross_entropy(model(X.astype(model.dtype)), Y)
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found


def test_every_optimizer_is_here() -> None:
    assert set(FULL) == set(optim.OPTIMIZERS)


@every_optimizer
@pytest.mark.parametrize("dtype", [gn.float32, gn.float64], ids=str)
def test_learns_and_keeps_the_type(name: str, dtype: Any) -> None:
    model = make_model(dtype)
    optimizer = optim.get(name)(model, **FULL[name])
    values = train(model, optimizer, 40)
    assert values[-1] < 0.8 * values[0]
    assert optimizer.steps == 40
    kept = [tensor for state in optimizer.state.values() for tensor in state.values()]
    assert {tensor.dtype for tensor in [*model.parameters(), *kept]} == {dtype}


@every_optimizer
def test_goes_on_where_it_was_saved(name: str) -> None:
    model = make_model()
    optimizer = optim.get(name)(model, **FULL[name])
    train(model, optimizer, 5)
    twin, saved = copy.deepcopy(model), copy.deepcopy(optimizer.state_dict())
    expected = train(model, optimizer, 5)
    resumed = optim.get(name)(twin, **FULL[name])
    resumed.load_state_dict(saved)
    assert train(twin, resumed, 5) == expected
    for a, b in zip(model.parameters(), twin.parameters(), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


@every_optimizer
def test_the_state_is_kept_in_the_same_tensors(name: str) -> None:
    model = make_model()
    optimizer = optim.get(name)(model, **FULL[name])
    train(model, optimizer, 1)
    tensors = {id(t) for state in optimizer.state.values() for t in state.values()}
    arrays = [p.numpy() for p in model.parameters()]
    before = [array.copy() for array in arrays]
    train(model, optimizer, 1)
    assert {id(t) for state in optimizer.state.values() for t in state.values()} == tensors
    for array, same in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, same)  # what was read stays as it was read


@every_optimizer
def test_the_formula_reads_no_numbers(name: str) -> None:
    optimizer = optim.get(name)(**FULL[name], clip_norm=1.0, clip_value=0.5)
    numbers = list(optimizer.numbers(3))

    def formula(parameter: gn.Tensor, gradient: gn.Tensor, *values: gn.Tensor) -> gn.Tensor:
        state = dict.fromkeys(optimizer.init(gn.tensor([1.0])), parameter * 0.0)
        (clipped,) = optimizer.clip([gradient])
        named = dict(zip(numbers, values, strict=True))
        new, _ = optimizer.apply(parameter, clipped, state, named)
        return new

    graph = gn.trace(formula, (3, 2), (3, 2), *[()] * len(numbers))
    assert graph.values[graph.outputs[0]].shape == (3, 2)


@every_optimizer
@pytest.mark.parametrize("lr", [0.1, optim.Cosine(0.1, steps=5)], ids=["fixed", "cosine"])
def test_the_numbers_of_many_steps_are_those_of_each(name: str, lr: object) -> None:
    optimizer = optim.get(name)(**{**FULL[name], "lr": lr})
    many = optimizer.numbers(np.arange(7))
    for step in range(7):
        for key, value in optimizer.numbers(step).items():
            np.testing.assert_allclose(np.broadcast_to(many[key], 7)[step], value, rtol=1e-12)


@every_optimizer
@pytest.mark.parametrize(("engine", "tolerance"), [("numpy", 0.0), ("native", 1e-12)])
def test_a_compiled_step_is_the_eager_step(name: str, engine: str, tolerance: float) -> None:
    schedule = optim.Cosine(FULL[name]["lr"], steps=10)
    settings = {**FULL[name], "lr": schedule, "clip_norm": 0.5, "weight_decay": 0.01}

    def run(compiled: bool) -> tuple[list[float], list[Any]]:
        model = nn.Sequential(nn.Linear(2, 4), nn.Dropout(0.2), nn.Tanh(), nn.Linear(4, 2))
        model.initialise(0).astype(gn.float64)
        optimizer, rng = optim.get(name)(model, **settings), gn.Generator(1)

        def step(x: gn.Tensor, y: gn.Tensor) -> gn.Tensor:
            loss = losses.cross_entropy(model(x, training=True, generator=rng), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            return loss

        runs = compile(step, engine=engine) if compiled else step
        x, y = gn.tensor(X, dtype="float64"), gn.tensor(Y)
        values = [runs(x, y).item() for _ in range(8)]
        assert optimizer.steps == 8
        return values, [p.numpy() for p in model.parameters()]

    (eager, expected), (fast, found) = run(compiled=False), run(compiled=True)
    np.testing.assert_allclose(fast, eager, rtol=tolerance, atol=tolerance)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@every_optimizer
def test_bind_gives_one_with_the_same_settings(name: str) -> None:
    unbound = optim.get(name)(**FULL[name])
    bound = unbound.bind(make_model())
    assert list(bound.named) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert unbound.named == {}
    assert repr(bound) == repr(unbound)
    assert "parameters" not in repr(unbound)


def test_binding_again_forgets_what_was_learned() -> None:
    model = make_model()
    optimizer = optim.Adam(model)
    train(model, optimizer, 3)
    fresh = optimizer.bind(model)
    assert (fresh.steps, fresh.state) == (0, {})
    assert optimizer.steps == 3


# -- parameters ------------------------------------------------------------------------------------
def test_parameters_in_any_form() -> None:
    model = make_model()
    names = list(model.named_parameters())
    for given in (model, model.parameters(), model.named_parameters(), iter(model.parameters())):
        assert list(optim.SGD(given, lr=0.1).named) == names
    unnamed = [gn.tensor([1.0], requires_grad=True) for _ in range(2)]
    assert list(optim.SGD(unnamed, lr=0.1).named) == ["0", "1"]


@pytest.mark.parametrize("wrong", [0.1, [0.1], "adam"])
def test_what_is_no_parameter(wrong: Any) -> None:
    with pytest.raises(gn.ArgumentError, match="an optimizer updates tensors") as caught:
        optim.SGD(wrong)
    assert "by name" in caught.value.mend


def test_a_step_without_gradients_is_told() -> None:
    with pytest.raises(gn.GradientError, match="SGD has nothing to update") as caught:
        optim.SGD(lr=0.1).step()
    assert caught.value.received == "no parameters"
    with pytest.raises(gn.GradientError) as caught:
        optim.SGD(make_model(), lr=0.1).step()
    assert "loss.backward()" in caught.value.mend


def test_frozen_parameters_stay() -> None:
    model = make_model()
    model[0].freeze()
    before = model[0].weight.numpy().copy()
    train(model, optim.Adam(model, lr=0.1, weight_decay=0.1), 3)
    np.testing.assert_array_equal(model[0].weight.numpy(), before)


def test_a_number_is_a_parameter_too() -> None:
    x = gn.tensor(3.0, requires_grad=True)
    (x * x).backward()
    optim.SGD([x], lr=0.25).step()
    assert x.item() == 1.5
    assert isinstance(x.array, np.ndarray)


# -- settings --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("sgd", {"lr": -0.1}),
        ("sgd", {"lr": math.nan}),
        ("sgd", {"lr": math.inf}),
        ("sgd", {"lr": "fast"}),
        ("sgd", {"lr": True}),
        ("sgd", {"weight_decay": -1.0}),
        ("sgd", {"momentum": -0.5}),
        ("sgd", {"dampening": -0.5}),
        ("sgd", {"clip_value": 0.0}),
        ("sgd", {"clip_norm": -1.0}),
        ("sgd", {"nesterov": True}),
        ("sgd", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
        ("adam", {"betas": (0.9, 1.0)}),
        ("adam", {"betas": (-0.1, 0.9)}),
        ("adam", {"betas": 0.9}),
        ("adam", {"eps": -1.0}),
        ("lion", {"betas": (0.9,)}),
        ("rmsprop", {"alpha": 1.0}),
        ("adagrad", {"lr_decay": -1.0}),
        ("adagrad", {"initial_accumulator_value": -1.0}),
    ],
)
def test_settings_out_of_range(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(gn.ArgumentError):
        optim.get(name)(**settings)


def test_a_negative_learning_rate_reads_well() -> None:
    with pytest.raises(gn.ArgumentError) as caught:
        optim.Adam(lr=-0.1)
    assert caught.value.what == "Adam cannot work with this lr"
    assert caught.value.expected == "0 ≤ lr"
    assert caught.value.received == "lr=-0.1"


def test_unknown_optimizer() -> None:
    with pytest.raises(gn.ArgumentError, match='no optimizer "addam"') as caught:
        optim.get("addam")
    assert 'did you mean "adam"?' in caught.value.mend


# -- state -----------------------------------------------------------------------------------------
def test_the_state_of_something_else_is_refused() -> None:
    model = make_model()
    adam = optim.Adam(model)
    train(model, adam, 1)
    saved = adam.state_dict()
    with pytest.raises(gn.DataError, match="not the state of SGD"):
        optim.SGD(model, momentum=0.9).load_state_dict(saved)
    with pytest.raises(gn.DataError, match='no parameter "0.weight"'):  # noqa: RUF043
        optim.Adam(nn.Linear(2, 2)).load_state_dict(saved)
    wider = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 2))
    with pytest.raises(gn.ShapeError, match="has another shape"):
        optim.Adam(wider).load_state_dict(saved)


def test_a_schedule_is_asked_for_every_step() -> None:
    x = gn.tensor([0.0], requires_grad=True, dtype="float64")
    optimizer = optim.SGD([x], lr=lambda step: 10.0**-step)
    for _ in range(3):
        optimizer.zero_grad()
        x.sum().backward()
        optimizer.step()
    assert x.item() == pytest.approx(-1.11, rel=1e-12)


@pytest.mark.parametrize("name", sorted(FULL))
def test_weight_decay_leaves_alone_what_does_not_decay(name: str) -> None:
    def after(**settings: Any) -> list[Any]:
        weight, bias = gn.tensor([[1.0]], requires_grad=True), gn.tensor([1.0], requires_grad=True)
        (weight.sum() * 0.25 + bias.sum() * 0.25).backward()
        optim.get(name)([weight, bias], lr=0.1, **settings).step()
        return [weight.numpy().tolist(), bias.numpy().tolist()]

    plain, all_ = after(weight_decay=0.0), after(weight_decay=0.5)
    some = after(weight_decay=0.5, decays=lambda p: p.ndim >= 2)
    assert some == [all_[0], plain[1]]


def test_what_decays_is_a_function() -> None:
    with pytest.raises(gn.ArgumentError, match="decays"):
        optim.AdamW(decays=True)  # type: ignore[arg-type]
