"""The real data is what its authors published."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import numpy as np

from glassnet import data


def test_digits_are_the_published_ones() -> None:
    digits = data.digits()
    assert digits.inputs.shape == (1797, 64)
    assert digits.image_shape == (8, 8, 1)
    # Counts of the ten classes in the test part, as its documentation gives them.
    expected = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(digits.targets).tolist() == expected
    pixels = (digits.inputs * 16).astype(np.uint8)
    assert digest(pixels) == "8f26b2bd9d135c25"
    first = pixels[0].reshape(8, 8)
    assert first[0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
    assert digits.targets[:10].tolist() == list(range(10))


def test_iris_is_fishers() -> None:
    iris = data.iris()
    assert np.bincount(iris.targets).tolist() == [50, 50, 50]
    means = [iris.inputs[iris.targets == k].mean(axis=0).round(3).tolist() for k in range(3)]
    # Fisher 1936, table II.
    np.testing.assert_allclose(
        means,
        [
            [5.006, 3.428, 1.462, 0.246],
            [5.936, 2.770, 4.260, 1.326],
            [6.588, 2.974, 5.552, 2.026],
        ],
        atol=1e-5,
    )
    # The two rows that the repository's copy has wrong.
    np.testing.assert_allclose(iris.inputs[34], [4.9, 3.1, 1.5, 0.2], atol=1e-6)
    np.testing.assert_allclose(iris.inputs[37], [4.9, 3.6, 1.4, 0.1], atol=1e-6)


def test_each_file_has_its_licence_beside_it() -> None:
    folder = files(data) / "shipped"
    names = {item.name for item in folder.iterdir()}
    sets = {name for name in names if name.endswith(".npz")}
    assert sets
    for name in sets:
        text = (folder / name.replace(".npz", ".LICENSE.txt")).read_text(encoding="utf-8")
        assert "CC BY 4.0" in text
        assert "https://doi.org/" in text
    assert sum(len((folder / name).read_bytes()) for name in sets) < 60_000


def digest(array: np.ndarray) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()[:16]
