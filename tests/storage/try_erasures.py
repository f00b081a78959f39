"""Erasing, as a rival."""

import asyncpg

from emplette.domain.erasures import Forgetting
from emplette.storage import erasures
from emplette.storage.erasing import SUPPLIERS, USERS
from emplette.storage.erasures import Erasing
from tests.fixtures.rivals import SECRET
from tests.storage.trying import NOW, Call, case


def _forget(call: Call) -> Forgetting:
    return Forgetting(call.ids.word, frozenset({call.ids.word}), names=(SECRET,))


@case(erasures.find)
async def _find(call: Call) -> object:
    return await erasures.find(call.db, call.tenant, call.ids.word)


@case(erasures.may_erase, alike=True)
async def _may_erase(call: Call) -> object:
    return await erasures.may_erase(call.db, call.tenant)


@case(erasures.pending)
async def _pending(call: Call) -> object:
    found = await erasures.pending(call.db, call.tenant, call.ids.word)
    return len(found.requests), len(found.steps)


@case(erasures.remaining)
async def _remaining(call: Call) -> object:
    return await erasures.remaining(call.db, call.tenant, _forget(call))


@case(erasures.concerned)
async def _concerned(call: Call) -> object:
    return await erasures.concerned(call.db, call.tenant, _forget(call))


@case(erasures.purchases)
async def _purchases(call: Call) -> object:
    return [one.id for one in await erasures.purchases(call.db, call.tenant, [call.ids.purchase])]


@case(erasures.things)
async def _things(call: Call) -> object:
    return await erasures.things(call.db, call.tenant, USERS, _forget(call))


@case(erasures.erase, alike=True)
async def _erase(call: Call) -> object:
    # Whoever serves may not erase; of somebody else's there is nothing to be erased either.
    item = Erasing(call.ids.word, 1, {"row": {"contacts": [], "address": None}}, {}, {}, {})
    try:
        return await erasures.erase(call.db, call.tenant, SUPPLIERS, [item], forget=_forget(call), actor=36, now=NOW)
    except asyncpg.InsufficientPrivilegeError as refused:
        return str(refused)


@case(erasures.erase_plain)
async def _erase_plain(call: Call) -> object:
    return await erasures.erase_plain(call.db, call.tenant, _forget(call), dry_run=True)


@case(erasures.webhooks_naming)
async def _webhooks_naming(call: Call) -> object:
    return await erasures.webhooks_naming(call.db, call.tenant, _forget(call))


@case(erasures.named_in)
async def _named_in(call: Call) -> object:
    return await erasures.named_in(call.db, call.tenant, _forget(call))
