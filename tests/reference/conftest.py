"""The reference values: read from the stored files, which hold their own lists of cases."""

from __future__ import annotations

# It needs PyTorch, which the tests do not.
collect_ignore = ["make_references.py"]
