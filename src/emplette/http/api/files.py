"""Files: uploading one, reading one."""

from collections.abc import AsyncGenerator
from uuid import UUID

from emplette.domain.files import LARGEST_FILE, File, FileNotFound, FileRefused
from emplette.http.api import examples
from emplette.http.contract import ANY, GET, POST, Answer, Download, Instant, Reply, Upload, instant, operation
from emplette.http.contract.places import BASE, place_of_file
from emplette.http.contract.told import LOCATION
from emplette.services import files
from emplette.services.files import Received
from emplette.services.work import Work


class UploadedFile(Answer):
    """A file as it was kept: its id goes into the `attachmentIds` of a commitment, or becomes an attachment."""

    id: UUID
    name: str
    created_at: Instant
    deleted_at: Instant | None
    content_length: int
    content_type: str
    extension: str
    total_pages: int | None


@operation(
    POST,
    "/lucca-files/api/uploads",
    answers={201: UploadedFile},
    tells=(LOCATION,),
    tag="Files",
    problems=(FileRefused,),
    answer_examples=examples.UPLOADED_FILE,
    links={"read_file": {"file_id": "id"}, "create_attachment": {"file_id": "id"}},
    largest_body=LARGEST_FILE,
    timed=False,
)
async def upload_file(work: Work, upload: Upload) -> Reply[UploadedFile]:
    """Upload a file, as `multipart/form-data` with one file of at most 100 MB (100 * 2^20 bytes).

    What it is, its content says: PDF, pictures, mail, office documents, CSV, text, XML and archives are taken. Its name
    is kept without folders and without what hides or steers the writing. A file that nothing uses is removed after
    a day.
    """
    received = Received(upload.name, upload.path, upload.size, upload.sha256)
    uploaded = await files.upload_file(work, received)
    file = uploaded.file
    body = UploadedFile(
        id=file.id,
        name=file.name,
        created_at=instant(file.created_at),
        deleted_at=None,
        content_length=file.size,
        content_type=file.content_type,
        extension=file.extension,
        total_pages=file.total_pages,
    )
    return Reply(body, status=uploaded.status, location=place_of_file(file.id), replayed=uploaded.replayed)


@operation(
    GET,
    f"{BASE}/api/files/{{file_id}}",
    answers={200: bytes, 206: bytes, 304: None},
    tag="Files",
    problems=(FileNotFound,),
    media_type=ANY,
)
async def read_file(work: Work, file_id: UUID) -> Download:
    """Read a file: who uploaded it can, who sees a purchase on which it hangs or hung, and who sees all purchases.

    Its media type is what its content says. It is answered as something to be saved, never to be shown.
    """
    file = await files.read_file(work, file_id)
    return download_of(work, file)


def download_of(work: Work, file: File) -> Download:
    """Answer with a file as it was uploaded."""

    async def read(first: int, last: int) -> AsyncGenerator[bytes, None]:
        return await files.open_file(work, file, first=first, last=last)

    return Download(file.name, file.content_type, file.size, file.sha256.hex(), read)
