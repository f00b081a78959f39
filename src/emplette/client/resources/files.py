"""The operations on files; written by scripts/write_client.py, never by hand."""

import os
from pathlib import Path
from uuid import UUID

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import Sender
from emplette.client.uploads import Source, Upload
from emplette.client.wire import Versioned, quoted


class Files:
    """The operations on files."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def upload(
        self,
        source: Source,
        *,
        name: str | None = None,
        content_type: str | None = None,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.UploadedFile:
        """Upload a file, as `multipart/form-data` with one file of at most 100 MB (100 * 2^20 bytes).

        What it is, its content says: PDF, pictures, mail, office documents, CSV, text, XML and archives are taken. Its name
        is kept without folders and without what hides or steers the writing. A file that nothing uses is removed after
        a day.
        """
        ask: Ask[models.UploadedFile] = Ask(
            method="POST",
            path="/lucca-files/api/uploads",
            answer=models.UploadedFile,
            upload=Upload.of(source, name=name, content_type=content_type),
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return self._sender.send(ask)

    def get(self, file_id: UUID | str, *, if_match: str | Versioned | None = None) -> bytes:
        """Read a file: who uploaded it can, who sees a purchase on which it hangs or hung, and who sees all purchases.

        Its media type is what its content says. It is answered as something to be saved, never to be shown.
        """
        ask: Ask[bytes] = Ask(
            method="GET", path=f"/cleemy-procurement/api/files/{quoted(file_id)}", answer=bytes, if_match=if_match
        )
        return self._sender.send(ask)

    def save(
        self, file_id: UUID | str, path: str | os.PathLike[str], *, if_match: str | Versioned | None = None
    ) -> Path:
        """Write into a file what `get` answers, piece by piece."""
        ask: Ask[bytes] = Ask(
            method="GET", path=f"/cleemy-procurement/api/files/{quoted(file_id)}", answer=bytes, if_match=if_match
        )
        return self._sender.save(ask, path)

    def display(self, file_id: UUID | str, *, if_match: str | Versioned | None = None) -> bytes:
        """Show a file in a browser: PDF, JPEG, PNG, GIF, WebP and BMP, as they are.

        Every other kind is a 409: download it, or look at its pages as pictures. Whatever is shown may run nothing and load
        nothing. Who may read the file may look at it.
        """
        ask: Ask[bytes] = Ask(
            method="GET",
            path=f"/cleemy-procurement/api/files/{quoted(file_id)}/display",
            answer=bytes,
            if_match=if_match,
        )
        return self._sender.send(ask)

    def save_display(
        self, file_id: UUID | str, path: str | os.PathLike[str], *, if_match: str | Versioned | None = None
    ) -> Path:
        """Write into a file what `display` answers, piece by piece."""
        ask: Ask[bytes] = Ask(
            method="GET",
            path=f"/cleemy-procurement/api/files/{quoted(file_id)}/display",
            answer=bytes,
            if_match=if_match,
        )
        return self._sender.save(ask, path)

    def page(self, file_id: UUID | str, page_number: int, *, if_match: str | Versioned | None = None) -> bytes:
        """Look at a page of a PDF, a TIFF or another picture, as a JPEG whose longer side has at most 1,600 pixels.

        Pages count from 1; beyond the last one, and of a kind without pages, the answer is 404. A file that is locked with
        a password, broken, or takes too much to be drawn is a 409 that says which.
        """
        ask: Ask[bytes] = Ask(
            method="GET",
            path=f"/cleemy-procurement/api/files/{quoted(file_id)}/display/pages/{quoted(page_number)}",
            answer=bytes,
            if_match=if_match,
        )
        return self._sender.send(ask)

    def save_page(
        self,
        file_id: UUID | str,
        page_number: int,
        path: str | os.PathLike[str],
        *,
        if_match: str | Versioned | None = None,
    ) -> Path:
        """Write into a file what `page` answers, piece by piece."""
        ask: Ask[bytes] = Ask(
            method="GET",
            path=f"/cleemy-procurement/api/files/{quoted(file_id)}/display/pages/{quoted(page_number)}",
            answer=bytes,
            if_match=if_match,
        )
        return self._sender.save(ask, path)
