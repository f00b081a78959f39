"""What a company says of VAT rates for itself, as a rival."""

from datetime import date
from decimal import Decimal

from emplette.domain.taxes import RateType, RecoveryRule, Span
from emplette.storage import taxes
from tests.storage.trying import NOW, Call, case

NORMAL = RateType(45, "Normal", "FR")
EVER = Span(date(2000, 4, 1), None)


@case(taxes.own_rates)
async def _own_rates(call: Call) -> object:
    return await taxes.own_rates(call.db, call.tenant)


@case(taxes.uses_of, alike=True)
async def _uses_of(call: Call) -> object:
    return await taxes.uses_of(call.db, call.tenant, NORMAL.id, [EVER])


@case(taxes.add_rate)
async def _add_rate(call: Call) -> object:
    new_type = ("FR", f"Mine {call.ids.word}")
    return await taxes.add_rate(
        call.db, call.tenant, None, new_type=new_type, percentage=Decimal("0.2"), during=EVER, actor=36, now=NOW
    )


@case(taxes.end_rate)
async def _end_rate(call: Call) -> None:
    await taxes.end_rate(call.db, call.tenant, NORMAL, during=EVER, actor=36, now=NOW)


@case(taxes.cost_families)
async def _cost_families(call: Call) -> object:
    return await taxes.cost_families(call.db, call.tenant)


@case(taxes.set_rule)
async def _set_rule(call: Call) -> None:
    rule = RecoveryRule(NORMAL.id, call.ids.word, Decimal("0.5"))
    await taxes.set_rule(call.db, call.tenant, rule, actor=36, now=NOW)
