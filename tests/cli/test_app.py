from __future__ import annotations

import subprocess
import sys

import pytest

import glassnet as gn

from .conftest import Run


def test_version(run: Run) -> None:
    said = run("--version")
    assert (said.code, said.out) == (0, f"glassnet {gn.__version__}\n")


@pytest.mark.parametrize("command", ["train", "predict", "see", "draw", "descend"])
def test_help_of_each_command_has_examples(run: Run, command: str) -> None:
    said = run(command, "--help")
    assert said.code == 0
    assert "Examples" in said.out
    assert f"glassnet {command} " in said.out
    assert run("--help").out.count(command) >= 1


def test_no_arguments_show_the_help(run: Run) -> None:
    said = run()
    assert said.code in (0, 2)
    assert "Commands" in said.out + said.err


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [(("trian",), "train"), (("train", "iris", "--hiden", "3"), "--hidden")],
)
def test_a_slip_of_the_pen_is_met_with_the_nearest(
    run: Run, arguments: tuple[str, ...], hint: str
) -> None:
    said = run(*arguments)
    assert said.code == 2
    assert hint in said.err
    assert "Traceback" not in said.err


def test_help_loads_nothing_that_computes_or_draws() -> None:
    program = (
        "import sys\nfrom glassnet.cli import main\n"
        "try: main(['train', '--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('matplotlib', 'llvmlite', 'safetensors', 'grandalf')"
        " if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr.strip() == "[]"


def test_a_reader_who_leaves_is_no_error() -> None:
    program = "from glassnet.cli import main; main()"
    first = subprocess.Popen(
        [sys.executable, "-u", "-c", program, "descend", "x**2", "--start", "1", "--steps", "5000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert first.stdout is not None
    first.stdout.close()
    _, trouble = first.communicate(timeout=60)
    assert "Traceback" not in trouble
