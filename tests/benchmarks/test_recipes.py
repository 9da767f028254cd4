from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.contestants.glassnet_recipe import build, judge, train, write
from benchmarks.recipes import RECIPES, Recipe

from benchmarks import accuracy, table


@pytest.mark.no_cover
@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
def test_every_recipe_trains(recipe: Recipe) -> None:
    rng = np.random.default_rng(0)
    rows, steps = 2 * recipe.batch, 2
    if recipe.is_text:
        inputs, targets = (rng.integers(0, 65, (rows, accuracy.LENGTH)) for _ in range(2))
    else:
        inputs = rng.random((rows, 28, 28, 1), np.float32)
        targets = np.arange(rows) % 10
    brief = replace(recipe, epochs=1, warm=1)
    assert brief.steps(rows) == steps
    start = {k: p.numpy().copy() for k, p in build(brief, 0).named_parameters().items()}
    model = train(brief, inputs, targets, start, 1, seed=0)
    assert any((p.numpy() != start[k]).any() for k, p in model.named_parameters().items())
    reached = judge(brief, model, inputs, targets)
    assert 3.5 < reached < 5.0 if recipe.is_text else 0.0 <= reached <= 1.0  # ln 65 is 4.17


def test_the_rate_rises_and_falls() -> None:
    recipe = replace(RECIPES["gpt"], warm=9)
    rates = [recipe.rate(step, 109) for step in range(110)]
    assert rates[0] == pytest.approx(1e-4)
    assert rates[9] == pytest.approx(1e-3)
    assert rates[59] == pytest.approx(5.5e-4)
    assert rates[109] == pytest.approx(1e-4)


def test_what_was_reached_is_said_seed_by_seed() -> None:
    done = accuracy._line("ours", [{"reached": 0.98, "seconds": s} for s in (3.0, 1.0, 2.0)])
    lost = accuracy._line("theirs", [{"error": "no room"}])
    found = {"a": {"title": "A", "goal": 0.97, "contestants": {"x": done, "y": lost}}}
    text = table.accuracy(found)
    assert "| A | ours | 97.0% | 98.0%, 98.0%, 98.0% | 2.0 |" in text
    assert "failed: no room" in text


def test_of_a_text_the_estimate_and_what_was_written_are_told() -> None:
    run = {"reached": 1.9, "estimated": 1.88, "seconds": 1.0, "text": "\nTo be"}
    line = accuracy._line("ours", [run])
    found = {"a": {"title": "A", "goal": 1.88, "contestants": {"x": line}}}
    text = table.accuracy(found)
    assert "| A | ours | 1.880 | 1.900; in 240 windows drawn: 1.880 | 1.0 |" in text
    assert "ours writes:\n\n```text\nTo be\n```" in text
    assert accuracy._told(run).endswith("'seconds': 1.0}\n\nTo be")


@pytest.mark.no_cover
def test_a_model_writes_characters() -> None:
    model = build(RECIPES["gpt"], 0)
    symbols = np.array([10, *range(32, 96)], np.uint8)
    text = write(model, symbols, seed=0)
    assert len(text) == 400
    assert set(text.encode()) <= set(symbols.tolist())
