"""The one purchase that is walked through, with two things that it can say: little, and much."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Final

from emplette.domain import drafting, reviewing
from emplette.domain.commitments import CommitmentDraft, OneTime
from emplette.domain.conditions import AmountRange, Bound
from emplette.domain.currencies import EUR
from emplette.domain.dossiers import Dossier
from emplette.domain.money import Conversion, DualAmount, Money, TaxedAmount
from emplette.domain.people import Principal, Stamp, User
from emplette.domain.purchases import CostCenter, Establishment, Named, Purchase, PurchaseState
from emplette.domain.reviewing import Submission
from emplette.domain.suppliers import Supplier

TODAY: Final = date(2026, 3, 2)
NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
COST_CENTER: Final = 3
DEPARTMENT: Final = 14
LITTLE: Final = Money(10_000, EUR)
MUCH: Final = Money(90_000, EUR)
FEW: Final = AmountRange(high=Bound(Decimal(500), included=True))
"""Holds for little, and not for much."""
ORDER: Final = 41
REQUEST: Final = 31
AMENDMENT: Final = 32
"""The request for an amendment."""
LISTED: Final = Supplier(6, "Amazon", "FR")
"""The supplier that can be put in the place of the one that is only written down."""


@cache
def caller(person: int) -> Principal:
    """Make somebody who has signed in."""
    user = User(person, "Person", str(person))
    return Principal(user, -1, "", {}, auto_approve=False, person=user)


@cache
def stamp(person: int) -> Stamp:
    """Say that somebody did something, at the one moment there is."""
    return Stamp(NOW, caller(person).user)


@cache
def draft_of(amount: Money) -> CommitmentDraft:
    """Say of the commitment that it costs so much."""
    return CommitmentDraft(OneTime(TODAY, TODAY), TaxedAmount(amount), None, payment_method=None)


@cache
def dual(amount: Money) -> DualAmount:
    """Tell an amount in both currencies, which are one."""
    return DualAmount.of(TaxedAmount(amount), Conversion.none(EUR))


@cache
def bought_by(owner: int, writers: frozenset[int]) -> Dossier:
    """Make a purchase of somebody, written by others beside them, with a commitment that nobody was asked about yet."""
    by = stamp(owner)
    purchase = Purchase(
        id=11,
        version=1,
        state=PurchaseState.CREATED,
        type=None,
        declared_type=None,
        title="Something",
        owner=by.by,
        nature=Named(1, "Things"),
        cost_center=CostCenter(COST_CENTER, "Center", "C"),
        establishment=Establishment(1, "Paris", "FR", "EUR"),
        department=Named(DEPARTMENT, "Buying"),
        supplier=Supplier(None, "Corner shop", "FR"),
        axis_sections=(),
        commitment_id=None,
        writers=writers | by.by.identities,
        closing=None,
        created=by,
        modified=by,
    )
    return drafting.commit(Dossier(purchase), draft_of(LITTLE), dual(LITTLE), commitment_id=21, by=by).after


@cache
def ordered_by(owner: int, writers: frozenset[int]) -> Dossier:
    """Have a key approve by itself what somebody bought, so that there is something to amend."""
    submission = Submission(REQUEST, ORDER, "abcdefghij", policy_version=None, steps=())
    return reviewing.submit(bought_by(owner, writers), submission, who=caller(owner), by=stamp(owner)).after
