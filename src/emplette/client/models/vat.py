"""What is sent and answered: vat; written by scripts/write_client.py, never by hand."""

from decimal import Decimal

from emplette.client.wire import ABSENT, Answer


class RecoveryRule(Answer, frozen=True, kw_only=True, rename="camel"):
    """Which part of the tax is got back when what is bought is of a cost family."""

    cost_family_id: int = ABSENT
    coefficient: Decimal = ABSENT


class RateType(Answer, frozen=True, kw_only=True, rename="camel"):
    """A type of rate: what a line of taxes names by its id."""

    id: int = ABSENT
    name: str = ABSENT
    territory_id: str = ABSENT
    recovery_rules: list[RecoveryRule] = ABSENT


class VatRate(Answer, frozen=True, kw_only=True, rename="camel"):
    """A VAT rate; the percentage is a fraction: 0.2 is 20 %."""

    id: int = ABSENT
    percentage: Decimal = ABSENT
    rate_type: RateType = ABSENT
