"""What a library costs before it does anything: its place on disk and the time of its import."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
from importlib import metadata, util
from pathlib import Path
from typing import Any

from .process import ROOT, environment

LIBRARIES = {
    "numpy": ("numpy", "numpy"),
    "glassnet": ("glassnet", "glassnet"),
    "torch": ("torch", "torch"),
    "jax": ("jax", "jax, jax.numpy"),
    "scikit-learn": ("scikit-learn", "sklearn.neural_network"),
}  # name → distribution, what is imported
TIMES = 5


def measured(python: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Version, MiB with all that is installed for it, and seconds of import, where installed."""
    found = {}
    for name, (distribution, imports) in LIBRARIES.items():
        facts = _ask(python, folder, distribution)
        if not facts and distribution == "glassnet":
            facts = _ask(sys.executable, folder, distribution)
        if facts:
            times = [_seconds(python, folder, imports) for _ in range(TIMES)]
            found[name] = {**facts, "import_s": statistics.median(times)}
    return found


def _ask(python: str, folder: Path, distribution: str) -> dict[str, Any]:
    command = [python, "-m", "benchmarks.costs", distribution]
    facts: dict[str, Any] = json.loads(_output(command, folder))
    return facts


def _seconds(python: str, folder: Path, imports: str) -> float:
    """Of `import …` in a new interpreter, its own start not counted."""
    code = f"import time; t = time.perf_counter(); import {imports}; print(time.perf_counter() - t)"
    return float(_output([python, "-c", code], folder))


def _output(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env=environment(1, folder), capture_output=True, text=True, check=True
    )
    return done.stdout


def installed(distribution: str) -> dict[str, Any]:
    """Version, size in MiB and number of distributions, with everything it requires."""
    try:
        version = metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return {}
    names = closure(distribution)
    size = sum(_bytes(name) for name in names)
    return {"version": version, "mib": size / 2**20, "distributions": len(names)}


def closure(distribution: str) -> set[str]:
    """The distribution and all it requires, extras left out, as far as they are installed."""
    known: set[str] = set()
    waiting = [_normal(distribution)]
    while waiting:
        name = waiting.pop()
        if name in known:
            continue
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # for another platform or Python
        known.add(name)
        waiting += [requirement(need) for need in needs if "extra ==" not in need]
    return known


def requirement(line: str) -> str:
    """The normal name in a line such as `Foo_bar[x]>=2 ; python_version < "3.12"`."""
    found = re.match(r"[A-Za-z0-9._-]+", line)
    assert found is not None, line
    return _normal(found.group())


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _bytes(name: str) -> int:
    files = metadata.files(name) or []
    paths = [Path(str(file.locate())) for file in files if not str(file).endswith(".pyc")]
    if name == "glassnet":  # installed in place: its files are where they are
        spec = util.find_spec("glassnet")
        if spec is not None and spec.origin is not None:
            paths = [p for p in Path(spec.origin).parent.rglob("*") if p.suffix != ".pyc"]
    return sum(path.stat().st_size for path in paths if path.is_file())


if __name__ == "__main__":
    print(json.dumps(installed(sys.argv[1])))
