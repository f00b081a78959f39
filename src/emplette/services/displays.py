"""What people do to look at files: have a browser show one, look at a page of it as a picture."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from emplette.domain.attachments import readable_by
from emplette.domain.displays import must_be_displayable, must_have_page
from emplette.domain.files import File, FileNotFound
from emplette.services.work import Work
from emplette.storage import attachments


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a file, as a picture."""

    file: File
    number: int
    picture: bytes


async def display_file(work: Work, file_id: UUID) -> File:
    """Look at a file as a browser shows it.

    Raises:
        FileNotFound: it is not there for this caller.
        NotDisplayable: browsers do not show such files.
    """
    file = await _readable(work, file_id)
    must_be_displayable(file)
    return file


async def display_page(work: Work, file_id: UUID, number: int) -> Page:
    """Look at a page of a file, counted from 1.

    Raises:
        FileNotFound: the file is not there for this caller.
        PageNotFound: the file has fewer pages, or none.
        NotDrawable: it is locked, broken, or takes too much to be drawn.
        Unavailable: too much is being drawn.
    """
    file = await _readable(work, file_id)
    must_have_page(file, number)
    drawing = work.shelf.drawing
    picture = drawing.remembered(file.sha256, number)
    if picture is None:
        lend = partial(work.store.local, work.tenant.id, file.place)
        picture = await drawing.draw(lend, file.content_type, file.sha256, number, file_id=file.id)
    return Page(file, number, picture)


async def _readable(work: Work, file_id: UUID) -> File:
    found = readable_by(work.who, await attachments.find(work.db, work.tenant.id, [file_id]))
    if file_id not in found:
        raise FileNotFound
    return found[file_id].file
