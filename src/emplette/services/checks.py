"""Checking the log: the chain of seals, the texts, and whether things are what their events tell."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from emplette.domain.checkpoints import Checkpoint
from emplette.domain.seals import Head, Walk
from emplette.storage import checks, seals
from emplette.storage.checks import LoggedEvent, Rebuilt, TextsAre
from emplette.storage.cost_centers import COST_CENTERS
from emplette.storage.database import Session
from emplette.storage.natures import NATURES
from emplette.storage.organisation import AXES, COST_FAMILIES, DEPARTMENTS, ESTABLISHMENTS, LEGAL_UNITS, SECTIONS
from emplette.storage.people import PEOPLE
from emplette.storage.registers import Register
from emplette.storage.suppliers import SUPPLIERS

Tell = Callable[[str, int], None]
"""Is told again and again what is looked at, and how many of them have been."""

_AT_ONCE: Final = 500
MOST_FINDINGS: Final = 100
"""So many findings are told in words; the rest is counted."""

REGISTERS: Final[Sequence[Register[Any]]] = (
    *(NATURES, COST_CENTERS, SUPPLIERS, PEOPLE, ESTABLISHMENTS, LEGAL_UNITS, DEPARTMENTS, COST_FAMILIES, AXES),
    SECTIONS,
)


@dataclass(slots=True)
class Report:
    """What a check of one company's log has seen, and what is wrong.

    ``untold`` are entries that no event tells of and that were never changed: they came with the company.
    """

    head: Head
    sealed: int = 0
    waiting: int = 0
    erased: int = 0
    purchases: int = 0
    entries: int = 0
    untold: int = 0
    findings: list[str] = field(default_factory=list)
    more: int = 0

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
    """Check the whole log of a company, while it is written or not."""
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
        _check_purchase(purchase, report)
    for register in REGISTERS:
        await _check_register(db, tenant, register, report, tell)
    return report


async def _all(read: Callable[[int], Awaitable[list[Any]]], what: str, tell: Tell) -> AsyncIterator[Any]:
    after = done = 0
    while found := await read(after):
        for one in found:
            yield one
        after = found[-1].id
        done += len(found)
        tell(what, done)


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
        report.note(f"The seals behind position {beyond:,} are beyond the head of the log: inserted.")


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
    report.waiting += event.is_waiting
    report.erased += event.texts is TextsAre.ERASED
    if not event.is_sealed and not event.is_waiting:
        report.note(f"Event {event.id} has no seal and waits for none: inserted, or its seal was removed.")
    if event.is_sealed and event.is_waiting:
        report.note(f"Event {event.id} has its seal and waits for one: inserted among what waits.")
    if event.lost_purchase_id is not None:
        report.note(f"Purchase {event.lost_purchase_id}, of which event {event.id} tells, is missing: removed.")
    if event.texts is TextsAre.INSERTED:
        report.note(f"The texts of event {event.id} are bound to nothing: inserted.")
    if event.texts is TextsAre.CHANGED:
        report.note(f"The texts of event {event.id} do not fit their hash: changed.")


def _check_purchase(purchase: Rebuilt, report: Report) -> None:
    report.purchases += 1
    name = f"Purchase {purchase.id}"
    if purchase.was_told is None:
        report.note(f"{name} can't be rebuilt from its events.")
    elif not purchase.was_told:
        report.note(f"{name} is told of by no event: inserted.")
    else:
        report.note(*_differences(name, purchase.is_there, purchase.was_told))


async def _check_register(db: Session, tenant: int, register: Register[Any], report: Report, tell: Tell) -> None:
    def read(after: int) -> Awaitable[list[Rebuilt]]:
        return checks.entries(db, tenant, register, after=after, most=_AT_ONCE)

    kind = register.kind.replace("_", " ").capitalize()
    async for entry in _all(read, register.table.replace("_", " "), tell):
        report.entries += 1
        if entry.was_told:
            report.note(*_differences(f"{kind} {entry.id}", entry.is_there, entry.was_told))
        elif entry.version > 1:
            report.note(f"{kind} {entry.id} was changed, and no event tells of it.")
        else:
            report.untold += 1


def _differences(name: str, is_there: Mapping[str, Any], was_told: Mapping[str, Any]) -> list[str]:
    """Name what is not as it was told: fields, and parts that are more or fewer."""
    wrong: list[str] = []
    for part in sorted(is_there.keys() | was_told.keys()):
        one, other = is_there.get(part), was_told.get(part)
        if one == other:
            continue
        if isinstance(one, dict) and isinstance(other, dict):
            wrong += [f"{part}.{key}" for key in one if one[key] != other.get(key)]
        else:
            wrong.append(part)
    return [f"{name} is not what its events tell: {', '.join(wrong)} changed past the log."] if wrong else []
