"""What is written: one JSON file of everything, one Markdown page, pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from . import picture, table

Results = dict[str, Any]
PARTS = ("steps", "libraries", "matmul", "whole_runs", "readings", "accuracy", "scaling")


def write(results: Results, folder: Path) -> list[Path]:
    """Writes the results, those of parts that were not run again kept from before."""
    folder.mkdir(parents=True, exist_ok=True)
    stored = folder / "results.json"
    before = json.loads(stored.read_text("utf-8")) if stored.exists() else {}
    results = {**{part: before[part] for part in PARTS if part in before}, **results}
    _replace(stored, json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    _replace(folder / "results.md", table.document(results))
    written = [stored, folder / "results.md"]
    for part, draw in (("steps", picture.steps), ("scaling", picture.scaling)):
        if part in results:
            draw(results[part], folder / f"{part}.png")
            written.append(folder / f"{part}.png")
    return written


def _replace(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
