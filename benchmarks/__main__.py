"""`python -m benchmarks`: what to measure, with what, and where the results go."""

from __future__ import annotations

import argparse
import datetime
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import accuracy, costs, machine, matmul, readings, results, scaling, steps, whole_runs
from .contestants import TRAINED
from .process import ROOT
from .race import Setting
from .recipes import RECIPES
from .rows import ALL_ROWS

USUAL = ("steps", "libraries", "matmul", "whole_runs", "readings", "scaling")
PARTS = (*USUAL, "accuracy")  # which takes half an hour, and so is measured only when named


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Trains the same networks with glassnet and its peers, one beside the other.",
    )
    made.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all but the last"
    )
    made.add_argument("--python", help="interpreter with the peers' packages; this one")
    made.add_argument(
        "--rows", type=_names(ALL_ROWS), default=list(ALL_ROWS), help=", ".join(ALL_ROWS)
    )
    made.add_argument(
        "--contestants",
        type=_names(TRAINED),
        default=list(TRAINED),
        help=", ".join(TRAINED),
    )
    made.add_argument(
        "--recipes", type=_names(RECIPES), default=list(RECIPES), help=", ".join(RECIPES)
    )
    made.add_argument("--threads", type=int, default=2, help="allowed to each; 2")
    made.add_argument("--rounds", type=int, default=7, help="of everybody; 7")
    made.add_argument("--seconds", type=float, default=0.3, help="of a measurement, at least; 0.3")
    made.add_argument(
        "--mnist",
        type=Path,
        default=ROOT.parent / "shared" / "data" / "mnist8k",
        help="folder of MNIST's IDX files; synthetic images where there are none",
    )
    made.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results", help="folder")
    return made


def _names(known: Any) -> Any:
    def read(text: str) -> list[str]:
        names = text.split(",")
        wrong = [name for name in names if name not in known]
        if wrong:
            raise argparse.ArgumentTypeError(f"{wrong[0]!r} is none of {', '.join(known)}")
        return names

    return read


def main() -> None:
    # Asked to end, it ends its contestants too: a stopped process would stay for ever.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = parser().parse_args()
    wrong = [part for part in options.parts if part not in PARTS]
    if wrong:
        parser().error(f"{wrong[0]!r} is none of {', '.join(PARTS)}")
    parts = options.parts or list(USUAL)
    python = options.python or sys.executable
    cores = len(machine.cores())
    if options.threads > cores:
        parser().error(f"{options.threads} threads, but there are {cores} cores")
    if options.out.exists() and not options.out.is_dir():
        parser().error(f"--out takes a folder, and {options.out} is a file")
    setting = Setting(python, options.threads, options.seconds, options.rounds)
    raced = options.contestants if "steps" in parts else []
    names = [name for name in raced if _takes_part(name, python)]
    facts = {key: value for key, value in asdict(setting).items() if key != "python"}
    when = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    found: dict[str, Any] = {"when": when, "machine": machine.facts(), "setting": facts}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        measures = {
            "steps": lambda: steps.measure(
                [ALL_ROWS[row] for row in options.rows], names, setting, options.mnist, folder, say
            ),
            "libraries": lambda: [costs.measured(python, folder)],
            "matmul": lambda: [matmul.measure(setting, options.mnist, folder, say)],
            "whole_runs": lambda: [whole_runs.measure(setting, folder, say)],
            "readings": lambda: [readings.measure(setting, options.mnist, folder, say)],
            "accuracy": lambda: accuracy.measure(
                options.recipes, setting, options.mnist, folder, say
            ),
            "scaling": lambda: [scaling.measure(setting, options.mnist, folder, say)],
        }
        for part in parts:
            for so_far in measures[part]():
                found[part] = so_far
                written = results.write(found, options.out)
    say("written: " + ", ".join(map(str, written)))


def _takes_part(name: str, python: str) -> bool:
    """Whether the interpreter has the contestant's packages; says so where it has not."""
    packages = TRAINED[name].packages
    code = "import sys; from importlib import metadata\nfor p in sys.argv[1:]: metadata.version(p)"
    done = subprocess.run([python, "-c", code, *packages], capture_output=True)
    if done.returncode:
        say(f"{name} does not take part: {', '.join(packages)} not found by {python}")
    return done.returncode == 0


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
