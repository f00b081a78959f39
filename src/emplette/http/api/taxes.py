"""VAT rates of a territory on a day."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from emplette.domain.errors import Faults
from emplette.domain.taxes import ApplicableRate
from emplette.domain.territories import TerritoryUnknown, fault_of_territory
from emplette.http.contract import GET, Answer, Query, ShortText, operation
from emplette.http.contract.places import BASE
from emplette.services import taxes
from emplette.services.work import Work


class RatesQuery(Query):
    """Where, and on which day."""

    on: Annotated[date, Meta(examples=["2025-04-14"])] = msgspec.field(name="date")
    territory_id: Annotated[ShortText, Meta(examples=["FR", "FR-20R", "GP", "MC"])]

    @classmethod
    def check_rest(cls, read: Mapping[str, Any], faults: Faults) -> None:
        """Name an unknown territory beside a wrong day."""
        code = read.get("territory_id")
        fault = None if code is None else fault_of_territory(code)
        if fault:
            faults.add("territoryId", fault)


class RecoveryRuleOut(Answer):
    """Which part of the tax is got back when what is bought is of a cost family."""

    cost_family_id: int
    coefficient: Decimal


class RateTypeOut(Answer):
    """A type of rate: what a line of taxes names by its id."""

    id: int
    name: str
    territory_id: str
    recovery_rules: list[RecoveryRuleOut]


class VatRateOut(Answer):
    """A VAT rate; the percentage is a fraction: 0.2 is 20 %."""

    id: int
    percentage: Decimal
    rate_type: RateTypeOut


@operation(
    GET,
    f"{BASE}/taxes/api/rates",
    answers={200: list[VatRateOut]},
    tag="VAT",
    problems=(TerritoryUnknown,),
)
async def list_vat_rates(work: Work, query: RatesQuery) -> list[VatRateOut]:
    """List the VAT rates of a territory that are valid on a day; a territory without VAT has none."""
    rates = await taxes.list_rates(work, territory_id=query.territory_id, on=query.on)
    return [vat_rate_out(known) for known in rates]


def vat_rate_out(known: ApplicableRate) -> VatRateOut:
    """Tell a VAT rate."""
    rate = known.rate
    rules = [
        RecoveryRuleOut(cost_family_id=rule.cost_family_id, coefficient=rule.coefficient)
        for rule in known.recovery_rules
    ]
    kind = rate.rate_type
    return VatRateOut(
        id=rate.id,
        percentage=rate.percentage,
        rate_type=RateTypeOut(id=kind.id, name=kind.name, territory_id=kind.territory_id, recovery_rules=rules),
    )
