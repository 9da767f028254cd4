"""The documentation builds without a warning."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_site_builds_strictly(root: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    done = subprocess.run(
        [*command, "--site-dir", str(tmp_path)],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    reference = (tmp_path / "reference" / "glassnet.html").read_text(encoding="utf-8")
    assert "&gt;&gt;&gt; " in reference  # a docstring's example is shown as code …
    assert "<blockquote>" not in reference  # … and not read as a quotation
