"""What people do with absences: enter one, take one back, look at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from emplette.domain.absences import Absence, AbsenceNotFound, NotYourAbsence, note_faults, refuse_loop
from emplette.domain.errors import Faults, Invalid
from emplette.domain.money import Money
from emplette.domain.people import Permission, UserKind
from emplette.domain.registers import Known, Reference
from emplette.services.registers import Written, kept_before, note_missing_references, write_entry
from emplette.services.work import Work
from emplette.storage import absences as storage
from emplette.storage import registers
from emplette.storage.absences import ABSENCES
from emplette.storage.changes import Change
from emplette.storage.lists import Slice
from emplette.storage.registers import EntryPage, Filters

_FIELDS: Final = {
    "user_id": ("userId", "users"),
    "deputy_id": ("deputyId", "users"),
    "cost_center_id": ("costCenterId", "cost_centers"),
}


@dataclass(frozen=True, slots=True)
class AbsenceDraft:
    """What somebody says of an absence: who is away (themselves, when nothing is said), when, and who decides then."""

    user_id: int | None
    deputy_id: int
    starts_on: date
    ends_on: date
    cost_center_id: int | None = None
    most: Money | None = None


async def list_absences(work: Work, filters: Mapping[str, Sequence[Any]], piece: Slice) -> EntryPage[Absence]:
    """List the absences that were not taken back, by id: everybody may know who is away and who decides meanwhile."""
    wanted = Filters({**filters, "is_ended": [False]})
    return await registers.list_entries(work.db, work.tenant.id, ABSENCES, wanted, piece)


async def enter_absence(work: Work, draft: AbsenceDraft) -> Written[Absence]:
    """Enter an absence of the caller's own or, for who configures the company, of anybody's.

    Raises:
        NotYourAbsence: it is somebody else's.
        Invalid: names everything that can't be.
        AbsenceLoops: a chain of deputies would lead back to who is away.
        KeyReused: the idempotency key was used for another request.
    """
    absence = Absence(
        id=await work.new_id("absence"),
        user_id=_whose(work, draft.user_id),
        deputy_id=draft.deputy_id,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        cost_center_id=draft.cost_center_id,
        entered_at=work.now,
        most_minor=None if draft.most is None else draft.most.minor,
        most_currency=None if draft.most is None else draft.most.currency.code,
    )
    _refuse_others(work, absence)

    async def load() -> tuple[Sequence[Absence], Known]:
        return await storage.find_not_ended(work.db, work.tenant.id, absence, absence.references())

    def decide(others: Sequence[Absence], known: Known) -> Change[Absence]:
        faults = Faults()
        note_faults(absence, faults, today=work.today)
        for path, number in (("userId", absence.user_id), ("deputyId", absence.deputy_id)):
            if number in known.users and known.users[number].kind is not UserKind.PERSON:
                faults.add(path, f"Is a key's user: there is no person {number}.")
        faults.raise_if_any()
        refuse_loop(absence, others)
        return Change(None, absence)

    done = await write_entry(work, ABSENCES, load, decide)
    work.shelf.policies.forget_chart(work.tenant.id)
    return done


async def note_missing(work: Work, named: Mapping[str, int], faults: Faults) -> None:
    """Note what is missing among the things that an absence with other faults names, by their fields."""
    references = [Reference(*_FIELDS[name], number) for name, number in named.items()]
    await note_missing_references(work, ABSENCES, references, faults)


async def end_absence(work: Work, absence_id: int) -> Written[Absence]:
    """Take an absence back, the caller's own or, for who configures the company, anybody's; what has ended stays so.

    Raises:
        AbsenceNotFound: there is none.
        NotYourAbsence: it is somebody else's.
        PreconditionFailed: it is not at a version that the caller accepts.
    """

    def decide(found: Sequence[Absence], _: Known) -> Change[Absence]:
        if not found:
            raise AbsenceNotFound
        absence = found[0]
        _refuse_others(work, absence)
        ended = replace(absence, ended_at=work.now, version=absence.version + 1)
        return Change(absence, absence if absence.ended_at else ended)

    done = await write_entry(
        work, ABSENCES, lambda: registers.find_all(work.db, work.tenant.id, ABSENCES, [absence_id]), decide
    )
    work.shelf.policies.forget_chart(work.tenant.id)
    # What has ended already is not written again: was it this very call that ended it, then that is its answer.
    kept = await kept_before(work, ABSENCES) if done.entry.ended_at != work.now and not done.replayed else None
    return done if kept is None or kept.entry is None else Written(kept.entry, kept.known, kept.status, replayed=True)


def _whose(work: Work, user_id: int | None) -> int:
    if user_id is not None:
        return user_id
    if work.who.person is None:
        raise Invalid.field("userId", "Must be said by a key that is bound to nobody.")
    return work.who.person.id


def _refuse_others(work: Work, absence: Absence) -> None:
    is_own = work.who.person is not None and work.who.person.id == absence.user_id
    if not is_own and Permission.CONFIGURE not in work.who.permissions:
        raise NotYourAbsence
