"""Event files: framed records of protocol buffers, with the numbers of the run."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, nn
from glassnet.files import tensorboard
from glassnet.train import Run


@pytest.fixture(scope="module")
def run() -> Run:
    images = data.digits()
    images = data.Dataset(
        images.inputs[:60].reshape(60, 8, 8, 1), images.targets[:60], classes=images.classes
    )
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 10))
    return gn.fit(
        model, images, epochs=3, validation=0.2, statistics=True, watch_every=2, engine="numpy"
    )


def values(folder: Path) -> dict[str, list[tuple[int, object]]]:
    """What the event files hold, by tag: step and value."""
    from tensorboardX.proto.event_pb2 import Event

    found: dict[str, list[tuple[int, object]]] = {}
    for path in folder.glob("events.out.tfevents.*"):
        content, place = path.read_bytes(), 0
        while place < len(content):
            (length,) = struct.unpack("<Q", content[place : place + 8])
            event = Event.FromString(content[place + 12 : place + 12 + length])
            place += length + 16
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, value))
    return found


def test_scalars_histograms_images_and_findings(run: Run, tmp_path: Path) -> None:
    found = values(run.tensorboard(tmp_path / "board"))
    losses = [value.simple_value for _, value in found["loss/training"]]
    np.testing.assert_allclose(losses, run.history.column("loss"), rtol=1e-6)
    assert [step for step, _ in found["loss/held_out"]] == [1, 2, 3]
    steps = [value.simple_value for _, value in found["step/loss"]]
    np.testing.assert_allclose(steps, run.losses, rtol=1e-6)
    assert "step/learning_rate" in found
    series = run.statistics["weight", "1.weight"]
    step, first = found["weights/1.weight"][0]
    histogram = first.histo
    assert step == 1
    assert histogram.num == series.size[0] == sum(histogram.bucket) == 512
    assert histogram.min == pytest.approx(series.low[0])
    assert histogram.sum_squares == pytest.approx(series.norm[0] ** 2)
    assert histogram.bucket_limit[-1] == pytest.approx(series.high[0])
    assert {"gradients/3.weight", "updates/1.bias", "activations/2"} <= set(found)
    ratio = found["update_ratio/1.weight"][0][1].simple_value
    assert ratio == pytest.approx(run.statistics.ratio("1.weight")[0], rel=1e-5)
    image = found["held_out/0"][0][1].image
    assert (image.height, image.width) == (8, 8)
    assert any(tag.startswith("findings") for tag in found)


def test_a_missing_library_and_a_bad_folder_are_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(gn.OutputError):
        tensorboard(run, tmp_path / "file")
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(gn.MissingDependencyError, match=r"glassnet\[tensorboard\]"):
        tensorboard(run, tmp_path / "board")


def test_the_viewer_is_told_how_long_the_epochs_took(run: Run, tmp_path: Path) -> None:
    from tensorboardX.proto.event_pb2 import Event

    folder, times = run.tensorboard(tmp_path / "board"), []
    [path] = folder.glob("events.out.tfevents.*")
    content, place = path.read_bytes(), 0
    while place < len(content):
        (length,) = struct.unpack("<Q", content[place : place + 8])
        event = Event.FromString(content[place + 12 : place + 12 + length])
        place += length + 16
        if any(value.tag == "loss/training" for value in event.summary.value):
            times.append(event.wall_time)
    took = [row["seconds"] for row in run.history][1:]
    np.testing.assert_allclose(np.diff(times), took, atol=1e-5)
