"""The small GPT: tied weights, its cache, what it writes, and that it learns compiled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, models, optim, train
from glassnet.models import generation


def small(**settings: Any) -> models.GPT:
    return models.gpt(7, 8, layers=2, heads=2, width=12, **settings).initialise(0)


POSITIONS = pytest.mark.parametrize("positions", ["learned", "rotary"])
TOKENS = np.array([[1, 2, 3, 4, 5], [6, 5, 4, 3, 2]])


def test_its_weights_start_small_and_the_residual_ones_smaller() -> None:
    numbers = models.gpt(50, 64, layers=8, width=64).initialise(0).named_parameters()
    spread = {name: p.numpy().std() for name, p in numbers.items() if p.ndim == 2}
    for name, deviation in spread.items():
        adds = name.endswith(("out_proj.weight", "linear2.weight"))
        assert deviation == pytest.approx(0.02 / 4 if adds else 0.02, rel=0.1), name
    assert not any(p.numpy().any() for name, p in numbers.items() if name.endswith("bias"))


def test_reading_and_writing_share_one_table() -> None:
    model = small()
    assert model.head.weight is model.tokens.weight
    names = list(model.named_parameters())
    assert "tokens.weight" in names
    assert "head.weight" not in names
    logits = model(TOKENS)
    logits.sum().backward()
    whole = model.tokens.weight.grad
    assert whole is not None
    bumped = small()
    table = bumped.tokens.weight.numpy().astype(np.float64)
    bumped.astype(gn.float64)
    up, down = table.copy(), table.copy()
    up[3, 1] += 1e-6
    down[3, 1] -= 1e-6
    values = []
    for numbers in (up, down):
        bumped.load_parameters({"tokens.weight": numbers}, strict=False)
        values.append(bumped(TOKENS).numpy().sum())
    slope = (values[0] - values[1]) / 2e-6
    assert whole.numpy()[3, 1] == pytest.approx(slope, rel=1e-2)


def test_an_optimiser_sees_the_shared_table_once() -> None:
    model = small()
    before = model.tokens.weight.numpy().copy()
    optimizer = optim.SGD(model, lr=0.5)
    gn.losses.cross_entropy(model(TOKENS), TOKENS).backward()
    gradient = model.tokens.weight.grad
    assert gradient is not None
    expected = before - 0.5 * gradient.numpy()
    optimizer.step()
    np.testing.assert_allclose(model.head.weight.numpy(), expected, rtol=1e-5, atol=1e-8)


def test_saved_and_loaded_it_is_the_same_and_still_tied(tmp_path: Path) -> None:
    model = small(bias=False)
    gn.save(model, tmp_path / "gpt.gn")
    again = gn.load(tmp_path / "gpt.gn")
    assert isinstance(again, models.GPT)
    assert again.head.weight is again.tokens.weight
    np.testing.assert_array_equal(again(TOKENS).numpy(), model(TOKENS).numpy())


@POSITIONS
def test_with_its_cache_it_goes_on(positions: str) -> None:
    model = small(positions=positions)
    first, cache = model(gn.tensor(TOKENS[:, :3]), cache=())
    second, _ = model(gn.tensor(TOKENS[:, 3:]), cache=cache)
    pieces = np.concatenate([first.numpy(), second.numpy()], axis=1)
    np.testing.assert_allclose(pieces, model(TOKENS).numpy(), rtol=1e-4, atol=1e-6)


@POSITIONS
def test_generation_is_what_the_whole_context_says(positions: str) -> None:
    """Token by token with the cache, and beyond the context without, as without any cache."""
    model = small(positions=positions)
    written = models.generate(model, [1, 2], 12, temperature=0.0)
    for stop in range(2, 14):
        window = written[max(0, stop - 8) : stop]
        assert written[stop] == model(gn.tensor(window[None])).numpy()[0, -1].argmax()


@pytest.mark.parametrize(
    ("context", "start", "positions"),
    [(8, 3, "learned"), (128, 3, "learned"), (128, 3, "rotary"), (128, 128, "rotary")],
)
def test_compiled_generation_is_what_the_whole_context_says(
    context: int, start: int, positions: Any
) -> None:
    """With room in its cache, without, and with a prompt that fills it."""
    sizes: dict[str, Any] = {"layers": 1, "heads": 2, "width": 8}
    model = models.gpt(7, context, **sizes, positions=positions).initialise(0)
    prompt, length = np.arange(start) % 7, generation.MANY + 1
    settings: dict[str, Any] = {"temperature": 0.5, "seed": 1}
    native, plain = (
        models.generate(model, prompt, length, engine=engine, **settings)
        for engine in ("native", "numpy")
    )
    np.testing.assert_array_equal(native, plain)
    reader = generation.Reader(model, start, length, "native")
    for stop in range(start, start + length):
        scores = reader(native[:stop])
        if stop % 20 == 0:
            whole = model(gn.tensor(native[None, max(0, stop - context) : stop])).numpy()[0, -1]
            np.testing.assert_allclose(scores, whole, rtol=1e-4, atol=1e-5)


def test_what_was_compiled_serves_later_texts_until_the_parameters_are_others() -> None:
    model = small()
    for _ in range(3):
        models.generate(model, [0], 5, seed=0)
    assert not generation.Steps.of(model)._compiled  # too few to be traced
    before = models.generate(model, [0, 1], 7, seed=0)
    steps = generation.Steps.of(model)
    assert set(steps._compiled) == {("one more", "numpy")}
    models.generate(model, [0], generation.MANY + 8, seed=0)
    assert ("last ones", "native") in steps._compiled
    assert generation.Steps.of(model) is steps
    np.testing.assert_array_equal(models.generate(model, [0, 1], 7, seed=0), before)
    doubled = {name: 2.0 * p.numpy() for name, p in model.named_parameters().items()}
    model.load_parameters(doubled)  # the programs read them at every call
    other = small().load_parameters(doubled)
    said = [models.generate(one, [0, 1], 7, seed=0).tolist() for one in (model, other)]
    assert said[0] == said[1]
    model.astype(gn.float64)
    assert generation.Steps.of(model) is not steps
    assert models.generate(model, [0, 1], 7, seed=0).tolist() == said[0]


def test_the_same_seed_writes_the_same() -> None:
    model = small()
    first, again, other = (models.generate(model, [0], 30, seed=s).tolist() for s in (1, 1, 2))
    assert first == again != other


def test_tokens_are_drawn_by_their_probability() -> None:
    model = small()
    logits = model(gn.tensor([[0]])).numpy()[0, -1].astype(np.float64)
    shares = np.exp(logits / 0.01 - (logits / 0.01).max())
    points = gn.Generator(0).uniform((300,), dtype=gn.float64)
    drawn = [generation._drawn(logits, 0.01, None, point) for point in points]
    counts = np.bincount(drawn, minlength=7) / 300
    np.testing.assert_allclose(counts, shares / shares.sum(), atol=0.1)
    best = set(np.argsort(logits)[-2:].tolist())
    assert {models.generate(model, [0], 1, top_k=2, seed=s)[1] for s in range(20)} == best


def test_rotary_positions_tell_order_and_other_positions_do_not_exist() -> None:
    """Without positions the last token of a turned sequence would see the same."""
    model = small(positions="rotary", bias=False)
    assert not any("positions" in name for name in model.named_parameters())
    turned = TOKENS[:, [1, 0, 2, 3, 4]]
    assert abs(model(TOKENS).numpy()[:, -1] - model(turned).numpy()[:, -1]).max() > 1e-7
    with pytest.raises(gn.ArgumentError, match="learned"):
        small(positions="learnt")


@pytest.mark.parametrize(
    ("prompt", "settings"),
    [
        ([0], {"engine": "nativ"}),
        ([0], {"temperature": -1.0}),
        ([0], {"top_k": 0}),
        ([], {}),
        ([[0, 1]], {}),
    ],
)
def test_impossible_wishes_are_refused(prompt: list[int], settings: dict[str, Any]) -> None:
    with pytest.raises(gn.GlassnetError):
        models.generate(small(), np.array(prompt, np.int64), 3, **settings)


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_it_learns_a_text_by_heart(engine: str) -> None:
    letters = data.Vocabulary.characters("abcdef ")
    rows = data.windows(letters.encode("bad cafe fed " * 8), 8, vocabulary=letters)
    model = models.gpt(len(letters), 8, layers=1, heads=2, width=16)
    run = train.fit(
        model, rows, optimizer=optim.Adam(lr=0.01), epochs=8, batch_size=16, seed=0,
        engine=engine, progress=False,
    )  # fmt: skip
    assert run.history[-1]["loss"] < 0.5
    written = models.generate(model, letters.encode("bad c"), 8, temperature=0.0)
    assert letters.decode(written) == "bad cafe fed "
