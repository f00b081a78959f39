"""Suggesting what somebody probably means, from what they and others bought before, as far as they may see it."""

from datetime import UTC, datetime
from typing import Final

from emplette.domain.dossiers import Dossier
from emplette.domain.suggestions import Suggestion, suggestion_from
from emplette.services.work import Work
from emplette.storage import lists
from emplette.storage.lists import Filters, Slice

_LOOKED_AT: Final = 5
_NEWEST: Final = Slice(_LOOKED_AT, before=(datetime.max.replace(tzinfo=UTC), 2**31 - 1))


async def suggest(work: Work, *, supplier_id: int | None) -> Suggestion:
    """Suggest how the caller would fill in a purchase from a supplier, or from one that is not known yet."""
    person = work.who.person or work.who.user
    own = await _latest(work, "ownerId", person.id)
    of_supplier = [] if supplier_id is None else await _latest(work, "supplierId", supplier_id)
    return suggestion_from(own, of_supplier, person.id)


async def _latest(work: Work, field: str, value: int) -> list[Dossier]:
    page = await lists.purchases(work.db, work.tenant.id, work.who.visible, Filters({field: [value]}), _NEWEST)
    return list(reversed(page.items))
