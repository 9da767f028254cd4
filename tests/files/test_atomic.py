"""Whatever happens while a file is written, the old content or the new is there, whole."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from glassnet.errors import OutputError
from glassnet.files import load, write_atomically

# Saves two models in turn, without end; each is told by its numbers.
SAVING = """
import sys
import numpy as np
from glassnet import files, nn
models = [nn.Linear(300, 700, init="zeros", seed=0), nn.Linear(300, 700, init="ones", seed=0)]
files.save(models[0], sys.argv[1])
print("saved", flush=True)
while True:
    for model in models:
        files.save(model, sys.argv[1])
"""

# Saves a large model where files may not grow beyond 100 kB, as on a full disk.
FULL = """
import resource, sys
from glassnet import files, nn
from glassnet.errors import OutputError
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    files.save(nn.Linear(300, 700, seed=0), sys.argv[1])
except OutputError as error:
    print(error)
"""


def test_kill_9_while_saving_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "model.gn"
    moments = random.Random(0)
    for _ in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", SAVING, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "saved\n"
        time.sleep(moments.uniform(0.0, 0.05))
        process.kill()
        process.communicate()
        weight = load(path).named_parameters()["weight"].numpy()
        assert weight.min() == weight.max()
        assert weight.min() in (0.0, 1.0)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "model.gn"
    path.write_bytes(b"the old content")
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True
    )
    assert f"{path} cannot be written" in done.stdout
    assert "File too large" in done.stdout
    assert "what was there before is unchanged" in done.stdout
    assert path.read_bytes() == b"the old content"
    assert [item.name for item in tmp_path.iterdir()] == ["model.gn"]


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        write_atomically(tmp_path / "folder", b"a folder cannot become a file")
    assert [item.name for item in tmp_path.iterdir()] == ["folder"]


def test_what_a_killed_process_left_is_taken_away_later(tmp_path: Path) -> None:
    path = tmp_path / "model.gn"
    process = subprocess.Popen(
        [sys.executable, "-c", SAVING, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "saved\n"
    process.kill()
    process.communicate()
    gone, here = f".model.gn.{process.pid}.part", f".model.gn.{os.getppid()}.part"
    others = (".other.gn.1.part", f".model.gn.x{process.pid}.part", ".model.gn.part")
    for name in (gone, here, *others):
        (tmp_path / name).write_bytes(b"a beginning")
    write_atomically(path, b"new")
    assert (tmp_path / gone).exists()  # it might be of a process on another machine
    for name in (gone, here, *others):
        os.utime(tmp_path / name, (0, 0))
    write_atomically(path, b"newer")
    left = {item.name for item in tmp_path.iterdir()}
    assert left == {"model.gn", here, *others}


def test_a_link_goes_on_pointing_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"
