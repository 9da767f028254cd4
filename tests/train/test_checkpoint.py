"""A training written down: killed anywhere, it goes on with the same bits."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import data, files, nn, optim
from glassnet.errors import ArgumentError, FileFormatError, OutputError
from glassnet.train import Callback, Checkpoint, Run, fit
from glassnet.train.checkpoint import NAME

MOONS = data.moons(200, seed=0)
ENGINES = pytest.mark.parametrize("engine", ["native", "numpy"])


def network() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.3), nn.Linear(8, 2)
    )


def trained(engine: str = "native", **asked: Any) -> Run:
    asked = {
        "epochs": 4, "batch_size": 16, "accumulate": 2, "validation": 0.2, "average": 0.9,
        "keep_best": True, "seed": 3, "metrics": ["accuracy", "f1", "confusion"],
        "optimizer": optim.Adam(lr=optim.Cosine(0.02, steps=40)), **asked,
    }  # fmt: skip
    return fit(network(), MOONS, engine=engine, **asked)


def bits(run: Run) -> dict[str, bytes]:
    parameters = {name: p.numpy().tobytes() for name, p in run.model.named_parameters().items()}
    return parameters | {name: np.stack(every).tobytes() for name, every in run.matrices.items()}


def numbers(run: Run) -> list[dict[str, float]]:
    return [{k: v for k, v in row.items() if k != "seconds"} for row in run.history]


class BrokenError(Exception):
    pass


class Breaks(Callback):
    """Ends the training as a crash would, at the epoch."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_epoch(self, run: Run, row: dict[str, float]) -> None:
        if row["epoch"] == self.epoch:
            raise BrokenError


@ENGINES
def test_resumed_is_straight_through_bit_for_bit(engine: str, tmp_path: Path) -> None:
    straight = trained(engine)
    for epoch in (1, 3):  # seconds=0: written after every step, so it stands within the epoch
        kept = Checkpoint(tmp_path, seconds=0.0)
        with pytest.raises(BrokenError):
            trained(engine, checkpoint=kept, callbacks=[Breaks(epoch)])
    resumed = trained(engine, checkpoint=tmp_path)
    assert bits(resumed) == bits(straight)
    assert numbers(resumed) == numbers(straight)
    assert resumed.seconds > 0.0


READ = {"statistics": True, "watch": ["0.weight", "2"], "watch_every": 3}


@ENGINES
def test_what_was_read_before_is_kept(engine: str, tmp_path: Path) -> None:
    straight = trained(engine, **READ)
    kept = Checkpoint(tmp_path, seconds=0.0)
    with pytest.raises(BrokenError):
        trained(engine, checkpoint=kept, callbacks=[Breaks(3)], **READ)
    resumed = trained(engine, checkpoint=tmp_path, **READ)
    assert bits(resumed) == bits(straight)
    for name in READ["watch"]:
        for (step, ours), (other, theirs) in zip(
            resumed.watched[name], straight.watched[name], strict=True
        ):
            assert step == other
            np.testing.assert_array_equal(ours, theirs)
    assert resumed.statistics is not None
    assert straight.statistics is not None
    assert resumed.statistics.steps.tolist() == [1, 4, 7, 10, 13, 16, 19]
    np.testing.assert_array_equal(
        resumed.statistics.arrays()["rows"], straight.statistics.arrays()["rows"]
    )
    assert str(resumed.statistics) == str(straight.statistics)


def test_what_is_read_may_change(tmp_path: Path) -> None:
    kept = Checkpoint(tmp_path, seconds=None, epochs=2)
    with pytest.raises(BrokenError):
        trained(checkpoint=kept, callbacks=[Breaks(3)], watch=["0.weight"], watch_every=3)
    resumed = trained(checkpoint=kept, statistics=True, watch=["4"], watch_every=3)
    assert resumed.statistics is not None
    assert resumed.statistics.steps.tolist() == [13, 16, 19]
    assert [step for step, _ in resumed.watched["4"]] == [13, 16, 19]
    assert list(resumed.watched) == ["4"]


def test_what_is_complete_is_not_trained_again(tmp_path: Path) -> None:
    first = trained(checkpoint=tmp_path)
    written = (tmp_path / NAME).stat().st_mtime_ns
    again = trained(checkpoint=tmp_path)
    assert bits(again) == bits(first)
    assert again.history.rows == first.history.rows
    assert (tmp_path / NAME).stat().st_mtime_ns == written
    longer = trained(checkpoint=tmp_path, epochs=6)
    assert bits(longer) == bits(trained(epochs=6))


def test_a_checkpoint_every_few_epochs(tmp_path: Path) -> None:
    with pytest.raises(BrokenError):
        trained(checkpoint=Checkpoint(tmp_path, seconds=None, epochs=2), callbacks=[Breaks(4)])
    _, facts = files.load_checkpoint(tmp_path / NAME)
    assert [row["epoch"] for row in facts["history"]] == [1, 2]


KILLED = """
import sys
from glassnet import data, nn
from glassnet.train import Checkpoint, fit

images = data.digits()
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
kept = Checkpoint(sys.argv[1], seconds=0.0)
run = fit(model, images, epochs=30, seed=1, checkpoint=kept, statistics=True)
print(run.statistics.steps.tolist(), run.statistics.arrays()["rows"].tobytes().hex()[-4096:])
print(run.history.rows[-1]["loss"].hex(), model[0].weight.numpy().tobytes().hex()[:64])
"""


def test_killed_in_the_middle_and_started_again(tmp_path: Path) -> None:
    def start(folder: Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", KILLED, str(folder)], stdout=subprocess.PIPE, text=True
        )

    straight, _ = start(tmp_path / "straight").communicate(timeout=60)
    for _ in range(3):
        process = start(tmp_path / "killed")
        deadline = time.monotonic() + 30
        path = tmp_path / "killed" / NAME
        before = path.stat().st_mtime_ns if path.exists() else 0
        while process.poll() is None and time.monotonic() < deadline:
            if path.exists() and path.stat().st_mtime_ns > before:
                os.kill(process.pid, signal.SIGKILL)
                break
            time.sleep(0.001)
        process.communicate(timeout=30)
        files.load_checkpoint(path)  # whole, whatever it was killed in
    resumed, _ = start(tmp_path / "killed").communicate(timeout=60)
    assert resumed == straight != ""


def test_another_training_in_the_same_folder(tmp_path: Path) -> None:
    trained(checkpoint=tmp_path)
    with pytest.raises(ArgumentError, match="checkpoint of another training") as caught:
        trained(checkpoint=tmp_path, seed=4)
    assert "expected: seed = 3" in str(caught.value)
    assert "received: seed = 4" in str(caught.value)
    with pytest.raises(ArgumentError, match="another training") as caught:
        fit(nn.Linear(2, 2), data.moons(200, seed=1), checkpoint=tmp_path)
    assert "another training" in str(caught.value)


def test_other_data_of_the_same_shape_is_another_training(tmp_path: Path) -> None:
    fit(nn.Linear(2, 2), data.moons(200, seed=0), epochs=1, checkpoint=tmp_path)
    with pytest.raises(ArgumentError, match="another training") as caught:
        fit(nn.Linear(2, 2), data.moons(200, seed=1), epochs=1, checkpoint=tmp_path)
    assert "checksum" in str(caught.value)


def test_a_schedule_of_ones_own_is_known_again(tmp_path: Path) -> None:
    for epochs in (1, 2):
        method = optim.SGD(lr=lambda step: 0.1 / (1 + step))
        run = fit(nn.Linear(2, 2), MOONS, optimizer=method, epochs=epochs, checkpoint=tmp_path)
    assert len(run.history) == 2


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda content: content[: len(content) // 2], "is truncated"),
        (lambda content: b"", "is not a checkpoint of glassnet"),
        (
            lambda content: content.replace(b"glassnet-checkpoint", b"glassnet-checkpoins"),
            "version",
        ),
        (lambda content: content.replace(b"counters", b"countess"), "is damaged"),
    ],
)
def test_a_broken_checkpoint_is_told(damage: Any, words: str, tmp_path: Path) -> None:
    fit(nn.Linear(2, 2), MOONS, epochs=1, checkpoint=tmp_path)
    path = tmp_path / NAME
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(FileFormatError, match=words) as caught:
        fit(nn.Linear(2, 2), MOONS, epochs=1, checkpoint=tmp_path)
    assert "delete it to begin anew" in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
NAMES = st.sampled_from(["watched/1/weight", "watched//weight", "statistics/rows", "watched/x"])


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    resumed(folder)
    return folder


def resumed(folder: Path) -> Run:
    asked: Any = {"statistics": True, "watch": ["weight"], "engine": "numpy"}
    return fit(nn.Linear(2, 2), MOONS, epochs=1, checkpoint=folder, **asked)


@settings(max_examples=25)
@given(facts=JSON | st.fixed_dictionaries({"keys": JSON}), name=NAMES, shape=st.integers(0, 3))
def test_any_readings_in_a_checkpoint(complete: Path, facts: Any, name: str, shape: int) -> None:
    before = (complete / NAME).read_bytes()
    arrays, known = files.load_checkpoint(complete / NAME)
    arrays[name] = np.zeros(shape, "f4")
    files.save_checkpoint(complete / NAME, arrays, {**known, "statistics": facts})
    with contextlib.suppress(FileFormatError):
        resumed(complete)
    (complete / NAME).write_bytes(before)


def test_a_full_disk_keeps_the_checkpoint_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BrokenError):
        trained(checkpoint=Checkpoint(tmp_path, epochs=1), callbacks=[Breaks(2)])
    before = (tmp_path / NAME).read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OutputError, match="cannot be written") as caught:
            trained(checkpoint=tmp_path)
    assert "No space left on device" in str(caught.value)
    assert (tmp_path / NAME).read_bytes() == before
    assert sorted(item.name for item in tmp_path.iterdir()) == [NAME]
    assert bits(trained(checkpoint=tmp_path)) == bits(trained())


def test_a_folder_that_cannot_be_written_is_found_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="nothing can be written"):
        trained(checkpoint=tmp_path / "file" / "run")


def test_intervals_are_checked() -> None:
    with pytest.raises(ArgumentError, match="every so many seconds"):
        Checkpoint("x", seconds=-1.0)
    with pytest.raises(ArgumentError, match="epochs is out of range"):
        Checkpoint("x", epochs=0)
