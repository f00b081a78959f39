"""Amendments: what an approved commitment shall say instead, and what that changes.

An amendment is asked for by a request of its own. Until that is approved the commitment stays what it was; denied or
taken back, it stays so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from emplette.domain.commitments import Content
from emplette.domain.errors import Conflict
from emplette.domain.money import DualMoney, Money


class AmendmentPending(Conflict):
    """An amendment of the commitment waits for approval."""

    code = "amendment.pending"


class AmendmentOutdated(Conflict):
    """The commitment, or its purchase, has changed since the amendment was proposed."""

    code = "amendment.outdated"


class NothingAmended(Conflict):
    """The amendment says what the commitment says already."""

    code = "amendment.nothing_changed"


class AmendedPart(StrEnum):
    """What of a commitment an amendment changes: its dates and periods, what it costs, or what else it says."""

    TERMS = "terms"
    AMOUNT = "amount"
    COMMENT = "comment"
    PAYMENT_METHOD = "paymentMethod"
    ATTACHMENTS = "attachments"


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a commitment shall say, and what it said when that was proposed."""

    request_id: int
    purchase_id: int
    commitment_id: int
    proposed: Content
    replaced: Content

    @property
    def changes(self) -> tuple[AmendedPart, ...]:
        """Name what changes, in the order of a commitment."""
        before, after = _parts(self.replaced), _parts(self.proposed)
        return tuple(part for part in AmendedPart if before[part] != after[part])

    @property
    def difference(self) -> DualMoney:
        """What the whole commitment will cost more, without taxes, in the currency that it had; below zero: less.

        In another currency than before it is reckoned in the counter currency, and converted back at the rate that the
        commitment has.
        """
        before, after = self.replaced.total, self.proposed.total
        rate = before.conversion.rate
        counter = after.counter.excluding - before.counter.excluding
        currency = before.base.excluding.currency
        if after.base.excluding.currency == currency:
            return DualMoney(after.base.excluding - before.base.excluding, counter, rate)
        return DualMoney(Money.rounded(counter.decimal / rate, currency), counter, rate)


def _parts(content: Content) -> Mapping[AmendedPart, object]:
    return {
        AmendedPart.TERMS: content.terms,
        AmendedPart.AMOUNT: content.amount.base,
        AmendedPart.COMMENT: content.comment,
        AmendedPart.PAYMENT_METHOD: content.payment_method,
        AmendedPart.ATTACHMENTS: [attachment.id for attachment in content.attachments],
    }
