"""Ctrl-C, as a terminal sends it, to a training in a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from glassnet.train.interrupt import Interrupt

TRAINING = """
import json, sys
from glassnet import data, nn, optim
from glassnet.train import Callback, fit

class Say(Callback):
    def on_epoch(self, run, row):
        print("epoch", flush=True)

model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
run = fit(model, data.moons(500), optimizer=optim.Adam(lr=0.01), epochs=10**6,
          callbacks=[Say()], validation=0.2, engine="ENGINE")
before = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2)).initialise(0)
changed = [bool((a.numpy() != b.numpy()).any())
           for a, b in zip(model.parameters(), before.parameters())]
print(json.dumps({"interrupted": run.interrupted, "epochs": len(run.history),
                  "changed": changed, "last": run.history[-1]}))
"""


def training(code: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for _ in range(3):
        assert process.stdout.readline() == "epoch\n"
    return process


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_ctrl_c_keeps_what_was_learned(engine: str) -> None:
    process = training(TRAINING.replace("ENGINE", engine))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert err == ""
    result: dict[str, Any] = json.loads(out.splitlines()[-1])
    assert result["interrupted"] is True
    assert 3 <= result["epochs"] < 10**6
    assert all(result["changed"])
    assert result["last"]["epoch"] == result["epochs"]


def test_ctrl_c_saves_the_run(tmp_path: Path) -> None:
    code = TRAINING.replace("epochs=10**6,", f"epochs=10**6, out={str(tmp_path / 'run')!r},")
    process = training(code.replace("ENGINE", "native"))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert facts["interrupted"] is True
    assert (tmp_path / "run" / "model.safetensors").stat().st_size > 0


def test_the_first_is_a_request_and_the_second_an_order() -> None:
    with Interrupt() as interrupt:
        assert not interrupt.asked
        signal.raise_signal(signal.SIGINT)
        assert interrupt.asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_the_users_own_stays() -> None:
    received: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: received.append(number))
    try:
        with Interrupt() as interrupt:
            signal.raise_signal(signal.SIGINT)
        assert received == [signal.SIGINT]
        assert not interrupt.asked
    finally:
        signal.signal(signal.SIGINT, before)


def test_outside_the_main_thread_nothing_is_installed() -> None:
    failures: list[BaseException] = []

    def enter() -> None:
        try:
            with Interrupt():
                pass
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert not failures
