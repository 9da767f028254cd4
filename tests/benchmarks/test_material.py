from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from benchmarks.material import Material, deal, make, read_idx
from benchmarks.networks import NETWORK_ROWS
from benchmarks.rows import MLP, POINTS, SMALL, Row


def test_each_epoch_deals_every_row_once() -> None:
    batches = deal(10, 5, 4, np.random.default_rng(0))
    assert batches.shape == (4, 5)
    assert all(sorted(batches[i : i + 2].ravel()) == list(range(10)) for i in (0, 2))


def test_longer_runs_go_round_again(tmp_path: Path) -> None:
    material, _ = make(POINTS, tmp_path, steps=3)
    order = material.order(7)
    assert (order[3:6] == order[:3]).all()
    assert (order[6] == order[0]).all()


def test_the_material_of_a_network(tmp_path: Path) -> None:
    for row in NETWORK_ROWS.values():
        material, source = make(row, tmp_path, steps=2)
        assert source.startswith("synthetic")
        assert material.order(2).shape == (2, row.batch)
        assert len(material.labels) == len(material.inputs) >= row.batch
    material.save(tmp_path / "m.npz")  # of the Transformer
    again = Material.load(tmp_path / "m.npz", row)
    assert again.arrays.keys() == material.arrays.keys()
    assert again.inputs.dtype.kind == "i"
    assert (again.labels[:, :-1] == again.inputs[:, 1:]).all()  # the next token


@pytest.mark.parametrize("row", [POINTS, SMALL], ids=lambda row: row.name)
def test_a_file_gives_back_the_same(row: Row, tmp_path: Path) -> None:
    material, _ = make(row, tmp_path, steps=5)
    material.save(tmp_path / "m.npz")
    again = Material.load(tmp_path / "m.npz", row)
    assert (again.inputs == material.inputs).all()
    assert (again.batches == material.batches).all()
    assert [w.shape for w, _ in again.pairs()] == [(o, i) for i, o in row.layers]
    assert again.arrays.keys() == material.arrays.keys()
    assert all((a == material.arrays[name]).all() for name, a in again.arrays.items())
    assert again.test is None


def test_without_mnist_the_images_are_synthetic_and_it_is_said(tmp_path: Path) -> None:
    material, source = make(MLP, tmp_path, steps=1)
    assert source.startswith("synthetic")
    assert material.inputs.shape == (7000, 784)


def test_idx_is_read(tmp_path: Path) -> None:
    path = tmp_path / "two.gz"
    path.write_bytes(gzip.compress(bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6])))
    assert read_idx(path).tolist() == [[1, 2, 3], [4, 5, 6]]
