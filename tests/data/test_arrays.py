"""NumPy's files as data, in memory and mapped."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import data, nn
from glassnet.data.arrays import read_arrays
from glassnet.data.storage import is_mapped
from glassnet.errors import DataError, FileFormatError, NonFiniteError, OutputError
from glassnet.train import fit

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 3)).astype(np.float32), np.arange(40) % 2


def test_inputs_and_targets_by_their_names(tmp_path: Path) -> None:
    np.savez(tmp_path / "points.npz", x=X, y=Y, classes=["even", "odd"])
    dataset = data.npz(tmp_path / "points.npz")
    assert (dataset.name, dataset.classes) == ("points", ("even", "odd"))
    np.testing.assert_array_equal(dataset.inputs, X)
    np.savez(tmp_path / "words.npz", inputs=X, labels=np.where(Y, "odd", "even"))
    assert data.npz(tmp_path / "words.npz").classes == ("even", "odd")
    np.savez(tmp_path / "numbers.npz", inputs=X, targets=Y)
    assert data.npz(tmp_path / "numbers.npz", task="regression").task == "regression"


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"a": X, "b": Y}, "none of them named inputs"),
        ({"x": X}, "none of them named targets"),
        ({"x": np.array([["a"]]), "y": Y}, "does not hold rows of numbers"),
    ],
)
def test_arrays_that_are_no_data(tmp_path: Path, arrays: Any, words: str) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError, match=words):
        data.npz(tmp_path / "a.npz")


def test_pickles_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", allow_pickle=True, x=np.array([None]), y=Y)
    with pytest.raises(FileFormatError, match="not an array of NumPy"):
        data.npz(tmp_path / "a.npz")


def archive() -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, x=X[:3], y=Y[:3])
    return stream.getvalue()


GOOD = archive()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("arrays") / "any.npz"


@given(at=st.integers(0, len(GOOD)), content=st.binary(max_size=20), cut=st.booleans())
def test_any_bytes(place: Path, at: int, content: bytes, cut: bool) -> None:
    place.write_bytes(GOOD[:at] + content + (b"" if cut else GOOD[at + len(content) :]))
    try:
        read_arrays(place)
    except FileFormatError:
        return


# -- larger than memory ----------------------------------------------------------------------------
def portions(count: int) -> Any:
    rng = np.random.default_rng(1)
    for _ in range(count):
        labels = rng.integers(0, 2, 500).astype(np.uint8)
        images = rng.integers(0, 100, (500, 16, 16, 1)).astype(np.uint8)
        images[labels == 1, :4] += 100
        yield images, labels


def test_a_map_is_trained_from_without_being_read_as_a_whole(tmp_path: Path) -> None:
    folder = data.write_map(tmp_path / "map", portions(200), classes=["dark", "light"])
    tracemalloc.start()
    dataset = data.mapped(folder)
    train, held = data.split(dataset, 0.1)
    model = nn.Sequential(nn.Flatten(), nn.Linear(256, 2))
    run = fit(model, train, epochs=1, validation=held, batch_size=100, seed=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(dataset) == 100_000
    assert is_mapped(dataset.inputs)
    assert is_mapped(train.inputs)
    assert is_mapped(train.targets)
    assert run.history[-1]["validation_accuracy"] > 0.95
    assert peak < dataset.inputs.nbytes / 2  # and an eighth of what its floats would take
    same = data.Dataset(np.array(train.inputs), np.array(train.targets), classes=train.classes)
    again = fit(
        nn.Sequential(nn.Flatten(), nn.Linear(256, 2)), same, epochs=1, batch_size=100, seed=0
    )
    assert again.history[-1]["loss"] == run.history[-1]["loss"]


def test_a_data_set_comes_back(tmp_path: Path) -> None:
    digits = data.digits()
    again = data.mapped(data.write_map(tmp_path / "digits", digits))
    np.testing.assert_array_equal(again.inputs, digits.inputs)
    np.testing.assert_array_equal(again.targets, digits.targets)
    assert (again.classes, again.image_shape) == (digits.classes, digits.image_shape)
    plane = data.mapped(data.write_map(tmp_path / "plane", data.plane(20)))
    assert plane.task == "regression"


def test_bare_arrays_will_do_and_a_nan_is_found_by_its_step(tmp_path: Path) -> None:
    broken = X.copy()
    broken[7, 1] = np.nan
    np.save(tmp_path / "inputs.npy", broken)
    np.save(tmp_path / "targets.npy", Y)
    dataset = data.mapped(tmp_path)
    with pytest.raises(NonFiniteError, match="nan"):
        fit(nn.Linear(3, 2), dataset, epochs=1)


def test_folders_that_are_no_maps(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="cannot be read"):
        data.mapped(tmp_path)
    np.save(tmp_path / "inputs.npy", X.astype(np.float16))
    np.save(tmp_path / "targets.npy", Y)
    with pytest.raises(DataError, match="cannot be read batch by batch"):
        data.mapped(tmp_path)
    (tmp_path / "inputs.npy").write_bytes(b"\x93NUMPY no")
    with pytest.raises(FileFormatError, match="not an array of NumPy"):
        data.mapped(tmp_path)
    np.save(tmp_path / "inputs.npy", X)
    for text in ("[1, 2]", "{", '{"image_shape": ["x"]}', '"x"'):
        (tmp_path / "data.json").write_text(text, encoding="utf-8")
        with pytest.raises(FileFormatError, match="does not say what the data is"):
            data.mapped(tmp_path)


def test_portions_that_do_not_fit_together(tmp_path: Path) -> None:
    for wrong, words in (
        ([(X, Y), (X[:, :2], Y)], "one shape and type"),
        ([(X, Y), (X.astype(np.float64), Y)], "one shape and type"),
        ([], "no rows to write"),
        ([(np.array(["a"]), Y)], "no portion of data"),
    ):
        with pytest.raises(DataError, match=words):
            data.write_map(tmp_path / "map", wrong)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        data.write_map(tmp_path / "file" / "map", [(X, Y)])
