"""Inspections, as a rival."""

from datetime import timedelta
from uuid import UUID

from emplette.domain.inspections import Figures
from emplette.storage import inspections
from tests.storage.trying import Call, case

CLAIM = UUID("5c0e2f6c-7f0b-4a56-9d8e-0d8c5f0a7a11")
LEASE = timedelta(minutes=1)


@case(inspections.ask)
async def _ask(call: Call) -> object:
    return await inspections.ask(call.db, call.tenant, 4711, asked_by=call.ids.word)


@case(inspections.latest)
async def _latest(call: Call) -> object:
    return len(await inspections.latest(call.db, call.tenant, most=10))


@case(inspections.tell)
async def _tell(call: Call) -> object:
    return await inspections.tell(call.db, call.tenant, 1, CLAIM, looks_at="seals", done=1, lease=LEASE)


@case(inspections.settle)
async def _settle(call: Call) -> object:
    figures = Figures(0, "", 0, 0, 0, 0, 0, 0, 0)
    return await inspections.settle(call.db, call.tenant, 1, CLAIM, figures)
