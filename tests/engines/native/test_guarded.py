"""No compiled program reads or writes outside its arrays, for odd sizes in every dimension."""

import subprocess
import sys
from pathlib import Path


def test_nothing_outside_the_arrays_is_touched():
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("guarded.py"))],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"exit status {done.returncode}\n{done.stderr}"
    assert done.stdout.strip() == "nothing outside was touched"


def test_the_guard_bites():
    source = (
        "import sys, numpy as np; sys.path.insert(0, sys.argv[1]); import guarded;"
        "a = guarded.guarded(np.zeros(5, 'float32'), at_end=True);"
        "np.lib.stride_tricks.as_strided(a, (6,), (4,)).sum()"
    )
    done = subprocess.run(
        [sys.executable, "-c", source, str(Path(__file__).parent)],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode < 0  # ended by a signal
