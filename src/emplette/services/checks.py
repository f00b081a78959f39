"""Checking the log: the chain of seals, the texts, and whether things are what their events tell."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from emplette.domain.checkpoints import Checkpoint
from emplette.domain.seals import Head, Walk
from emplette.storage import budget_checks, checks, comparing, seals, spending_checks
from emplette.storage.absences import ABSENCES
from emplette.storage.budgets import BUDGETS
from emplette.storage.checks import EpochSealed, LoggedEvent, Rebuilt, TextsAre
from emplette.storage.comments import COMMENTS
from emplette.storage.cost_centers import COST_CENTERS
from emplette.storage.database import Session
from emplette.storage.natures import NATURES
from emplette.storage.organisation import (
    AXES,
    COST_FAMILIES,
    DEPARTMENTS,
    ESTABLISHMENTS,
    LEGAL_UNITS,
    SECTIONS,
)
from emplette.storage.people import PEOPLE
from emplette.storage.rebuilding import differences
from emplette.storage.registers import Register
from emplette.storage.roles import ROLE_GRANTS
from emplette.storage.subscriptions import ACTS
from emplette.storage.suppliers import SUPPLIERS
from emplette.storage.webhooks import WEBHOOKS

Tell = Callable[[str, int], None]
"""Is told again and again what is looked at, and how many of them have been."""

_AT_ONCE: Final = 500
MOST_FINDINGS: Final = 100
"""So many findings are told in words; the rest is counted."""

_BROUGHT: Final[Sequence[Register[Any]]] = (
    *(
        NATURES,
        COST_CENTERS,
        SUPPLIERS,
        PEOPLE,
        ESTABLISHMENTS,
        LEGAL_UNITS,
        DEPARTMENTS,
        COST_FAMILIES,
        AXES,
        SECTIONS,
    ),
)
"""What a company may bring along, with no event that tells of it."""
_MADE_HERE: Final[Sequence[Register[Any]]] = (ROLE_GRANTS, WEBHOOKS, BUDGETS, ACTS, ABSENCES, COMMENTS)
"""What there is only since somebody made it here, which an event tells."""
REGISTERS: Final[Sequence[Register[Any]]] = (*_BROUGHT, *_MADE_HERE)


_OTHERS: Final[Mapping[str, Callable[..., Awaitable[list[Rebuilt]]]]] = {
    "keys": lambda db, tenant, after: comparing.keys(db, tenant, after=after, most=_AT_ONCE),
    "policies": lambda db, tenant, after: comparing.policies(db, tenant, after=after, most=_AT_ONCE),
    "documents": lambda db, tenant, after: comparing.documents(db, tenant, after=after, most=_AT_ONCE),
    "attachments": lambda db, tenant, after: comparing.attachments(db, tenant, after=after, most=_AT_ONCE),
    "what hangs on budgets": lambda db, tenant, after: budget_checks.hanging(db, tenant, after=after, most=_AT_ONCE),
}
_NUMBERED: Final = {
    "Event": ("events", "event_id"),
    "The seal of position": ("sealed", "position"),
    "Purchase": ("purchases", "purchase_id"),
    "Key": ("api_keys", "api_key_id"),
    "Policy": ("policies", "version"),
    "The document of order": ("order_documents", "order_id"),
    "Attachment": ("attachments", "attachment_id"),
    **{register.called: (register.table, register.key) for register in REGISTERS},
}
"""What is read from number 1 on: how one is called, its table, and the column of its number."""
_TABLES: Final = frozenset(
    {
        *(table for table, _ in _NUMBERED.values()),
        *("commitments", "commitment_taxes", "requests", "request_steps", "request_approvers", "request_decisions"),
        *("orders", "amendments", "budget_entries", "files", "event_texts", "unsealed", "chains", "epochs"),
        *("tenants", "tenant_hosts", "tenant_vat_rates", "tenant_vat_rate_types", "recovery_rules"),
        "tenant_exchange_rates",
    }
)
"""What is read as if each row was there once, which the primary keys see to."""
_BEFORE_THE_LOG: Final = {"keys", "policies"}
"""What a company that was there before its log may have, and nothing tells of."""
_GONE: Final = {
    "Key": comparing.KEYS_TOLD,
    "Policy": comparing.POLICIES_TOLD,
    "The document of order": comparing.DOCUMENTS_TOLD,
}


@dataclass(slots=True)
class Report:
    """What a check of one company's log has seen, and what is wrong.

    ``rows`` counts what was held against events; ``untold`` are entries that no event tells of and that were never
    changed: they came with the company. ``erased`` counts events whose texts an erasure took away.
    """

    head: Head
    sealed: int = 0
    events: int = 0
    waiting: int = 0
    erased: int = 0
    purchases: int = 0
    entries: int = 0
    rows: int = 0
    untold: int = 0
    findings: list[str] = field(default_factory=list)
    more: int = 0
    lost_purchases: set[int] = field(default_factory=set)

    def note(self, *found: str) -> None:
        """Note what is wrong."""
        room = max(MOST_FINDINGS - len(self.findings), 0)
        self.findings += found[:room]
        self.more += len(found[room:])

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


async def check(db: Session, tenant: int, *, checkpoints: Sequence[Checkpoint] = (), tell: Tell) -> Report:
    """Check the whole log of a company, while it is written or not, and all rows that it tells of."""
    report = Report(await seals.head(db, tenant))
    await _check_chain(db, tenant, report, tell)
    await _check_checkpoints(db, tenant, report, checkpoints)
    async for event in _all(lambda after: checks.events(db, tenant, after=after, most=_AT_ONCE), "events", tell):
        _check_event(event, report)
    for lost in await checks.lost(db, tenant, most=MOST_FINDINGS):
        report.note(f"Event {lost}, which waits to be sealed, is missing: removed.")
    async for purchase in _all(
        lambda after: checks.purchases(db, tenant, after=after, most=_AT_ONCE), "purchases", tell
    ):
        report.purchases += 1
        _compare(purchase, report)
    is_told = await comparing.is_company_told(db, tenant)
    for register in REGISTERS:
        must_be_told = is_told and register in _MADE_HERE
        await _check_register(db, tenant, register, report, tell, must_be_told=must_be_told)
    await _check_others(db, tenant, report, tell, is_told=is_told)
    await _check_numbers(db, tenant, report)
    await _check_what_hangs(db, tenant, report)
    await _check_spending(db, tenant, report, tell)
    return report


async def _all(read: Callable[[int], Awaitable[list[Any]]], what: str, tell: Tell) -> AsyncIterator[Any]:
    """Read page by page; while one is looked at, the database reads the next."""
    done, following = 0, asyncio.ensure_future(read(0))
    try:
        while found := await following:
            following = asyncio.ensure_future(read(found[-1].id))
            await asyncio.sleep(0)
            for one in found:
                yield one
            done += len(found)
            tell(what, done)
    finally:
        following.cancel()


async def _check_chain(db: Session, tenant: int, report: Report, tell: Tell) -> None:
    walk, head = Walk(), report.head
    while found := await seals.piece(db, tenant, after=walk.position, most=_AT_ONCE):
        walk.pass_by(found)
        report.sealed += len(found)
        tell("seals", report.sealed)
        if any(seal.position == head.position and seal.hash != head.hash for seal in found):
            report.note("The head of the log is not its last seal: changed.")
    report.note(*walk.end())
    if walk.position < head.position:
        first = walk.position + 1
        which = f"position {first:,}" if first == head.position else f"the positions {first:,} to {head.position:,}"
        report.note(f"The head of the log says {which}, and there the seals are missing: removed.")
    beyond = (await seals.head(db, tenant)).position
    if walk.position > beyond:
        report.note(
            f"The seals behind position {beyond:,} are beyond the head of the log: inserted, or the head was changed."
        )
    _check_epochs(await checks.epochs(db, tenant), report)


def _check_epochs(epochs: Sequence[EpochSealed], report: Report) -> None:
    """Hold what was announced of epochs against the epochs of the seals."""
    announced = {one.epoch: one.begins_after for one in epochs if one.begins_after is not None}
    for one in epochs:
        if one.begins_after is None:
            report.note(f"Epoch {one.epoch}, of which there are seals, was announced by nobody: inserted, or removed.")
        later = min((begins_after for epoch, begins_after in announced.items() if epoch > one.epoch), default=None)
        begins_early = one.first is not None and one.first <= (one.begins_after or 0)
        if begins_early or (later is not None and one.last is not None and one.last > later):
            report.note(f"Epoch {one.epoch} is not where it was announced to be: changed.")
    if epochs[-1].epoch != report.head.epoch:
        report.note(f"The head of the log is of epoch {report.head.epoch}, and that is not the last one: changed.")


async def _check_checkpoints(db: Session, tenant: int, report: Report, checkpoints: Sequence[Checkpoint]) -> None:
    for kept in checkpoints:
        if kept.position == 0:
            continue
        found = await seals.piece(db, tenant, after=kept.position - 1, most=1)
        where = f"The checkpoint of position {kept.position:,}, made {kept.at:%Y-%m-%d %H:%M} UTC,"
        if not found or found[0].position != kept.position:
            report.note(f"{where} is beyond the log: what happened since then is missing.")
        elif found[0].hash != kept.hash:
            report.note(f"{where} is not of this log: something up to there was changed, removed or inserted.")


def _check_event(event: LoggedEvent, report: Report) -> None:
    report.events += 1
    report.waiting += event.is_waiting
    report.erased += event.texts is TextsAre.ERASED
    if not event.is_sealed and not event.is_waiting:
        report.note(f"Event {event.id} has no seal and waits for none: inserted, or its seal was removed.")
    if event.is_sealed and event.is_waiting:
        report.note(f"Event {event.id} has its seal and waits for one: inserted among what waits.")
    if event.lost_purchase_id is not None and event.lost_purchase_id not in report.lost_purchases:
        report.lost_purchases.add(event.lost_purchase_id)
        report.note(f"Purchase {event.lost_purchase_id}, of which event {event.id} tells, is missing: removed.")
    if event.texts is TextsAre.INSERTED:
        report.note(f"The texts of event {event.id} are bound to nothing: inserted.")
    if event.texts is TextsAre.CHANGED:
        report.note(f"The texts of event {event.id} do not fit their hash: changed.")
    if event.texts is TextsAre.REMOVED:
        report.note(f"The texts of event {event.id} are missing, and no erasure tells of them: removed.")


async def _check_register(
    db: Session, tenant: int, register: Register[Any], report: Report, tell: Tell, *, must_be_told: bool
) -> None:
    def read(after: int) -> Awaitable[list[Rebuilt]]:
        return checks.entries(db, tenant, register, after=after, most=_AT_ONCE)

    async for entry in _all(read, register.table.replace("_", " "), tell):
        report.entries += 1
        if entry.told != {} or must_be_told:
            _compare(entry, report)
        elif entry.version > 1:
            report.note(f"{register.called} {entry.id} was changed, and no event tells of it.")
        else:
            report.untold += 1
    for number in await checks.gone(db, tenant, register, most=MOST_FINDINGS):
        report.note(f"{register.called} {number} is missing: removed.")


async def _check_others(db: Session, tenant: int, report: Report, tell: Tell, *, is_told: bool) -> None:
    """Check what has no versions: keys, policies, documents of orders, attachments, and what the company has set."""
    for what, read in _OTHERS.items():
        async for one in _all(partial(read, db, tenant), what, tell):
            report.entries += 1
            if one.told or is_told or what not in _BEFORE_THE_LOG:
                _compare(one, report)
            else:
                report.untold += 1
    for name, table in _GONE.items():
        for number in await comparing.gone(db, tenant, table, most=MOST_FINDINGS):
            report.note(f"{name} {number} is missing: removed.")
    for number in await comparing.missing_attachments(db, tenant, most=MOST_FINDINGS):
        report.note(f"Attachment {number} is missing: removed.")
    company = await comparing.company(db, tenant)
    report.entries += 1
    _compare(company, report, is_untold=lambda name: not is_told or name.startswith("Recovery rule"))


async def _check_numbers(db: Session, tenant: int, report: Report) -> None:
    """Look for what all the others pass by: they read from number 1 on, as whoever gives numbers does."""
    for what, (table, key) in _NUMBERED.items():
        for number in await checks.below(db, tenant, table, key, most=MOST_FINDINGS):
            report.note(f"{what} {number} has a number that nothing is given: inserted.")


async def _check_what_hangs(db: Session, tenant: int, report: Report) -> None:
    """Look for rows that nothing leads to, and for what would let a row be there twice."""
    for name in await checks.hanging_on_nothing(db, tenant, most=MOST_FINDINGS):
        report.note(f"{name} is told of by no event: inserted.")
    for table in await checks.without_key(db, _TABLES):
        report.note(f"The table {table} has no primary key any more: rows of it may be there twice.")


async def _check_spending(db: Session, tenant: int, report: Report, tell: Tell) -> None:
    """Check what is summed up beside purchases, less what is still to be counted."""

    def read(after: int) -> Awaitable[list[Rebuilt]]:
        return spending_checks.lines(db, tenant, after=after, most=_AT_ONCE)

    async for counted in _all(read, "what is spent", tell):
        _compare(counted, report)
    report.note(*await spending_checks.wrong(db, tenant, most=MOST_FINDINGS))


def _compare(thing: Rebuilt, report: Report, *, is_untold: Callable[[str], bool] = lambda _: False) -> None:
    """Hold rows against what was told of them; ``is_untold`` says of which ones nothing need be told."""
    report.rows += len(thing.there)
    if thing.told is None:
        report.note(f"{min(thing.there, default='The company')} can't be rebuilt from its events.")
        return
    for name in sorted(thing.there.keys() | thing.told.keys()):
        there, told = thing.there.get(name), thing.told.get(name)
        if there is None:
            report.note(f"{name} is missing: removed.")
        elif told is None and is_untold(name):
            report.untold += 1
        elif told is None:
            report.note(f"{name} is told of by no event: inserted.")
        elif wrong := differences(there, told):
            report.note(f"{name} is not what its events tell: {', '.join(wrong)} changed past the log.")
