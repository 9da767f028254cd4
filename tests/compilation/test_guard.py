"""A compiled step of one's own that makes NaN names the call and the node, and changes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses, nn, optim
from glassnet.compilation import guard

ENGINES = pytest.mark.parametrize("engine", ["native", "numpy"])
Step = Callable[..., gn.Tensor]


@pytest.fixture
def rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies are taken once."""
    monkeypatch.setattr(guard, "SHARE", 1e-12)


def learner(
    engine: str, loss_of: Callable[[gn.Tensor, gn.Tensor], gn.Tensor], lr: float = 0.1
) -> tuple[gn.Tensor, optim.Optimizer, Step]:
    w = gn.tensor([1.0, 2.0], name="w", requires_grad=True)
    optimizer = optim.Adam([w], lr=lr)

    def step(x: gn.Tensor) -> gn.Tensor:
        loss = loss_of(w, x)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss

    return w, optimizer, gn.compile(step, engine=engine)


@ENGINES
@pytest.mark.parametrize("last", [1, 3])
def test_a_value_names_its_node_and_its_call(engine: str, last: int) -> None:
    w, optimizer, step = learner(engine, lambda w, x: (w * x).log().sum())
    for _ in range(last - 1):
        step(np.float32([1.0, 1.0]))
    before = w.numpy().copy()
    for _ in range(2):  # nothing has changed: the same call fails in the same way
        with pytest.raises(gn.NonFiniteError, match="log made nan, from ") as caught:
            step(np.float32([1.0, -1.0]))
        assert f"call {last} of" in str(caught.value)
        assert "test_guard.py" in str(caught.value)
        assert w.numpy().tolist() == before.tolist()
        assert (optimizer.steps, w.grad) == (last - 1, None)
    step(np.float32([1.0, 1.0]))
    assert optimizer.steps == last


@ENGINES
def test_a_gradient_names_its_node(engine: str) -> None:
    """The loss stays finite: one call later at the latest it is seen."""
    w, optimizer, step = learner(engine, lambda w, x: (w * x).sqrt().sum())
    step(np.float32([1.0, 1.0]))
    before = w.numpy().copy()
    with pytest.raises(gn.NonFiniteError, match="the gradient by multiply became inf") as caught:
        [step(np.float32([1.0, x])) for x in (0.0, 1.0)]
    assert "call 2 of" in str(caught.value)
    assert w.numpy().tolist() == before.tolist()
    assert optimizer.steps == 1


@ENGINES
def test_an_update_that_is_too_large(engine: str) -> None:
    w, _, step = learner(engine, lambda w, x: (w * x).sum(), lr=3e38)
    with pytest.raises(gn.NonFiniteError, match="the update of w is not finite"):
        [step(np.float32([1.0, 1.0])) for _ in range(4)]
    assert np.isfinite(w.numpy()).all()


@pytest.mark.usefixtures("rarely")
def test_what_was_drawn_and_learned_before_is_as_it_was() -> None:
    """Dropout, schedule and momentum, done again from the start: the same bits as without NaN."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(6, 4, 3)).astype("f")
    targets = rng.integers(0, 2, (6, 4))

    def trained(calls: list[np.ndarray]) -> tuple[list[Any], gn.Generator, optim.Optimizer]:
        model = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.Linear(8, 2)).initialise(0)
        optimizer = optim.Adam(model.parameters(), lr=optim.Cosine(0.1, steps=9))
        generator = gn.Generator(0)

        @gn.compile
        def step(x: gn.Tensor, t: gn.Tensor) -> gn.Tensor:
            loss = losses.cross_entropy(model(x, training=True, generator=generator), t)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            return loss

        with contextlib.suppress(gn.NonFiniteError):
            for x, t in zip(calls, targets, strict=False):
                step(x, t)
        return [p.numpy().tolist() for p in model.parameters()], generator, optimizer

    bad = inputs.copy()
    bad[4, 0, 0] = np.nan
    weights, generator, optimizer = trained(list(bad))
    expected, *_ = trained(list(inputs[:4]))
    assert weights == expected
    assert (generator.step, optimizer.steps) == (4, 4)


def test_only_what_updates_parameters_is_watched() -> None:
    total = gn.tensor(0.0)

    @gn.compile
    def summed(x: gn.Tensor) -> gn.Tensor:
        total.array = (total + x).array
        return total

    assert np.isnan(summed(gn.tensor(np.float32(np.nan))).item())
    assert np.isnan(gn.compile(lambda x: x.log())(gn.tensor(-1.0)).item())


def test_numbers_beside_the_parameters_may_be_infinite() -> None:
    w = gn.tensor([1.0], requires_grad=True)
    best, worst = gn.tensor(np.inf), gn.tensor(-np.inf)

    @gn.compile
    def step(x: gn.Tensor) -> gn.Tensor:
        loss = (w * x).sum()
        best.array = gn.ops.minimum(best, loss.detach()).array
        worst.array = gn.ops.maximum(worst, loss.detach() * 0.0 - np.inf).array
        return loss

    assert [step(np.float32([x])).item() for x in (2.0, 1.0)] == [2.0, 1.0]
    assert best.item() == 1.0


def test_numbers_that_others_change_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    w, _, step = learner("numpy", lambda w, x: (w * x).log().sum())
    x = np.float32([1.0, 1.0])
    step(x)
    monkeypatch.setattr(guard.Guard, "_diagnose", lambda *_: None)
    with pytest.raises(gn.NonFiniteError, match="pass each call arrays of its own"):
        step(np.float32([1.0, -1.0]))
    assert np.isfinite(w.numpy()).all()


def test_arguments_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "SHARE", 1e-12)
    monkeypatch.setattr(guard, "MOST", 20)  # bytes: two calls and a half
    _, _, step = learner("numpy", lambda w, x: (w * x).sum())
    ((_, _, watch),) = (step(np.float32([1.0, 1.0])) and step._programs).values()
    kept = []
    for _ in range(6):
        step(np.float32([1.0, 1.0]))
        kept.append(len(watch._calls))
    assert max(kept) == 3
    assert min(kept) == 1
