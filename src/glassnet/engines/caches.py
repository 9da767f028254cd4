"""Where the operating system wants what can be made again."""

from __future__ import annotations

import sys
from pathlib import Path


def cache_folder(name: str) -> Path:
    """This user's folder for caches of one kind; it need not be there yet.

    >>> cache_folder("data").parts[-2:]
    ('glassnet', 'data')
    """
    places = {"darwin": "Library/Caches", "win32": "AppData/Local"}
    return Path.home() / places.get(sys.platform, ".cache") / "glassnet" / name
