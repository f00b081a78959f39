"""Calls of the storage about registers: natures stand for all of them, which are read and written alike."""

from dataclasses import replace

from emplette.domain.natures import Nature
from emplette.domain.registers import Reference
from emplette.domain.suppliers import ListedSupplier
from emplette.storage import changes, cost_centers, idempotency, ids, imports, registers, suppliers
from emplette.storage.changes import Answer, Change
from emplette.storage.commands import Key
from emplette.storage.database import Together
from emplette.storage.lists import Slice
from emplette.storage.natures import NATURES
from emplette.storage.registers import Filters
from tests.fixtures.guide import API
from tests.storage.trying import Call, author, case


@case(registers.find)
async def _find(call: Call) -> object:
    return await registers.find(call.db, call.tenant, NATURES, call.ids.word)


@case(registers.find_all)
async def _find_all(call: Call) -> object:
    return await registers.find_all(call.db, call.tenant, NATURES, [call.ids.word])


@case(registers.find_where)
async def _find_where(call: Call) -> object:
    condition = f"t.nature_id = {NATURES.parameter(1)}"
    return await registers.find_where(call.db, call.tenant, NATURES, condition, [call.ids.word])


@case(registers.names_of)
async def _names_of(call: Call) -> object:
    wanted = [Reference("costFamilyId", "cost_families", call.ids.word)]
    return await registers.names_of(call.db, call.tenant, NATURES, wanted)


@case(registers.list_entries)
async def _list(call: Call) -> object:
    piece = Slice(1000, after=(call.ids.word - 1,), counted=True)
    return await registers.list_entries(call.db, call.tenant, NATURES, Filters(), piece)


@case(cost_centers.by_codes)
async def _by_codes(call: Call) -> object:
    return await cost_centers.by_codes(call.db, call.tenant, [call.ids.key], [call.ids.word])


@case(suppliers.find_alike)
async def _find_alike(call: Call) -> object:
    supplier = ListedSupplier(id=call.ids.word, name=call.ids.key, territory_id="FR")
    return await suppliers.find_alike(call.db, call.tenant, supplier, said=["name"], wanted=[])


@case(changes.write)
async def _change(call: Call) -> object:
    before = Nature(id=call.ids.word, name="Before")
    change = Change(before, replace(before, name="Changed", version=2))
    key = Key("PUT /", f"change-{call.ids.word}", b"hash", 200)
    answer = Answer("nature", before.id, 2)
    return await changes.write(call.db, call.tenant, NATURES, [change], author=author(), key=key, answer=answer)


@case(changes.write_many)
async def _change_many(call: Call) -> object:
    before = Nature(id=call.ids.word, name="Before")
    changed = [Change(before, replace(before, name="Changed by many", version=2))]

    async def finish(_: Together) -> None:
        """Say nothing more."""

    return await changes.write_many(
        call.db, call.tenant, NATURES, changed, author=author(), tell=lambda _: None, finish=finish
    )


@case(changes.write_among)
async def _change_among(call: Call) -> object:
    before = Nature(id=call.ids.word, name="Before")
    changed = [Change(before, replace(before, name="Changed among others", version=2))]

    async def say(together: Together) -> bool:
        return await changes.write_among(together, call.tenant, NATURES, changed, author=author())

    return await call.db.together(say)


@case(registers.find_every, alike=True)
async def _find_every(call: Call) -> object:
    return len(await registers.find_every(call.db, call.tenant, NATURES)) > 0


@case(imports.find_by_source)
async def _find_import(call: Call) -> object:
    return await imports.find_by_source(call.db, call.tenant, call.ids.key)


@case(imports.note, alike=True)
async def _note_import(call: Call) -> object:
    told = imports.Imported(into="natures", source="a.csv", sha256="", made=0, changed=0, same=0, left_out=0)

    async def say(together: Together) -> bool:
        await imports.note(together, call.tenant, call.ids.word, told, author())
        return False

    return await call.db.together(say)


@case(idempotency.find_entry)
async def _find_entry(call: Call) -> object:
    scope = f"POST {API}/natures"
    return await idempotency.find_entry(
        call.db, call.tenant, NATURES, api_key_id=call.ids.api_key, scope=scope, key=call.ids.key
    )


@case(ids.Ids.one)
async def _one_id(call: Call) -> object:
    return await ids.Ids().one(call.db, call.tenant, "purchase")


@case(ids.Ids.several)
async def _several_ids(call: Call) -> object:
    return await ids.Ids().several(call.db, call.tenant, "purchase", 3)
