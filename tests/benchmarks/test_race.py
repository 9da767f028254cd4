from __future__ import annotations

import dataclasses
import math
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from benchmarks.contestants import CONTESTANTS, NETWORKS
from benchmarks.material import make
from benchmarks.networks import NETWORK_ROWS, NetworkRow
from benchmarks.process import ROOT, Process
from benchmarks.protocol import ContestantError
from benchmarks.race import Setting, race, ratio, summary
from benchmarks.rows import POINTS, SMALL, Row
from benchmarks.steps import line, verdict
from benchmarks.worker import COMPARED

from benchmarks import agreement


@pytest.mark.parametrize("row", [POINTS, SMALL], ids=lambda row: row.name)
def test_numpy_and_glassnet_do_equal_work(row: Row, tmp_path: Path) -> None:
    material, _ = make(row, tmp_path, steps=16)
    material.save(tmp_path / "m.npz")
    openings = {"row": row.json(), "material": str(tmp_path / "m.npz"), "threads": 1}
    setting = Setting(sys.executable, threads=1, seconds=0.01, rounds=2)
    names = ["numpy", "glassnet_numpy"]
    entrants = race(names, openings, setting, tmp_path, lambda _: None)
    exact = agreement.reference(material, COMPARED)
    lines = {name: line(CONTESTANTS[name], entrants[name], exact) for name in names}
    assert all(found["difference"] < 1e-5 for found in lines.values())
    assert all(len(found["rounds"]) == 2 for found in lines.values())
    found = verdict(lines)
    assert (found["fastest_peer"], found["ours"]) == ("numpy", "glassnet_numpy")
    assert found["times_faster"] > 0
    told = [lines[name]["places"] for name in names]
    both = sum(a == b is not None for a, b in zip(*told, strict=True))
    assert sum(place["rounds"] for place in found["where"].values()) == both


@pytest.mark.parametrize(
    "row", [NETWORK_ROWS["lenet"], NETWORK_ROWS["lstm"]], ids=["lenet", "lstm"]
)
def test_a_network_does_the_work_of_its_reference(row: NetworkRow, tmp_path: Path) -> None:
    small = dataclasses.replace(row, batch=4)
    material, _ = make(small, tmp_path, steps=4)
    contestant = NETWORKS["glassnet_network"].load()(material, 1)
    for _ in range(2):  # again from the beginning
        contestant.restart()
        contestant.prepare(4)
        losses = contestant.losses(contestant.run())
        assert agreement.difference(list(losses), agreement.reference(material, 4)) < 1e-4


def test_who_fails_is_out_and_the_others_go_on(tmp_path: Path) -> None:
    row = dataclasses.replace(POINTS, batch=8)
    make(row, tmp_path, steps=16)[0].save(tmp_path / "m.npz")
    openings = {"row": row.json(), "material": str(tmp_path / "m.npz"), "threads": 1}
    setting = Setting(sys.executable, threads=1, seconds=0.01, rounds=1)
    entrants = race(["numpy", "nobody"], openings, setting, tmp_path, lambda _: None)
    assert "KeyError" in entrants["nobody"].error
    assert len(entrants["numpy"].runs) == 1


def test_a_process_that_dies_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    process = Process(sys.executable, 1, tmp_path, tmp_path / "log")
    process.process.kill()
    process.process.wait()
    with pytest.raises(ContestantError, match="ended at 'memory'"):
        process.ask("memory")
    process.end()


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_stopped_contestant_ends_with_its_runner(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from benchmarks.process import ROOT, Process;"
        "p = Process(sys.executable, 1, Path(sys.argv[1]), Path(sys.argv[1]) / 'log');"
        "p.ask('memory'); p.pause(); print(p.process.pid, flush=True); os._exit(0)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    end = time.monotonic() + 10
    while is_alive(int(done.stdout)) and time.monotonic() < end:
        time.sleep(0.01)
    assert not is_alive(int(done.stdout))


def is_alive(pid: int) -> bool:
    """Whether there is such a process that is not a zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def test_other_losses_do_not_agree() -> None:
    exact = np.array([1.0, 0.5])
    assert agreement.agrees([1.0, 0.5], exact)
    assert not agreement.agrees([1.0, 0.501], exact)
    late = np.array([1.0, 0.5, 0.25, 0.1])
    assert agreement.agrees([1.0, 0.5, 0.25, 0.1003], late)
    assert not agreement.agrees([1.0, 0.5, 0.25, 0.101], late)
    assert math.isinf(agreement.difference([1.0], exact))


def test_median_quartiles_and_paired_ratio() -> None:
    assert summary([3.0, 1.0, 2.0]) == {"median": 2.0, "low": 1.0, "high": 3.0, "fastest": 1.0}
    assert summary([4.0]) == {"median": 4.0, "low": 4.0, "high": 4.0, "fastest": 4.0}
    # The second round was slow for both: what counts is the quotient within a round.
    assert ratio([2.0, 20.0, 2.0], [1.0, 10.0, 1.0]) == 2.0
