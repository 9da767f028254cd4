"""Schedules: ends, and settings out of range."""

from __future__ import annotations

from typing import Any

import pytest

import glassnet as gn
from glassnet import optim


def test_after_the_last_step_the_rate_stays() -> None:
    assert optim.Cosine(0.1, steps=10, final=0.01)(1000) == pytest.approx(0.01)
    cycle = optim.OneCycle(0.1, steps=10, div=10.0, final_div=100.0)
    assert cycle(9) == cycle(1000) == pytest.approx(1e-4)


def test_a_warm_up_before_a_cosine() -> None:
    schedule = optim.WarmUp(optim.Cosine(0.1, steps=10), steps=4, start=0.5)
    rates = [schedule(step) for step in range(16)]
    assert rates[:5] == pytest.approx([0.05, 0.0625, 0.075, 0.0875, 0.1])
    assert rates[9] == pytest.approx(0.05)
    assert rates[14:] == pytest.approx([0.0, 0.0], abs=1e-12)


def test_a_line_from_one_rate_to_another() -> None:
    line = optim.Polynomial(0.1, steps=4, final=0.02)
    assert [line(step) for step in range(6)] == pytest.approx([0.1, 0.08, 0.06, 0.04, 0.02, 0.02])


@pytest.mark.parametrize("steps", [1, 2, 3, 10])
@pytest.mark.parametrize("rise", [0.0, 0.1, 0.5, 1.0])
def test_a_cycle_of_any_length_is_bounded(steps: int, rise: float) -> None:
    cycle = optim.OneCycle(0.1, steps=steps, rise=rise)
    assert all(0.0 < cycle(step) <= 0.1 + 1e-15 for step in range(2 * steps))


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("Constant", {"lr": -1.0}),
        ("StepDecay", {"lr": 0.1, "every": 0}),
        ("StepDecay", {"lr": 0.1, "every": 1, "gamma": 0.0}),
        ("Cosine", {"lr": 0.1, "steps": 0}),
        ("Cosine", {"lr": 0.1, "steps": 5, "final": 0.2}),
        ("Polynomial", {"lr": 0.1, "steps": 5, "power": 0.0}),
        ("WarmUp", {"then": -0.1, "steps": 5}),
        ("WarmUp", {"then": 0.1, "steps": 5, "start": 2.0}),
        ("OneCycle", {"lr": 0.1, "steps": 5, "rise": -0.1}),
        ("OneCycle", {"lr": float("nan"), "steps": 5}),
    ],
)
def test_settings_out_of_range(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(gn.ArgumentError, match=name):
        getattr(optim, name)(**settings)


def test_a_schedule_is_shown_in_the_optimizer() -> None:
    text = repr(optim.SGD(lr=optim.Cosine(0.1, steps=5)))
    assert "lr=Cosine(lr=0.1, steps=5, final=0.0)" in text
