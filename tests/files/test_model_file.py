"""Models saved and loaded again, and files that are none."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassnet as gn
from glassnet import data, nn
from glassnet.errors import FileFormatError, OutputError
from glassnet.files import load, load_predictor, save
from glassnet.files.container import read_container, write_container
from glassnet.train import Run, fit


def network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Dropout(0.1), nn.Linear(5, 3)).initialise(1)


@pytest.fixture(scope="module")
def flowers() -> Run:
    train, test = data.standardise(*data.split(data.iris(), seed=0))
    return fit(network(), train, validation=test, epochs=2)


def refusal(path: Path, **keywords: Any) -> str:
    with pytest.raises(FileFormatError) as caught:
        load(path, **keywords)
    text = str(caught.value)
    assert str(path) in text
    assert "mend:" in text
    return text


# -- there and back --------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_bits_come_back(tmp_path: Path, dtype: str) -> None:
    model = network().astype(dtype)
    again = load(save(model, tmp_path / "model.gn"))
    assert repr(again) == repr(model)
    assert again.dtype == dtype
    pairs = zip(again.named_parameters().items(), model.named_parameters().items(), strict=True)
    for (name, loaded), (expected_name, expected) in pairs:
        assert name == expected_name
        assert loaded.numpy().tobytes() == expected.numpy().tobytes()
        assert loaded.requires_grad


def test_a_loaded_model_learns_on(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    first = fit(model, data.moons(200), epochs=3)
    second = fit(load(save(model, tmp_path / "m.gn")), data.moons(200), epochs=3, seed=1)
    assert second.history["loss"][0] < first.history["loss"][0]


def test_a_run_is_saved_with_what_its_numbers_mean(tmp_path: Path, flowers: Run) -> None:
    path = save(flowers, tmp_path / "iris.gn")
    predictor = load_predictor(path)
    raw = data.iris().inputs[40:60]
    assert predictor.labels(raw) == flowers.predictor.labels(raw)
    np.testing.assert_array_equal(
        predictor.probabilities(raw), flowers.predictor.probabilities(raw)
    )
    assert predictor.facts() == flowers.predictor.facts()
    assert isinstance(load(path), nn.Sequential)
    save(predictor, tmp_path / "again.gn")
    assert (tmp_path / "again.gn").read_bytes() == path.read_bytes()


def test_a_module_alone_has_no_meanings(tmp_path: Path) -> None:
    path = save(network(), tmp_path / "m.gn")
    with pytest.raises(FileFormatError, match="not what its inputs and outputs mean") as caught:
        load_predictor(path)
    assert "gn.save(run, path)" in str(caught.value)


def test_names_in_any_script(tmp_path: Path) -> None:
    dataset = data.Dataset(np.eye(2), [0, 1], name="花", classes=("è", "😀"), features=("ä", '"'))
    run = fit(nn.Linear(2, 2), dataset, epochs=1)
    predictor = load_predictor(save(run, tmp_path / "模型.gn"))
    assert predictor.classes == ("è", "😀")
    assert predictor.features == ("ä", '"')


def test_a_model_without_parameters_and_one_with_a_single_number(tmp_path: Path) -> None:
    assert repr(load(save(nn.Tanh(), tmp_path / "t.gn"))) == "Tanh()"
    perceptron = nn.Perceptron(2).fit(*gaussians())
    again = load(save(perceptron, tmp_path / "p.gn"))
    assert isinstance(again, nn.Perceptron)
    assert again.bias.shape == ()
    assert again.bias.item() == perceptron.bias.item()


def gaussians() -> tuple[np.ndarray, np.ndarray]:
    dataset = data.gaussians(100)
    return dataset.inputs, dataset.targets


def test_parameters_in_another_order_of_memory(tmp_path: Path) -> None:
    model = nn.Linear(3, 2, seed=0)
    values = np.arange(6.0, dtype=np.float32).reshape(3, 2).T
    assert not values.flags.c_contiguous
    model.weight.array = values
    loaded = load(save(model, tmp_path / "m.gn"))
    np.testing.assert_array_equal(loaded.named_parameters()["weight"].numpy(), values)


class Residual(nn.Module):
    inner: nn.Linear

    def __init__(self, width: int) -> None:
        self.inner = nn.Linear(width, width)

    def forward(self, x: gn.Tensor) -> gn.Tensor:
        return x + self.inner(x).tanh()


def test_own_modules_are_named_by_the_reader_and_never_by_the_file(tmp_path: Path) -> None:
    path = save(nn.Sequential(Residual(3), nn.Linear(3, 2)).initialise(0), tmp_path / "own.gn")
    text = refusal(path)
    assert 'there is no module class "Residual"' in text
    assert "classes=[Residual]" in text
    assert isinstance(load(path, classes=[Residual]), nn.Sequential)


def test_it_is_a_safetensors_file(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    path = save(network(), tmp_path / "m.safetensors")
    assert sorted(load_file(path)) == ["0.bias", "0.weight", "3.bias", "3.weight"]


# -- files that are no models ----------------------------------------------------------------------
def test_no_such_file(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "nothing.gn")
    with pytest.raises(FileFormatError, match="cannot be read"):
        load(tmp_path)  # a folder without a model in it


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"PK\x03\x04" + b"\0" * 60,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 60,
        b"epoch,loss\n1,2\n",
    ],
)
def test_a_file_that_is_no_model(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.gn"
    path.write_bytes(content)
    assert "is not a model of glassnet" in refusal(path)


def test_somebody_elses_safetensors_file(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    path = tmp_path / "foreign.safetensors"
    save_file({"weight": np.zeros((2, 2), np.float32)}, path)
    assert "without a description of the network" in refusal(path)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.999])
def test_a_truncated_model(tmp_path: Path, share: float) -> None:
    path = save(network(), tmp_path / "m.gn")
    content = path.read_bytes()
    path.write_bytes(content[: max(int(share * len(content)), 10)])
    text = refusal(path)
    assert "is truncated" in text
    assert re.search(r"expected: \d+ bytes", text)


def changed(path: Path, **replaced: Any) -> Path:
    """The file with another description."""
    arrays, description = read_container(path)
    return write_container(path, arrays, {**description, **replaced})


def test_another_version_of_the_format(tmp_path: Path) -> None:
    path = changed(save(network(), tmp_path / "m.gn"), version=99)
    text = refusal(path)
    assert "received: version 99" in text
    assert "newer glassnet" in text


def test_another_format(tmp_path: Path) -> None:
    path = changed(save(network(), tmp_path / "m.gn"), format="recipes")
    assert 'the format "glassnet-model"' in refusal(path)


def test_numbers_of_another_architecture(tmp_path: Path) -> None:
    path = changed(save(network(), tmp_path / "m.gn"), architecture=nn.Linear(4, 3).config())
    assert "does not describe a network that fits its numbers" in refusal(path)
    path = changed(save(nn.Linear(4, 3), tmp_path / "m.gn"), architecture=nn.Linear(4, 2).config())
    assert "does not describe a network that fits its numbers" in refusal(path)


def test_an_architecture_too_large_for_any_machine_takes_no_memory(tmp_path: Path) -> None:
    huge = {"class": "Linear", "arguments": {"in_features": 10**9, "out_features": 10**9}}
    path = changed(save(nn.Linear(4, 3), tmp_path / "m.gn"), architecture=huge)
    assert "does not describe a network that fits its numbers" in refusal(path)


def test_a_description_without_end(tmp_path: Path) -> None:
    deep: dict[str, Any] = {"class": "Linear", "arguments": {}}
    for _ in range(300):
        deep = {"class": "Sequential", "arguments": {"layers": [deep]}}
    path = changed(save(nn.Linear(4, 3), tmp_path / "m.gn"), architecture=deep)
    assert "nested too deeply" in refusal(path)


def test_an_unwritable_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written") as caught:
        save(network(), tmp_path / "file" / "m.gn")
    assert "received: Not a directory" in str(caught.value)
    with pytest.raises(OutputError, match="cannot be written"):
        save(network(), tmp_path / "missing" / "m.gn")


# -- any file at all -------------------------------------------------------------------------------
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
KNOWN = network().config()
FACTS = [
    {"reading": "logits", "classes": ["a"], "features": [], "image_shape": None,
     "input_shape": [4], "standardiser": None, "name": "",
     "vocabulary": None, "columns": None},
]  # fmt: skip


def attempt(path: Path) -> None:
    """Loading succeeds or raises FileFormatError, whatever the file holds."""
    for reader in (load, load_predictor):
        with contextlib.suppress(FileFormatError):
            reader(path)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "file.gn"


@given(content=st.binary(max_size=200))
def test_any_bytes(place: Path, content: bytes) -> None:
    place.write_bytes(content)
    attempt(place)


@given(header=JSON, body=st.binary(max_size=40))
def test_any_header(place: Path, header: Any, body: bytes) -> None:
    text = json.dumps(header).encode()
    place.write_bytes(len(text).to_bytes(8, "little") + text + body)
    attempt(place)


ENTRY = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F32", "F64", "BF16", "I64", "BOOL", "F8_E4M3", "Q", 3]),
        "shape": st.lists(st.integers(-1, 2**62), max_size=3),
        "data_offsets": st.lists(st.integers(-4, 2**63), min_size=1, max_size=3),
    }
)


@given(
    entries=st.dictionaries(st.text(max_size=5), ENTRY, max_size=3),
    body=st.binary(max_size=64),
    metadata=st.none() | st.dictionaries(st.sampled_from(["glassnet", "x"]), st.text(max_size=9)),
)
def test_headers_that_look_right(
    place: Path, entries: dict[str, Any], body: bytes, metadata: dict[str, str] | None
) -> None:
    header = {**entries, **({} if metadata is None else {"__metadata__": metadata})}
    text = json.dumps(header).encode()
    place.write_bytes(len(text).to_bytes(8, "little") + text + body)
    attempt(place)


@given(architecture=JSON | st.just(KNOWN), facts=JSON | st.sampled_from(FACTS), extra=JSON)
def test_any_description(place: Path, architecture: Any, facts: Any, extra: Any) -> None:
    arrays = {name: p.numpy() for name, p in network().named_parameters().items()}
    description = {
        "format": "glassnet-model",
        "version": 1,
        "architecture": architecture,
        "predictor": facts,
        "extra": extra,
    }
    write_container(place, arrays, description)
    attempt(place)


@given(arguments=st.dictionaries(st.sampled_from(["in_features", "out_features", "bias", "init",
       "seed", "p", "layers"]), JSON, max_size=4),
       name=st.sampled_from([cls.__name__ for cls in nn.library.LIBRARY]))  # fmt: skip
def test_any_arguments_of_known_layers(place: Path, arguments: dict[str, Any], name: str) -> None:
    architecture = {"class": name, "arguments": arguments}
    description = {"format": "glassnet-model", "version": 1, "architecture": architecture}
    write_container(place, {}, description)
    attempt(place)


@given(position=st.integers(0, 10**6), byte=st.integers(0, 255))
def test_any_byte_changed(place: Path, flowers: Run, position: int, byte: int) -> None:
    content = bytearray(save(flowers, place).read_bytes())
    content[position % len(content)] = byte
    place.write_bytes(bytes(content))
    attempt(place)
