"""Training on sequences of different lengths: padding changes nothing, on either engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, files, losses, models, nn, optim, train
from glassnet.view.inside import looks

RNG = np.random.default_rng(0)
WORDS = ["".join(RNG.choice(list("abc"), n)) for n in RNG.integers(2, 9, 48)]
ONE = data.sequences(WORDS, [int(w.count("a") > w.count("b")) for w in WORDS])
EACH = data.sequences(WORDS, [[int(c == w[0]) for c in w] for w in WORDS])


def attentive(head: nn.Module | None = None) -> nn.Sequential:
    layer = nn.TransformerEncoderLayer(8, 2, 16, 0.0, norm_first=True)
    end = nn.Linear(8, 2)
    return nn.Sequential(
        nn.Embedding(3, 8), nn.SinusoidalPositions(8), layer, *([head] if head else []), end
    )


def recurrent() -> nn.Module:
    return models.lstm_classifier(4, 2, hidden_size=6, tokens=3, bidirectional=True)


class Tagger(nn.Module):
    embedding: nn.Embedding
    body: nn.GRU
    head: nn.Linear

    def __init__(self) -> None:
        self.embedding, self.body = nn.Embedding(3, 4), nn.GRU(4, 6, bidirectional=True)
        self.head = nn.Linear(12, 2)

    def forward(self, x: gn.Tensor, *, lengths: Any = None) -> gn.Tensor:
        out: gn.Tensor = self.head(self.body(self.embedding(x), lengths=lengths)[0])
        return out


CASES = {
    "lstm": (recurrent, ONE),
    "attention": (lambda: attentive(nn.GlobalAvgPool1d()), ONE),
    "gru at every step": (Tagger, EACH),
    "attention at every step": (attentive, EACH),
}


def fitted(make: Any, rows: data.Dataset, **settings: Any) -> train.Run:
    given: dict[str, Any] = {"epochs": 2, "batch_size": 16, "seed": 0, "progress": False}
    given |= {"engine": "numpy"}
    given |= {"optimizer": optim.Adam(lr=0.02), "metrics": ["accuracy", "f1", "perplexity"]}
    return train.fit(make(), rows, **given | settings)


def padded_more(rows: data.Dataset, steps: int, token: int) -> data.Dataset:
    wide = ((0, 0), (0, steps))
    targets = np.pad(rows.targets, wide, constant_values=1) if rows.by_step else rows.targets
    inputs = np.pad(rows.inputs, wide, constant_values=token)
    return replace(rows, inputs=inputs, targets=targets)


def numbers(run: train.Run) -> dict[str, float]:
    return {name: value for name, value in run.history[-1].items() if name != "seconds"}


@pytest.mark.parametrize("name", CASES)
def test_padding_never_changes_what_is_learned(name: str) -> None:
    make, rows = CASES[name]
    plain = fitted(make, rows, validation=rows)
    wide = fitted(make, padded_more(rows, 3, token=2), validation=rows)
    assert numbers(wide) == pytest.approx(numbers(plain), rel=1e-4)
    np.testing.assert_array_equal(wide.predict(WORDS), plain.predict(WORDS))


def test_both_engines_learn_the_same() -> None:
    make, rows = CASES["attention at every step"]
    runs = [fitted(make, rows, engine=engine, validation=rows) for engine in ("native", "numpy")]
    assert numbers(runs[0]) == pytest.approx(numbers(runs[1]), rel=1e-4)


def test_the_loss_of_an_epoch_is_that_of_all_steps_alike() -> None:
    """Also when batches have few and many of them: the perplexity is e to the loss."""
    run = fitted(Tagger, EACH, batch_size=5, sampling="by_length")
    for row in run.history:
        assert row["perplexity"] == pytest.approx(np.exp(row["loss"]), rel=1e-5)


def test_a_step_in_parts_is_the_step_of_the_whole() -> None:
    whole = fitted(Tagger, EACH, batch_size=24)
    parts = fitted(Tagger, EACH, batch_size=6, accumulate=4)
    np.testing.assert_allclose(parts.losses, whole.losses, rtol=1e-5)


def test_batches_by_length_are_cut_and_learn_the_same_on_both_engines() -> None:
    def share(predictions: Any, targets: Any) -> float:
        return float((predictions == targets).mean())

    settings: dict[str, Any] = {"sampling": "by_length", "metrics": ["accuracy", share]}
    settings |= {"batch_size": 24, "validation": EACH}
    native, plain = (fitted(Tagger, EACH, engine=e, **settings) for e in ("native", "numpy"))
    assert numbers(native) == pytest.approx(numbers(plain), rel=1e-4)
    assert native.history[-1]["share"] == pytest.approx(native.history[-1]["accuracy"])


def test_answers_at_every_step_end_with_their_sequence() -> None:
    run = fitted(Tagger, EACH)
    said = run.predict(["abca", "b"])
    assert said.shape == (2, 4)
    assert not said[1, 1:].any()
    assert [len(words.split(", ")) for words in run.predictor.labels(["abca", "b"])] == [4, 1]
    assert not list(looks(run))  # it says no next token, although it reads tokens


def test_a_run_that_was_saved_still_takes_sequences(tmp_path: Any) -> None:
    run = fitted(recurrent, ONE)
    gn.save(run, tmp_path / "run.gn")
    again = files.load_predictor(tmp_path / "run.gn")
    np.testing.assert_array_equal(again.predict(WORDS), run.predict(WORDS))
    with pytest.raises(gn.GlassnetError):
        run.predict(["abcd"])


def test_networks_and_losses_that_cannot_leave_padding_out_are_refused() -> None:
    plain = nn.Sequential(nn.Embedding(3, 2), nn.Flatten(), nn.Linear(2 * 8, 2))
    with pytest.raises(gn.ArgumentError, match="takes no lengths"):
        fitted(lambda: plain, ONE)
    with pytest.raises(gn.ArgumentError, match="takes no mask"):
        fitted(Tagger, EACH, loss=lambda y, t: losses.cross_entropy(y, t))
    run = fitted(Tagger, EACH, loss=lambda y, t, *, mask: losses.cross_entropy(y, t, mask=mask))
    assert run.losses == pytest.approx(fitted(Tagger, EACH).losses)
    with pytest.raises(gn.DataError, match="both have lengths"):
        fitted(recurrent, ONE, validation=(ONE.inputs, ONE.targets))


def test_numbers_at_every_step_are_learned_and_explained() -> None:
    """A running mean of each sequence: R² counts the steps alone."""
    rows = [RNG.normal(size=(n, 1)).astype(np.float32) for n in RNG.integers(2, 7, 24)]
    sums = [np.cumsum(row, axis=0) / 3 for row in rows]
    paths = data.sequences(rows, sums)
    assert paths.by_step

    class Regressor(nn.Module):
        body: nn.GRU
        head: nn.Linear

        def __init__(self) -> None:
            self.body, self.head = nn.GRU(1, 6), nn.Linear(6, 1)

        def forward(self, x: gn.Tensor, *, lengths: Any = None) -> gn.Tensor:
            out: gn.Tensor = self.head(self.body(x, lengths=lengths)[0])
            return out

    wide = replace(
        paths,
        inputs=np.pad(paths.inputs, ((0, 0), (0, 2), (0, 0))),
        targets=np.pad(paths.targets, ((0, 0), (0, 2), (0, 0)), constant_values=9.0),
    )
    found = [fitted(Regressor, part, metrics=["r2", "mae"]).history[-1] for part in (paths, wide)]
    for name in ("loss", "r2", "mae"):
        assert found[0][name] == pytest.approx(found[1][name], rel=1e-4)
