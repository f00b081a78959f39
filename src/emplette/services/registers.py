"""How the entries of a register are read and written: read, decide, write with the guard; on a lost race once more."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from emplette.domain.errors import Faults, NotFound, PreconditionFailed, Refusal, Unavailable
from emplette.domain.registers import Entry, Known, Reference, newly_said, note_missing
from emplette.services.work import Work
from emplette.storage import changes, idempotency, registers
from emplette.storage.changes import Answer, Change, answer_of
from emplette.storage.database import Together
from emplette.storage.idempotency import KeptEntry
from emplette.storage.registers import Register

T = TypeVar("T", bound=Entry)

ATTEMPTS: Final = 20
BUSY: Final = "Too many others are changing the same just now."


@dataclass(frozen=True, slots=True)
class Written(Generic[T]):
    """An entry after a call, the names of what it refers to, and how that is answered; ``kept`` for a repeat."""

    entry: T
    known: Known
    status: int = 200
    replayed: bool = False
    kept: KeptEntry[T] | None = None


Load = Callable[[], Awaitable[tuple[Sequence[T], Known]]]
"""Reads what the decision needs: the entry itself, those it could collide with, the names of what is referred to."""
Decide = Callable[[Sequence[T], Known], Change[T]]
Finish = Callable[[Together, T], Awaitable[None]]
Keep = Callable[[T], Answer]
"""Says what is kept for the repeats of a call, where they are answered with more than the entry."""


async def read_entry(work: Work, register: Register[T], number: int, absent: type[NotFound]) -> Written[T]:
    """Look at one entry.

    Raises:
        NotFound: as ``absent`` says.
    """
    entry, known = await registers.find(work.db, work.tenant.id, register, number)
    if entry is None:
        raise absent
    return Written(entry, known)


async def write_entry(
    work: Work,
    register: Register[T],
    load: Load[T],
    decide: Decide[T],
    *,
    finish: Finish[T] | None = None,
    keep: Keep[T] | None = None,
) -> Written[T]:
    """Make or change one entry; one that stays as it is, is not written. What ``finish`` says takes effect with it.

    Raises:
        PreconditionFailed: it is not at a version that the caller accepts.
        Invalid: names what it refers to and is missing.
        KeyReused: the idempotency key was used for another request.
        Refusal: as ``load`` and ``decide`` say.
    """
    for _ in range(ATTEMPTS):
        try:
            entries, known = await load()
            change = decide(entries, known)
            before, after = change.before, change.after
            if before is not None:
                _check_version(work, before)
            faults = Faults()
            note_missing(newly_said(before, after), known, faults, today=work.today)
            faults.raise_if_any()
        except Refusal:
            done = await _done_before(work, register)
            if done is not None:
                return done
            raise
        if before is not None and replace(before, version=after.version) == after:  # type: ignore[type-var]
            return Written(before, known)
        answer = answer_of(register, after) if keep is None else keep(after)
        if await _write(work, register, change, answer, finish):
            return Written(after, known, work.status)
        done = await _done_before(work, register)
        if done is not None:
            return done
    raise Unavailable(BUSY)


async def _write(
    work: Work, register: Register[T], change: Change[T], answer: Answer, finish: Finish[T] | None
) -> bool:
    db, tenant, author, key = work.db, work.tenant.id, work.author, work.key
    if finish is None:
        return await changes.write(db, tenant, register, [change, *change.also], author=author, key=key, answer=answer)
    return await changes.write_then(
        db,
        tenant,
        register,
        [change],
        author=author,
        key=key,
        answer=answer,
        finish=lambda together: finish(together, change.after),
    )


async def note_missing_references(
    work: Work, register: Register[Any], wanted: Sequence[Reference], faults: Faults
) -> None:
    """Note what a body with faults refers to that is not there, without writing anything."""
    if wanted:
        known = await registers.names_of(work.db, work.tenant.id, register, wanted)
        note_missing(wanted, known, faults, today=work.today)


async def kept_before(work: Work, register: Register[T]) -> KeptEntry[T] | None:
    """Find what was done under the call's idempotency key, if it has one.

    Raises:
        KeyReused: it was another request.
    """
    return await work.kept(
        lambda db, tenant, api_key_id, scope, key: idempotency.find_entry(
            db, tenant, register, api_key_id=api_key_id, scope=scope, key=key
        )
    )


def version_tag(entry: Entry) -> str:
    """Name the version of an entry: its ETag."""
    return f"{entry.id}.{entry.version}"


async def _done_before(work: Work, register: Register[T]) -> Written[T] | None:
    kept = await kept_before(work, register)
    if kept is None or kept.entry is None:
        return None
    return Written(kept.entry, kept.known, kept.status, replayed=True, kept=kept)


def _check_version(work: Work, entry: Entry) -> None:
    if work.if_match is None or version_tag(entry) in work.if_match:
        return
    raise PreconditionFailed("It has changed since it was read: read it again.", etag=f'"{version_tag(entry)}"')
