"""A file on its way to the server: read in pieces, and from its beginning again when the call is repeated."""

import mimetypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias

Source: TypeAlias = str | os.PathLike[str] | IO[bytes]
"""A path, or a file that is open for reading bytes."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What is uploaded, and how it is called there."""

    source: Source
    name: str
    content_type: str
    start: int | None
    """Where an open file stood when it was given; None for one that can't go back, and for a path."""

    @classmethod
    def of(cls, source: Source, *, name: str | None = None, content_type: str | None = None) -> "Upload":
        """Take a path or an open file; its name and its kind are found out when nobody says them."""
        called = name or _name_of(source)
        kind = content_type or mimetypes.guess_type(called)[0] or "application/octet-stream"
        start = None if isinstance(source, str | os.PathLike) or not source.seekable() else source.tell()
        return cls(source, called, kind, start)

    @property
    def rewindable(self) -> bool:
        """Tell whether it can be sent a second time."""
        return self.start is not None or isinstance(self.source, str | os.PathLike)

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Lend the file, at its beginning; one that was given open stays open."""
        if isinstance(self.source, str | os.PathLike):
            with Path(self.source).open("rb") as file:
                yield file
            return
        if self.start is not None:
            self.source.seek(self.start)
        yield self.source


def _name_of(source: Source) -> str:
    path = source if isinstance(source, str | os.PathLike) else getattr(source, "name", None)
    return Path(path).name if isinstance(path, str | os.PathLike) else "file"
