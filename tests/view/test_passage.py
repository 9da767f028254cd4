"""What pictures of sequences read: texts, tokens, vectors."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import models, nn
from glassnet.train import Predictor, Run
from glassnet.view.passage import Passage


def test_a_text(writer: Predictor) -> None:
    passage = Passage.of(writer, "bad\ncafe ")
    assert passage.labels == tuple("bad↵cafe␣")
    assert passage.inputs.shape == (1, 9)
    assert passage.text == "“bad\ncafe ”"


def test_tokens_and_vectors() -> None:
    model = models.gpt(5, 4, layers=1, heads=1, width=4)
    assert Passage.of(model, gn.tensor([3, 0, 4])).labels == ("3", "0", "4")
    vectors = Passage.of(nn.LSTM(2, 3), [[1.0, 2.0], [3.0, 4.0]])
    assert (vectors.labels, vectors.inputs.dtype) == (("1", "2"), np.float32)


def test_vectors_of_a_run_are_scaled() -> None:
    rows = gn.Generator(0).uniform((12, 5, 2), 10.0, 20.0)
    (learn,) = gn.data.standardise(gn.data.Dataset(rows, [0, 1] * 6, name="rows"))
    run = gn.fit(models.lstm_classifier(2, 2, hidden_size=3), learn, epochs=1, engine="numpy")
    np.testing.assert_allclose(Passage.of(run, rows[1]).inputs, learn.prepared([1]), rtol=1e-5)


def test_what_cannot_be_read(writer: Predictor, moons_run: Run) -> None:
    with pytest.raises(gn.DataError, match="knows no characters"):
        Passage.of(moons_run, "bad")
    with pytest.raises(gn.DataError, match="no 'z'"):
        Passage.of(writer, "zebra")
    with pytest.raises(gn.DataError, match="nothing to read"):
        Passage.of(writer, "")
    with pytest.raises(gn.ShapeError, match="reads one sequence"):
        Passage.of(writer, [[0, 1], [2, 3]])
