"""Tables that pages offer to be saved: as spreadsheets open them, said in the visitor's language."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing

from emplette.formats.tables import write_rows, write_table
from emplette.http.contract.replies import EVERYWHERE, RawHeaders, Response
from emplette.http.contract.statuses import OK
from emplette.http.pages.visits import Visit

Rows = Iterable[Sequence[str]]


def saved(visit: Visit, name: str, columns: Sequence[str], rows: Rows) -> Response:
    """Answer with a table."""
    written = "".join(write_table([visit.say(column) for column in columns], rows))
    return Response(OK, written.encode(), _headers(name))


async def saved_in_pieces(
    visit: Visit, name: str, columns: Sequence[str], pieces: AsyncGenerator[Rows, None]
) -> Response:
    """Answer with a table that is read while it is sent, however long it is; a refusal of its first piece is told."""
    first = await anext(pieces, ())
    if visit.call.method == "HEAD":
        await pieces.aclose()
        return Response(OK, b"", _headers(name))
    return Response(OK, b"", _headers(name), _written([visit.say(column) for column in columns], first, pieces))


async def _written(
    columns: Sequence[str], first: Rows, pieces: AsyncGenerator[Rows, None]
) -> AsyncGenerator[bytes, None]:
    async with aclosing(pieces):
        yield "".join(write_table(columns, first)).encode()
        async for rows in pieces:
            yield "".join(write_rows(rows)).encode()


def _headers(name: str) -> RawHeaders:
    return [
        *EVERYWHERE,
        (b"content-type", b"text/csv; charset=utf-8"),
        (b"content-disposition", f'attachment; filename="{name}.csv"'.encode()),
        (b"cache-control", b"no-store"),
    ]
