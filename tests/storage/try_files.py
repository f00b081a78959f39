"""Uploads as a rival: whose bytes they are, which key brought them, what is swept."""

from dataclasses import replace
from hashlib import sha256
from uuid import UUID

from emplette.domain.files import File
from emplette.storage import attachments, files
from emplette.storage.commands import Key
from tests.storage.trying import NOW, Call, author, case


async def _theirs(call: Call) -> File:
    """Look at a file of the company's; of nothing when the call is for ids of nothing."""
    neighbours = call.neighbours
    pending, session = neighbours.pending.file, neighbours.database.session()
    file = (await attachments.find(session, neighbours.company.tenant_id, [pending]))[pending].file
    if call.ids is neighbours.theirs:
        return file
    return replace(file, id=UUID(int=4711), sha256=sha256(b"nothing").digest(), place="files/nowhere")


@case(files.find_bytes)
async def _find_bytes(call: Call) -> object:
    return await files.find_bytes(call.db, call.tenant, (await _theirs(call)).sha256)


@case(files.needs)
async def _needs(call: Call) -> object:
    file = await _theirs(call)
    return await files.needs(call.db, call.tenant, file.sha256, file.place)


@case(files.keep)
async def _keep(call: Call) -> object:
    file = replace(await _theirs(call), id=UUID(int=call.tenant), created_at=NOW, author_id=36)
    key = Key("POST", f"curious {call.tenant}", b"", 201)
    try:
        return await files.keep(call.db, call.tenant, file, is_new=False, author=author(), key=key)
    except files.BytesGone:
        return "no such bytes"


@case(files.find_kept)
async def _find_kept(call: Call) -> object:
    ids = call.ids
    return await files.find_kept(call.db, call.tenant, ids.api_key, "POST /lucca-files/api/uploads", ids.key)


@case(files.sweep)
async def _sweep(call: Call) -> object:
    return await files.sweep(call.db, call.tenant, (await _theirs(call)).id)
