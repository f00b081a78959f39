"""Attachments and what is found beside purchases, as a rival."""

from dataclasses import replace
from uuid import UUID

from emplette.domain.attachments import Attachment, Name
from emplette.storage import attachments, commands
from tests.storage.trying import NOW, Call, author, case


def names_of(call: Call) -> list[Name]:
    return [call.ids.attachment, call.ids.file]


@case(attachments.find)
async def _find(call: Call) -> object:
    return await attachments.find(call.db, call.tenant, names_of(call))


@case(attachments.with_purchase)
async def _with_purchase(call: Call) -> object:
    return await attachments.with_purchase(call.db, call.tenant, call.ids.purchase, names_of(call))


@case(attachments.with_commitment)
async def _with_commitment(call: Call) -> object:
    return await attachments.with_commitment(call.db, call.tenant, call.ids.commitment, names_of(call))


@case(attachments.create)
async def _create(call: Call) -> object:
    neighbours = call.neighbours
    session = neighbours.database.session()
    found = await attachments.find(session, neighbours.company.tenant_id, [neighbours.pending.file])
    file_id = neighbours.pending.file if call.ids is neighbours.theirs else UUID(int=4711)
    file = replace(found[neighbours.pending.file].file, id=file_id)
    key = commands.Key("POST", "curious", b"", 201)
    creation = attachments.Creation(Attachment(4711, file, NOW), author(), key)
    return await attachments.create(call.db, call.tenant, creation)


@case(attachments.find_kept)
async def _find_kept(call: Call) -> object:
    scope = "POST /cleemy-procurement/api/attachments"
    return await attachments.find_kept(call.db, call.tenant, call.ids.api_key, scope, call.ids.key)
