"""A run as TensorBoard's event files: scalars, histograms, layers' units, and images."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import MissingDependencyError
from ..tensor import HOOKS
from ..train import Run, Series, writable_folder
from ..train.history import HELD_OUT

Array = np.ndarray[Any, Any]
NAMES = {"weight": "weights", "gradient": "gradients", "update": "updates",
         "activation": "activations"}  # fmt: skip
SOME = 16  # images of the data held out


def tensorboard(run: Run, folder: str | os.PathLike[str]) -> Path:
    """Writes what is known of a run as event files, for `tensorboard --logdir FOLDER`.

    - scalars by epoch: the columns of the history, `loss/training` and `loss/held out`, and so on;
    - scalars by step: `step/loss` and `step/learning rate`;
    - where statistics were measured: histograms, and as scalars the root mean square of each tensor
      and the share of itself by which a step changed a weight; the findings as text;
    - of images some of the data held out.

    Args:
        run: what `fit` returned.
        folder: made if need be; a run has a folder of its own.

    Raises:
        MissingDependencyError: tensorboardX is not installed.
        OutputError: the folder cannot be written.
    """
    try:
        from tensorboardX import SummaryWriter
    except ImportError:
        raise MissingDependencyError("tensorboardX", "tensorboard", "event files") from None
    path = writable_folder(folder)
    writer = SummaryWriter(str(path))
    times = _times(run)
    try:
        _history(writer, run, times)
        _steps(writer, run, times)
        _statistics(writer, run, times)
        _images(writer, run)
    finally:
        writer.close()
    return path


def _times(run: Run) -> Array:
    """When each epoch ended, as if the last one had just done so, after the start (1 + epochs,).

    The viewer reckons with them how long a training took.
    """
    seconds = np.cumsum([0.0, *(row["seconds"] for row in run.history)])
    return np.asarray(time.time() - seconds[-1] + seconds)


def _at(run: Run, times: Array, step: int) -> float:
    """When a step ended: within an epoch all take alike."""
    epochs = np.linspace(0, max(len(run.losses), 1), len(times))
    return float(np.interp(step, epochs, times))


def _history(writer: Any, run: Run, times: Array) -> None:
    for row, ended in zip(run.history, times[1:].tolist(), strict=True):
        for name, value in row.items():
            if name == "epoch":
                continue
            plain = name.removeprefix(HELD_OUT)
            part = "held out" if name != plain else "training"
            tag = "seconds" if name == "seconds" else f"{plain}/{part}"
            writer.add_scalar(tag, value, int(row["epoch"]), ended)


def _steps(writer: Any, run: Run, times: Array) -> None:
    for tag, values in (("step/loss", run.losses), ("step/learning rate", run.rates)):
        for step, value in enumerate(values.tolist(), 1):
            writer.add_scalar(tag, value, step, _at(run, times, step))


def _statistics(writer: Any, run: Run, times: Array) -> None:
    found = run.statistics
    if found is None or not len(found):
        return
    steps = found.steps.tolist()
    ended = [_at(run, times, step) for step in steps]
    for kind, group in NAMES.items():
        for name in found.names(kind):
            series = found[kind, name]
            label = name or "network"
            for reading, (step, when) in enumerate(zip(steps, ended, strict=True)):
                numbers = histogram(series, reading)
                writer.add_histogram_raw(
                    f"{group}/{label}", global_step=step, walltime=when, **numbers
                )
                writer.add_scalar(f"{group} rms/{label}", float(series.rms[reading]), step, when)
    for name in found.names("update"):
        for step, when, ratio in zip(steps, ended, found.ratio(name).tolist(), strict=True):
            writer.add_scalar(f"update ratio/{name}", ratio, step, when)
    writer.add_text("findings", "\n\n".join(f.text for f in found.findings), steps[-1])


def histogram(series: Series, reading: int) -> dict[str, Any]:
    """One reading as TensorBoard keeps a histogram: its ends, moments, and buckets.

    Counts are scaled up to the size of the tensor, of which they may be a sample.
    """
    size, counts = float(series.size[reading]), series.counts[reading]
    return {
        "min": float(series.low[reading]),
        "max": float(series.high[reading]),
        "num": size,
        "sum": float(series.mean[reading]) * size,
        "sum_squares": float(series.rms[reading]) ** 2 * size,
        "bucket_limits": series.edges(reading)[1:].tolist(),
        "bucket_counts": (counts * (size / counts.sum())).tolist(),
    }


def _images(writer: Any, run: Run) -> None:
    data = run.held_out
    if data.image_shape is None:
        return
    raw = np.asarray(data.inputs[:SOME], np.float32)
    low, high = float(raw.min()), float(raw.max())
    scaled = np.clip((raw - low) / max(high - low, 1e-12), 0.0, 1.0)
    for place, image in enumerate(scaled):
        shaped = image.reshape(data.image_shape)
        shaped = shaped if shaped.ndim == 3 else shaped[..., None]
        writer.add_image(f"held out/{place}", shaped, len(run.history), dataformats="HWC")


HOOKS["tensorboard"] = tensorboard
