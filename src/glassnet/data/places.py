"""Files and folders that are there to be read, or an error that says why not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import FileFormatError


@dataclass(frozen=True, slots=True)
class Readable:
    """A `with` block in which the system's refusal to read becomes a FileFormatError.

    >>> from pathlib import Path
    >>> with Readable(Path("missing.csv"), "a table"):  # doctest: +ELLIPSIS
    ...     Path("missing.csv").read_bytes()
    Traceback (most recent call last):
    glassnet.errors.FileFormatError: missing.csv cannot be read
      ...
    """

    path: Path
    what: str

    def __enter__(self) -> None:
        """Nothing is opened yet."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OSError):
            raise FileFormatError(
                f"{self.path} cannot be read",
                expected=self.what,
                received=error.strerror or str(error),
                mend="check the path",
            ) from None
