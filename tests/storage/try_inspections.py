"""Inspections, as a rival."""

from datetime import timedelta

from emplette.domain.inspections import Figures
from emplette.storage import inspections
from tests.fixtures.inspections import CLAIM
from tests.storage.trying import Call, case

LEASE = timedelta(minutes=1)


# Whoever has an inspection under way gets no other; the rival's has nobody of that number to ask for one.
@case(inspections.ask, alike=True)
async def _ask(call: Call) -> object:
    return await inspections.ask(call.db, call.tenant, call.ids.word + 1, asked_by=call.ids.word)


@case(inspections.latest)
async def _latest(call: Call) -> object:
    return len(await inspections.latest(call.db, call.tenant, most=10))


@case(inspections.tell)
async def _tell(call: Call) -> object:
    return await inspections.tell(call.db, call.tenant, call.ids.word, CLAIM, looks_at="seals", done=1, lease=LEASE)


@case(inspections.settle)
async def _settle(call: Call) -> object:
    figures = Figures(0, "", 0, 0, 0, 0, 0, 0, 0)
    return await inspections.settle(call.db, call.tenant, call.ids.word, CLAIM, figures)
