"""The bar: quiet unless a terminal is watched, and then telling what it promises."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time

import pytest

from glassnet import data, nn
from glassnet.train import fit

TRAINING = """
from glassnet import data, nn
from glassnet.train import fit
model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
fit(model, data.moons(2000), epochs=8, batch_size=16, validation=0.2, engine="ENGINE")
"""


def test_quiet_when_nobody_watches(capfd: pytest.CaptureFixture[str]) -> None:
    fit(nn.Linear(2, 2), data.moons(100), epochs=2)
    assert capfd.readouterr() == ("", "")


def test_a_bar_on_request(capfd: pytest.CaptureFixture[str]) -> None:
    fit(nn.Linear(2, 2), data.moons(100), epochs=2, progress=True)
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "epoch 2/2" in captured.err
    assert re.search(r"loss 0\.\d+  accuracy 0\.\d+", captured.err)


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_a_terminal_sees_loss_metric_speed_and_time_left(engine: str) -> None:
    seen = in_terminal(TRAINING.replace("ENGINE", engine))
    assert re.search(r"epoch \d/8", seen)
    assert re.search(r"loss 0\.\d+  accuracy 0\.\d+", seen)
    assert re.search(r"held-out accuracy 0\.\d+", seen)
    assert re.search(r"[\d,]+ samples/s", seen)
    assert re.search(r"\d:\d\d:\d\d", seen)  # time left


def in_terminal(code: str) -> str:
    """What a program writes to a terminal of 200 columns."""
    master, slave = pty.openpty()
    environment = {**os.environ, "COLUMNS": "200", "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=slave, stdout=slave, stderr=slave, env=environment
    )
    os.close(slave)
    chunks = []
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([master], [], [], 1.0)[0]:
            continue
        try:
            chunk = os.read(master, 4096)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        chunks.append(chunk)
    os.close(master)
    assert process.wait(timeout=10) == 0
    text = b"".join(chunks).decode(errors="replace")
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
