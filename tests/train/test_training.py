"""Short epochs run several in one native call, and nothing else differs."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import data, losses, nn, optim
from glassnet.errors import NonFiniteError
from glassnet.tensor import Tensor
from glassnet.train import Callback, Checkpoint, Progress, Run, fit
from glassnet.train.history import Row
from glassnet.train.native import NativeRunner
from glassnet.train.progress import ProgressBar

MOONS = data.moons(100, seed=0)  # in batches of 32 and one of 4


class Diary(Callback):
    """Keeps rows of the history, each as it was when it was told."""

    def __init__(self, *, waits: bool) -> None:
        self.waits = waits
        self.lengths: list[int] = []
        self.run: Run | None = None

    def on_start(self, run: Run) -> None:
        self.run = run

    def on_epoch(self, run: Run, row: Row) -> None:
        self.lengths.append(len(run.history))


def trained(waits: bool, **settings: Any) -> Run:
    model = nn.Sequential(nn.Linear(2, 5), nn.BatchNorm1d(5), nn.Dropout(0.2), nn.Linear(5, 2))
    settings = {"epochs": 12, "optimizer": optim.Adam(lr=optim.Cosine(0.05, steps=48)), **settings}
    return fit(model, MOONS, callbacks=[Diary(waits=waits)], seed=1, **settings)


def told(run: Run) -> list[Row]:
    return [
        {name: value for name, value in row.items() if name != "seconds"} for row in run.history
    ]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many steps each native call did; no look at the clock is between them."""
    done: list[int] = []
    plain = NativeRunner._run

    def counted(self: NativeRunner, steps: Any) -> Any:
        done.append(len(steps))
        return plain(self, steps)

    monkeypatch.setattr(NativeRunner, "_run", counted)
    monkeypatch.setattr("glassnet.train.native.PATIENCE", 1e9)
    return done


def test_the_same_bits_in_fewer_calls(calls: list[int]) -> None:
    settings = {
        "statistics": True, "watch": ["0.weight"], "watch_every": 3, "average": 0.9,
        "metrics": ["accuracy", "confusion"],
    }  # fmt: skip
    single = trained(waits=False, **settings)
    assert calls == [1, 3, *[4] * 11]
    calls.clear()
    joined = trained(waits=True, **settings)
    assert calls == [1, 3, 8 * 4, 3 * 4]
    assert told(joined) == told(single)
    ours, theirs = (run.model.named_parameters() for run in (joined, single))
    assert {n: p.numpy().tobytes() for n, p in ours.items()} == {
        n: p.numpy().tobytes() for n, p in theirs.items()
    }
    np.testing.assert_array_equal(joined.losses, single.losses)
    np.testing.assert_array_equal(joined.matrices["confusion"], single.matrices["confusion"])
    assert joined.statistics is not None
    assert single.statistics is not None
    for name, array in single.statistics.arrays().items():
        np.testing.assert_array_equal(joined.statistics.arrays()[name], array)
    for (step, value), (other, expected) in zip(
        joined.watched["0.weight"], single.watched["0.weight"], strict=True
    ):
        assert step == other
        np.testing.assert_array_equal(value, expected)


@pytest.mark.usefixtures("calls")
def test_seconds_add_up() -> None:
    seconds = trained(waits=True).history.column("seconds")
    assert len(set(np.round(seconds[1:8], 12))) == 1  # of those in one call all the same
    assert min(seconds) > 0.0


@pytest.mark.parametrize("asked", [{"validation": 0.2}, {"keep_best": True}])
def test_single_where_the_model_is_looked_at(asked: dict[str, Any], calls: list[int]) -> None:
    assert len(trained(waits=True, **asked).history) == 12
    assert len(calls) == 2 + 11
    assert max(calls) <= 4


@pytest.mark.usefixtures("calls")
def test_patience_ends_at_the_same_epoch() -> None:
    settings = {"optimizer": optim.SGD(lr=4.0), "patience": 3, "epochs": 60}
    single = trained(waits=False, **settings)
    joined = trained(waits=True, **settings)
    assert 3 < len(joined.history) < 60
    assert told(joined) == told(single)


def test_a_checkpoint_stands_where_it_is_asked_for(calls: list[int], tmp_path: Path) -> None:
    kept = Checkpoint(tmp_path, seconds=None, epochs=5)
    straight = trained(waits=True)
    calls.clear()
    trained(waits=True, checkpoint=kept)
    assert calls == [1, 3, 4 * 4, 5 * 4, 2 * 4]
    longer = {"epochs": 12, "optimizer": optim.Adam(lr=optim.Cosine(0.05, steps=48))}
    for epochs in (7, 12):  # written at the end as well
        resumed = trained(waits=True, checkpoint=tmp_path / "two", **{**longer, "epochs": epochs})
    assert told(resumed) == told(straight)
    np.testing.assert_array_equal(resumed.losses, straight.losses)


@pytest.mark.usefixtures("calls")
def test_what_went_well_before_a_nan_is_told() -> None:
    def late_nan(outputs: Tensor, targets: Tensor) -> Tensor:
        loss = losses.cross_entropy(outputs, targets)
        return loss + (loss - 0.3).log() * 0.0

    seen, words = [], []
    for waits in (False, True):
        diary = Diary(waits=waits)
        model = nn.Sequential(nn.Linear(2, 8, seed=0), nn.Tanh(), nn.Linear(8, 2, seed=1))
        with pytest.raises(NonFiniteError, match="log made nan") as caught:
            fit(model, MOONS, late_nan, optim.Adam(lr=0.01), epochs=100, callbacks=[diary])
        assert diary.run is not None
        seen.append(told(diary.run))
        words.append(caught.value.where)
    assert len(seen[0]) > 3
    assert seen[1] == seen[0]
    assert words[1] == words[0]


def test_ctrl_c_is_seen_after_the_call() -> None:
    class Asks(Callback):
        def on_progress(self, run: Run, progress: Progress) -> None:
            if progress.epoch > 2:
                signal.raise_signal(signal.SIGINT)

    run = fit(nn.Linear(2, 2), MOONS, epochs=10**6, callbacks=[Asks()])
    assert run.interrupted
    assert len(run.losses) == 4 * len(run.history) < 4 * 10**6
    assert run.history[-1]["epoch"] == len(run.history)


def test_who_waits() -> None:
    assert ProgressBar.waits
    assert not Callback.waits
    diary = Diary(waits=True)
    fit(nn.Linear(2, 2), MOONS, epochs=9, callbacks=[diary])
    assert diary.lengths == list(range(1, 10))
