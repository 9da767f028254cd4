"""`scripts/setup` does nothing twice, and says what a machine lacks."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TOOLS = ["bash", "cksum", "dirname", "rm"]  # what the script calls besides Python


@pytest.fixture
def clone(root: Path, tmp_path: Path) -> Path:
    """A clone with a blank in its path, reduced to what the script reads."""
    clone = tmp_path / "my clone"
    (clone / "scripts").mkdir(parents=True)
    shutil.copy(root / "scripts" / "setup", clone / "scripts")
    (clone / "pyproject.toml").write_text("[project]\n")
    (clone / "bin").mkdir()
    for tool in TOOLS:
        (clone / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    return clone


def program(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{shutil.which('bash')}\n{body}\n")
    path.chmod(0o755)


def setup(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [clone / "scripts" / "setup", *arguments],
        cwd=os.sep,  # not the clone: the script finds its own way
        env={"PATH": str(clone / "bin")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_no_python(clone: Path) -> None:
    done = setup(clone)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer; 'python3' is missing" in done.stderr
    assert not (clone / ".venv").exists()


def test_an_old_python(clone: Path) -> None:
    program(clone / "bin" / "python3", '[[ $1 == --version ]] && echo "Python 3.9.2"')
    done = setup(clone)
    assert done.returncode == 1
    assert "'python3' is Python 3.9.2" in done.stderr


def test_a_newer_python_under_another_name_is_found(clone: Path) -> None:
    program(clone / "bin" / "python3", "exit 1")
    program(clone / "bin" / "python3.12", '[[ $1 == -m ]] && echo "asked: $*" && exit 1; exit 0')
    assert "asked: -m venv --clear .venv" in setup(clone).stderr


def test_a_python_without_ensurepip_or_pip(clone: Path) -> None:
    program(clone / "bin" / "python3", '[[ $1 != -m ]] || { echo "no ensurepip here"; exit 1; }')
    done = setup(clone)
    assert done.returncode == 1
    assert "no ensurepip here" in done.stderr
    assert "apt-get install python3-venv" in done.stderr


def test_the_second_run_installs_nothing_until_pyproject_changes(clone: Path) -> None:
    log = clone / "log"
    program(clone / ".venv" / "bin" / "python", f'[[ $1 == -c ]] || echo "$@" >> "{log}"')
    assert setup(clone, "dev").returncode == 0
    assert log.read_text().endswith(
        "install --quiet --disable-pip-version-check --editable .[dev]\n"
    )

    log.unlink()
    assert setup(clone, "dev").returncode == 0
    assert not log.exists()

    (clone / "pyproject.toml").write_text("[project]\nname = 'changed'\n")
    assert setup(clone, "dev").returncode == 0
    assert log.exists()


def test_a_failed_installation_is_tried_again(clone: Path) -> None:
    python = clone / ".venv" / "bin" / "python"
    program(python, "[[ $1 == -c ]]")
    assert setup(clone).returncode == 1
    assert not (clone / ".venv" / "installed-core").exists()
    program(python, "exit 0")
    assert setup(clone).returncode == 0
    assert (clone / ".venv" / "installed-core").exists()
