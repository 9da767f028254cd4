"""Every data set by its name."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import data
from glassnet.data.catalogue import REMOTE
from glassnet.errors import ArgumentError


@pytest.mark.parametrize("name", sorted({*data.NAMES} - {*REMOTE}))
def test_every_name_brings_its_set(name: str) -> None:
    dataset = data.load(name, seed=5)
    assert dataset.name == name
    assert len(dataset) >= 100


def test_the_seed_reaches_the_generator() -> None:
    np.testing.assert_array_equal(data.load("moons", seed=5).inputs, data.moons(seed=5).inputs)


def test_the_nearest_name_is_suggested() -> None:
    with pytest.raises(ArgumentError, match='no data set "spirals"') as caught:
        data.load("spirals")
    assert 'did you mean "spiral"?' in str(caught.value)
