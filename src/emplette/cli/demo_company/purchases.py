"""What the demo company has bought: told in the file beside, done by the same use cases as everything else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec
import yaml

from emplette.domain.approvals import Verdict
from emplette.domain.commitments import CommitmentDraft, OneTime, Subscription, Terms
from emplette.domain.currencies import CURRENCIES
from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.money import Money, TaxedAmount, TaxLine
from emplette.domain.people import Principal, Tenant
from emplette.domain.purchases import PurchaseDraft
from emplette.services import approvals, commitments, purchases
from emplette.services.work import Shelf, Work
from emplette.storage.database import Database

_MORNING = timedelta(hours=9)


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the file says; an unknown word in it is a mistake."""


class Unlisted(_File, frozen=True):
    """A supplier that a buyer only writes down."""

    name: str
    territory: str


class Once(_File, frozen=True):
    """What is paid once."""

    amount: Decimal
    taxes: dict[int, Decimal] = {}
    in_days: int = 7


class Every(_File, frozen=True, rename={"duration": "for"}):
    """What is paid by period."""

    amount: Decimal
    each: str
    duration: str
    taxes: dict[int, Decimal] = {}
    bound: str | None = None
    notice: str | None = None


class Told(_File, frozen=True, kw_only=True):
    """One purchase and what became of it."""

    title: str
    days_ago: int
    owner: int
    nature: int
    cost_center: int
    supplier: int | Unlisted
    sections: tuple[int, ...] = ()
    currency: str = "EUR"
    once: Once | None = None
    every: Every | None = None
    then: list[str | dict[str, str]] = []

    def steps(self) -> list[tuple[str, str]]:
        """List what is done with it, each with what is said."""
        first = [("create", "")] if self.once is None and self.every is None else [("create", ""), ("offer", "")]
        return [*first, *((step, "") if isinstance(step, str) else next(iter(step.items())) for step in self.then)]


@dataclass(frozen=True, slots=True)
class Actors:
    """Through which keys it is done: one whose requests people decide, one that approves by itself, the approver's."""

    form: Principal
    shop: Principal
    approver: Principal


@dataclass(slots=True)
class _Tale:
    """A purchase in the making."""

    told: Told
    purchase_id: int = 0
    commitment_id: int = 0
    request_id: int = 0


def read_purchases(text: str) -> list[Told]:
    """Read the file."""
    return msgspec.convert(yaml.safe_load(text), list[Told])


async def play(database: Database, tenant: Tenant, actors: Actors, told: Sequence[Told], *, now: datetime) -> None:
    """Do all of it, in the order in which it happened."""
    shelf = Shelf()
    midnight = now.astimezone(tenant.time_zone).replace(hour=0, minute=0, second=0, microsecond=0)
    happened = sorted(
        (
            (_moment(midnight, one.days_ago, number, number_of_step), tale, *step)
            for number, one in enumerate(told)
            for tale in [_Tale(one)]
            for number_of_step, step in enumerate(one.steps())
        ),
        key=lambda happening: happening[0],
    )
    for at, tale, what, said in happened:
        who = actors.approver if what in _VERDICTS else actors.shop if what == "buy" else actors.form
        work = Work(tenant, who, min(at, now), database.session(), shelf)
        await _do(work, tale, what, said)


def _moment(midnight: datetime, days_ago: int, number: int, step: int) -> datetime:
    """Say when a step was done: a purchase and its first commitment on one morning, all else a day apart."""
    day = midnight - timedelta(days=days_ago) + timedelta(days=max(0, step - 1))
    return day + _MORNING + timedelta(minutes=number * 7 % 120 + 3 * step, seconds=number * 13 % 60)


_VERDICTS: Mapping[str, Verdict] = {"approve": Verdict.APPROVED, "deny": Verdict.DENIED}


async def _do(work: Work, tale: _Tale, what: str, said: str) -> None:
    match what:
        case "create":
            tale.purchase_id = (await purchases.create_purchase(work, _draft(tale.told))).dossier.purchase.id
        case "offer":
            offer = _offer(tale.told, work.today, price=Decimal(said) if said else None)
            done = await commitments.create_commitment(work, tale.purchase_id, offer)
            tale.commitment_id = done.dossier.purchase.commitment_id or 0
        case "submit" | "buy":
            request = (await approvals.submit_commitment(work, tale.commitment_id)).dossier.request
            tale.request_id = request.id if request is not None else 0
        case "approve" | "deny":
            await approvals.decide_request(
                work, tale.request_id, _VERDICTS[what], comment=said or None, content_hash=None
            )
        case "cancel":
            await approvals.cancel_request(work, tale.request_id, comment=said or None)
        case "close":
            await purchases.close_purchase(work, tale.purchase_id, on=None, comment=said or None)
        case "list":
            await purchases.list_supplier(work, tale.purchase_id, int(said))
        case _:
            raise ValueError(what)


def _draft(told: Told) -> PurchaseDraft:
    listed = told.supplier if isinstance(told.supplier, int) else None
    unlisted = told.supplier if isinstance(told.supplier, Unlisted) else None
    return PurchaseDraft(
        title=told.title,
        owner_id=told.owner,
        nature_id=told.nature,
        cost_center_id=told.cost_center,
        establishment_id=None,
        department_id=None,
        supplier_id=listed,
        supplier_name=None if unlisted is None else unlisted.name,
        supplier_territory_id=None if unlisted is None else unlisted.territory,
        axis_section_ids=told.sections,
        declared_type=None,
    )


def _offer(told: Told, today: date, *, price: Decimal | None) -> CommitmentDraft:
    """Say what it costs, at its own price or another; at another the taxes change with it."""
    paid = told.once or told.every
    if paid is None:
        raise ValueError(told.title)
    currency = CURRENCIES[told.currency]
    share = Decimal(1) if price is None else price / paid.amount
    lines = tuple(TaxLine(kind, Money.rounded(tax * share, currency)) for kind, tax in paid.taxes.items())
    amount = TaxedAmount(Money.exact(price or paid.amount, currency), lines)
    return CommitmentDraft(_terms(paid, today), amount, comment=None, payment_method=None)


def _terms(paid: Once | Every, today: date) -> Terms:
    if isinstance(paid, Once):
        day = today + timedelta(days=paid.in_days)
        return OneTime(cost_date=day, invoice_date=day)
    return Subscription(
        start_date=today,
        first_invoice_date=today,
        frequency=_duration(paid.each),
        duration=_duration(paid.duration),
        obligation=None if paid.bound is None else _duration(paid.bound),
        notice=None if paid.notice is None else _duration(paid.notice),
    )


def _duration(text: str) -> Duration:
    value, unit = text.split()
    return Duration(int(value), TimeUnit(unit))
