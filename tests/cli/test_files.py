"""`glassnet train` and `predict` on files and folders: each kind is learned from and used again."""

from __future__ import annotations

import csv
import gzip
import io
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from glassnet import data, models, nn
from glassnet.cli.networks import NETWORKS

from .conftest import Run

RNG = np.random.default_rng(0)
ROWS = [
    f"{i},{RNG.normal(5.0 * (i % 2), 0.5):.3f},{'red' if i % 2 else 'blue'},{'ab'[i % 2]}"
    for i in range(60)
]
TABLE = "id,size,colour,kind\n" + "\n".join(ROWS) + "\n"


def predicted(text: str) -> list[str]:
    return [row["prediction"] for row in csv.DictReader(io.StringIO(text))]


def test_a_table(run: Run, tmp_path: Path) -> None:
    (tmp_path / "things.csv").write_text(
        TABLE.replace("\n3,", "\n3,?,blue,b\n3,"), encoding="utf-8"
    )
    settings = ("--target", "kind", "--leave", "id", "--missing", "drop", "--epochs", "20")
    said = run("train", "things.csv", *settings)
    assert said.code == 0, said.err
    assert "things: 60 rows of 3 numbers, 2 classes; 48 to learn from, 12 held out" in said.out
    assert "100.0 % right on the 12 rows held out" in said.out
    assert "3 → 64 tanh → 32 tanh → 2" in said.out
    (tmp_path / "new.csv").write_text("colour,size\nred,5.1\nblue,0.2\n", encoding="utf-8")
    assert predicted(run("predict", "runs/things", "new.csv").out) == ["b", "a"]
    (tmp_path / "odd.csv").write_text("colour,size\ngreen,5.1\n", encoding="utf-8")
    assert "one of blue, red" in run("predict", "runs/things", "odd.csv").err


def test_images_in_folders(run: Run, tmp_path: Path) -> None:
    for label, name in enumerate(("dark", "light")):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(12):
            pixels = RNG.integers(0, 100, (14, 10)) + 140 * label
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "photos" / name / f"{i}.png")
    said = run("train", "photos", "--model", "mlp", "--hidden", "8", "--epochs", "20")
    assert said.code == 0, said.err
    assert "photos: 24 images of 14×10×1, 2 classes; 19 to learn from, 5 held out" in said.out
    assert "140 → 8 tanh → 2" in said.out
    assert predicted(run("predict", "runs/photos", "photos/dark/1.png").out) == ["dark"]
    assert predicted(run("predict", "runs/photos", "photos/light").out) == ["light"] * 12
    assert "lenet is not made for such data" in run("train", "photos", "--model", "lenet").err
    said = run("train", "photos", "--size", "28,28", "--epochs", "1")
    assert "lenet, 2 outputs" in said.out


def test_idx_files_with_their_own_test_part(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    for part, count in (("train", 40), ("t10k", 10)):
        labels = (np.arange(count) % 2).astype(np.uint8)
        images = RNG.integers(0, 100, (count, 6, 6)).astype(np.uint8)
        images[labels == 1] += 150
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
            content = gzip.compress(head + array.tobytes())
            (folder / f"{part}-{kind}-ubyte.gz").write_bytes(content)
    said = run("train", "letters", "--model", "mlp", "--epochs", "20")
    assert "50 images of 6×6×1, 2 classes; 40 to learn from, 10 held out" in said.out
    assert "100.0 % right on the 10 rows held out" in said.out


def test_arrays(run: Run, tmp_path: Path) -> None:
    inputs = RNG.normal(size=(50, 3))
    np.savez(tmp_path / "points.npz", x=inputs, y=inputs.sum(axis=1))
    said = run("train", "points.npz", "--hidden", "none", "--lr", "0.1")
    assert "R² 0.99" in said.out or "R² 1" in said.out


def small(learn: data.Dataset) -> nn.Module:
    return models.gpt(learn.outputs, learn.inputs.shape[1], layers=1, heads=1, width=16)


def test_a_text(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(NETWORKS, "gpt", ("texts", small))  # which is compiled in less time
    (tmp_path / "tale.txt").write_text("abcde fghij " * 60, encoding="utf-8")
    said = run("train", "tale.txt", "--length", "8", "--epochs", "12", "--lr", "0.02")
    assert said.code == 0, said.err
    assert "windows of 8 characters, 11 different ones" in said.out
    assert "gpt, 11 outputs" in said.out
    assert "next characters right" in said.out
    assert "at most 12 epochs" in said.out
    assert re.search(r"the weights of epoch \d+ kept", said.out)
    assert re.search(r"it writes +after '[a-j ]{8}': [a-j ]*abcde fghij abcde", said.out)
    report = (tmp_path / "runs" / "tale" / "report.html").read_text(encoding="utf-8")
    assert "What it writes" in report
    (tmp_path / "begin.txt").write_text("abcde", encoding="utf-8")
    written = run("predict", "runs/tale", "begin.txt").out
    assert written.startswith("abcde")
    assert written.count("fghij") > 5
    (tmp_path / "strange.txt").write_text("xyz", encoding="utf-8")
    assert "the vocabulary has no 'x'" in run("predict", "runs/tale", "strange.txt").err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("missing.csv",), ['no data set "missing.csv"']),
        (("table.csv", "--target", "knd"), ['did you mean "kind"']),
        (("table.csv", "--size", "3,3"), ['no setting "size"', "table.csv"]),
        (("table.csv", "--model", "gtp"), ['did you mean "gpt"']),
        (("table.csv", "--model", "gpt"), ["gpt is not made for such data"]),
        (("table.csv", "--leave", "id", "--missing", "mean"), ["Known: drop, error, fill"]),
        (("iris", "--target", "species"), ['no setting "target"']),
        ((".", "--size", "28"), ["no size of images"]),
        ((".",), ["no folder of images in classes"]),
        (("notes.xyz",), ["of no kind that can be read", ".parquet"]),
        (("tale.txt", "--hidden", "3"), ["settings of mlp"]),
    ],
)
def test_mistakes(run: Run, tmp_path: Path, arguments: tuple[str, ...], words: list[str]) -> None:
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "notes.xyz").write_text("", encoding="utf-8")
    (tmp_path / "tale.txt").write_text("once upon a time " * 20, encoding="utf-8")
    said = run("train", *arguments)
    assert said.code == 2
    assert "Traceback" not in said.err
    for word in words:
        assert word in said.err
