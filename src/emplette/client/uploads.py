"""A file on its way to the server: read in pieces, and from its beginning again when the call is repeated."""

import mimetypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, TypeAlias

Source: TypeAlias = str | os.PathLike[str] | bytes | IO[bytes]
"""A path, or bytes, or a file that is open for reading bytes; it is sent from its beginning."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What is uploaded, and how it is called there."""

    source: str | os.PathLike[str] | IO[bytes]
    name: str
    content_type: str

    @classmethod
    def of(cls, source: Source, *, name: str | None = None, content_type: str | None = None) -> "Upload":
        """Take what shall be uploaded; its name and its kind are found out when nobody says them."""
        called = name or _name_of(source)
        kind = content_type or mimetypes.guess_type(called)[0] or "application/octet-stream"
        return cls(BytesIO(source) if isinstance(source, bytes) else source, called, kind)

    @property
    def rewindable(self) -> bool:
        """Tell whether it can be sent a second time."""
        return isinstance(self.source, str | os.PathLike) or self.source.seekable()

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Lend the file; one that was given open stays open. httpx2 goes to its beginning whenever it sends it."""
        if isinstance(self.source, str | os.PathLike):
            with Path(self.source).open("rb") as file:
                yield file
        else:
            yield self.source


def _name_of(source: Source) -> str:
    path = source if isinstance(source, str | os.PathLike) else getattr(source, "name", None)
    return Path(path).name if isinstance(path, str | os.PathLike) else "file"
