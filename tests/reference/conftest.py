"""The reference values: read from the stored files, which hold their own lists of cases."""

from __future__ import annotations

# They need PyTorch, which the tests do not.
collect_ignore_glob = ["make_*references.py"]
