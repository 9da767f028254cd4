"""What pictures take for a network and for images, and what they refuse."""

from __future__ import annotations

import re

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, nn
from glassnet.data import Dataset
from glassnet.train import Run
from glassnet.view.subject import Subject


def test_a_run_takes_raw_images_in_any_of_their_forms(digits_run: Run) -> None:
    flat = digits_run.train.inputs[5]
    forms = [flat, flat.reshape(8, 8), flat.reshape(8, 8, 1), flat[None], gn.tensor(flat)]
    for form in forms:
        subject = Subject.of(digits_run, form)
        assert subject.images.shape == (1, 8, 8, 1)
        np.testing.assert_array_equal(subject.inputs, digits_run.train.prepared([5]))
        assert subject.truth is None


def test_a_data_set_tells_the_truth(digits_run: Run) -> None:
    few = digits_run.held_out.subset([4, 9])
    subject = Subject.of(digits_run.predictor, few)
    assert subject.truth is not None
    assert subject.truth.tolist() == few.targets.tolist()
    assert subject.predicted().tolist() == digits_run.predict(few).tolist()


def test_a_module_takes_images_as_they_are(eyes: nn.Module, eights: Dataset) -> None:
    subject = Subject.of(eyes, eights.inputs[:3])
    np.testing.assert_array_equal(subject.inputs, eights.inputs[:3])
    probabilities = subject.probabilities()
    assert probabilities is not None
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-5)
    assert subject.name(7) == "7"


def test_targets_by_name_index_or_each(digits_run: Run) -> None:
    subject = Subject.of(digits_run, digits_run.train.subset([1, 2]))
    assert subject.targets("7").tolist() == [7, 7]
    assert subject.targets(3).tolist() == [3, 3]
    assert subject.targets([4, 5]).tolist() == [4, 5]
    assert subject.targets(None).tolist() == subject.predicted().tolist()


@pytest.mark.parametrize("target", [10, -1, [1, 2, 3], 0.5])
def test_a_target_that_is_no_class(digits_run: Run, target: int) -> None:
    subject = Subject.of(digits_run, digits_run.train.subset([1, 2]))
    with pytest.raises(gn.ArgumentError, match="no such class"):
        subject.targets(target)
    with pytest.raises(gn.ArgumentError, match=re.escape('no class "ten"')):
        subject.targets("ten")


def test_one_number_that_parts_two_classes() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 1, seed=0))
    pairs = Dataset(np.eye(4, dtype=np.float32).reshape(4, 2, 2, 1), [0, 1, 0, 1], name="corners")
    run = gn.fit(model, pairs, gn.losses.binary_cross_entropy_with_logits, epochs=1, engine="numpy")
    subject = Subject.of(run, pairs)
    outputs = model(gn.tensor(subject.inputs))
    wanted = float((outputs.numpy()[:, 0] * [-1, 1, 1, -1]).sum())
    assert subject.score(outputs, np.array([0, 1, 1, 0])).item() == pytest.approx(wanted)


def test_what_cannot_be_looked_into(digits_run: Run, moons_run: Run, eyes: nn.Module) -> None:
    with pytest.raises(gn.ArgumentError, match="no network"):
        Subject.of("digits", np.zeros((8, 8)))  # type: ignore[arg-type]
    with pytest.raises(gn.DataError, match="not trained on images"):
        Subject.of(moons_run, [0.0, 1.0])
    with pytest.raises(gn.ShapeError, match="no image for the network"):
        Subject.of(digits_run, np.zeros((7, 8)))
    with pytest.raises(gn.ArgumentError, match="a few images"):
        Subject.of(digits_run, digits_run.train)
    with pytest.raises(gn.DataError, match="not trained on images"):
        Subject.of(eyes, np.zeros((8, 8)))
    coder = gn.models.autoencoder((8, 8, 1), hidden=(4,), code=2)
    with pytest.raises(gn.DataError, match="tells classes apart"):
        Subject.of(coder, data.digits().inputs[0].reshape(8, 8, 1)).predicted()
