"""How registers are written: the guard, the key, the changed rows and the events in one statement.

What one call writes is written whole or not at all, and so is an import, which says several such statements together.
A register's own guard comes first. ``go`` then locks the entries that are still at the version that was read; when one
of them is not, or the guard does not hold, nothing passes. ``keyed``
keeps the idempotency key; what is ``fit`` then is written.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

import asyncpg
import msgspec

from emplette.domain.registers import Entry
from emplette.storage.commands import Author, Key, key_of
from emplette.storage.database import Session, Together
from emplette.storage.registers import Register
from emplette.storage.texts import hash_of_texts

T = TypeVar("T", bound=Entry)

_encode = msgspec.json.Encoder().encode

_BATCH: Final = 2_000
"""So many entries of an import go into one statement: its memory stays the same however long the file is."""

# The limit is why a plan for any number of items looks entries up one by one: see `commands`.
_WRITE: Final = """
WITH item AS MATERIALIZED (
    SELECT (j->>'n')::int AS n, (j->>'id')::int AS id, (j->>'read_version')::int AS read_version, j
    FROM unnest($2::jsonb[]) AS j LIMIT cardinality($2)
),
{guard}
go AS MATERIALIZED (
    SELECT item.n FROM item JOIN {table} t
        ON t.tenant_id = $1 AND t.{key} = item.id AND t.version = item.read_version
    {guarded}
    ORDER BY t.{key} FOR NO KEY UPDATE OF t
),
passed AS MATERIALIZED (
    SELECT WHERE (SELECT count(*) FROM go) = (SELECT count(*) FROM item WHERE item.read_version IS NOT NULL)
),
keyed AS (
    INSERT INTO idempotency_keys (tenant_id, api_key_id, scope, key, body_hash, status, object_type, object_id,
                                  purchase_id, version, report, created_at)
    SELECT $1, k.api_key_id, k.scope, k.key, k.body_hash, k.status, k.object_type, k.object_id, k.purchase_id,
           k.version, k.report, k.created_at
    FROM passed, jsonb_populate_record(NULL::idempotency_keys, $3::jsonb) k
    WHERE $3::jsonb IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING 1
),
fit AS MATERIALIZED (
    SELECT item.* FROM item, passed WHERE $3::jsonb IS NULL OR EXISTS (SELECT FROM keyed)
),
updated AS (
    UPDATE {table} t SET {assignments}
    FROM fit, jsonb_populate_record(NULL::{table}, fit.j->'row') x
    WHERE t.tenant_id = $1 AND t.{key} = fit.id AND fit.read_version IS NOT NULL
),
inserted AS (
    INSERT INTO {table} (tenant_id, {key}, {columns})
    SELECT $1, fit.id, {values} FROM fit, jsonb_populate_record(NULL::{table}, fit.j->'row') x
    WHERE fit.read_version IS NULL
),
{beside}
event AS (
    INSERT INTO events (tenant_id, at, type, object_type, object_id, version, actor_id, api_key_id, call_id, facts,
                        texts_hash)
    SELECT $1, ($4::jsonb->>'at')::timestamptz, '{kind}.' || e.what, '{kind}', fit.id,
           (fit.j->'row'->>'version')::int, ($4::jsonb->>'actor_id')::int, ($4::jsonb->>'api_key_id')::int,
           $4::jsonb->>'call_id', e.facts, e.texts_hash
    FROM fit, jsonb_to_recordset(fit.j->'events') AS e(what text, facts jsonb, texts_hash bytea)
    ORDER BY fit.n
    RETURNING event_id, object_id, type
),
chained AS (INSERT INTO unsealed (tenant_id, event_id) SELECT $1, event_id FROM event),
told AS (
    INSERT INTO event_texts (tenant_id, event_id, salt, texts)
    SELECT $1, event.event_id, e.salt, e.texts
    FROM fit CROSS JOIN jsonb_to_recordset(fit.j->'events') AS e(what text, salt bytea, texts jsonb)
    JOIN event ON event.object_id = fit.id AND event.type = '{kind}.' || e.what
    WHERE e.texts IS NOT NULL
)
SELECT EXISTS (SELECT FROM passed) AND ($3::jsonb IS NULL OR EXISTS (SELECT FROM keyed)) AS is_written
"""


# Plans are made for as many items as there are, not for one; codes may change hands from batch to batch.
_FOR_MANY: Final = ("SET LOCAL plan_cache_mode = force_custom_plan", "SET CONSTRAINTS ALL DEFERRED")


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """An entry as it was read, None for a new one, and as it shall be; ``beside`` is for the register's own rows.

    ``also`` are changes of other entries that take effect with it.
    """

    before: T | None
    after: T
    beside: Mapping[str, Any] | None = None
    also: "tuple[Change[T], ...]" = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is kept with an idempotency key: the object that was answered with, or a report.

    Beside an entry, the report has the fields of it that no event tells, or a list of others with which it is answered.
    One that is answered with a purchase is kept with the version of that.
    """

    kind: str
    object_id: int | None = None
    version: int | None = None
    report: Any = field(default=None)
    purchase_id: int | None = None


def answer_of(register: Register[T], after: T) -> Answer:
    """Say what is kept for the repeats of a call that is answered with an entry."""
    only_read = {name: value for name in register.untold if (value := getattr(after, name)) is not None}
    return Answer(register.kind, after.id, after.version, report=only_read or None)


async def write(
    db: Session,
    tenant: int,
    register: Register[T],
    changes: Sequence[Change[T]],
    *,
    author: Author,
    key: Key | None = None,
    answer: Answer | None = None,
) -> bool:
    """Write changes, all of them or none; False when an entry changed meanwhile, or a name or the key was taken."""
    kept = None if key is None or answer is None else _encode(_key_of(key, author, answer)).decode()
    columns = tuple(register.row(changes[0].after)) if changes else ("version",)
    arguments = (tenant, _items(register, changes), kept, _by(author))
    try:
        rows = await db.write(_statement(register, columns), *arguments, expects=register.unique)
    except asyncpg.UniqueViolationError:
        return False
    return bool(rows[0]["is_written"])


async def write_then(
    db: Session,
    tenant: int,
    register: Register[T],
    changes: Sequence[Change[T]],
    *,
    author: Author,
    finish: Callable[[Together], Awaitable[None]],
    key: Key | None = None,
    answer: Answer | None = None,
) -> bool:
    """Write changes, and what ``finish`` says after them: all of it takes effect together; False as `write` says."""
    kept = None if key is None or answer is None else _encode(_key_of(key, author, answer)).decode()

    async def say(together: Together) -> bool:
        is_written = await write_among(together, tenant, register, changes, author=author, kept=kept)
        if is_written:
            await finish(together)
        return is_written

    try:
        return await db.together(say, expects=register.unique)
    except asyncpg.UniqueViolationError:
        return False


async def write_among(
    db: Together,
    tenant: int,
    register: Register[T],
    changes: Sequence[Change[T]],
    *,
    author: Author,
    kept: str | None = None,
) -> bool:
    """Write changes as a part of what takes effect together; False as `write` says. ``kept`` is the call's key."""
    statement = _statement(register, tuple(register.row(changes[0].after)))
    rows = await db.write(statement, tenant, _items(register, changes), kept, _by(author))
    return bool(rows[0]["is_written"])


async def write_many(
    db: Session,
    tenant: int,
    register: Register[T],
    changes: Sequence[Change[T]],
    *,
    author: Author,
    tell: Callable[[int], None],
    finish: Callable[[Together], Awaitable[None]],
) -> bool:
    """Write as many changes as there are, all of them or none; False as `write` says.

    Args:
        db: the way to the database.
        tenant: whose entries they are.
        register: where they are kept.
        changes: at least one, and of one entry one at most.
        author: who makes them.
        tell: is told after each statement how many are on their way.
        finish: says what shall take effect with them.
    """
    # Rows are locked in one order by everybody.
    ordered = sorted(changes, key=lambda change: change.after.id)
    # Entries that refer to each other need each other in one statement, where references are checked at its end.
    size = len(ordered) if register.table in register.referred else _BATCH
    batches = [ordered[start : start + size] for start in range(0, len(ordered), size)]

    async def say(together: Together) -> bool:
        for setting in _FOR_MANY:
            await together.write(setting)
        statement = _statement(register, tuple(register.row(ordered[0].after)))
        items = _items(register, batches[0])
        for number, following in enumerate([*batches[1:], []], start=1):
            # While the server writes one batch, the next is made ready.
            rows, items = await asyncio.gather(
                together.write(statement, tenant, items, None, _by(author)),
                asyncio.to_thread(_items, register, following),
            )
            if not rows[0]["is_written"]:
                return False
            tell(min(number * size, len(ordered)))
        await finish(together)
        return True

    try:
        return await db.together(say, expects=register.unique)
    except asyncpg.UniqueViolationError:
        return False


def _items(register: Register[T], changes: Sequence[Change[T]]) -> list[str]:
    return [_encode(_item(register, number, change)).decode() for number, change in enumerate(changes)]


def _by(author: Author) -> str:
    by = {
        "at": author.at,
        "actor_id": author.who.user.id,
        "api_key_id": author.who.api_key_id,
        "call_id": author.call_id,
    }
    return _encode(by).decode()


@lru_cache
def _statement(register: Register[Any], columns: tuple[str, ...]) -> str:
    return _WRITE.format(
        table=register.table,
        key=register.key,
        kind=register.kind,
        columns=", ".join(columns),
        values=", ".join(f"x.{column}" for column in columns),
        assignments=", ".join(
            f"{column} = {value}"
            for column, value in ({column: f"x.{column}" for column in columns} | dict(register.reckoned)).items()
        ),
        beside=register.beside,
        guard=register.guard,
        guarded="WHERE (SELECT holds FROM guard)" if register.guard else "",
    )


def _item(register: Register[T], number: int, change: Change[T]) -> dict[str, Any]:
    before, after = change.before, change.after
    return {
        "n": number,
        "id": after.id,
        "read_version": None if before is None else before.version,
        "row": register.row(after),
        "events": _events(register, before, after),
        "beside": change.beside,
    }


def _events(register: Register[T], before: T | None, after: T) -> list[dict[str, Any]]:
    """Tell what happened to an entry: the entry as it is now, and by themselves the parts that are told so."""
    old: Mapping[str, Any] = {} if before is None else msgspec.to_builtins(before)
    new: dict[str, Any] = {
        name: value for name, value in msgspec.to_builtins(after).items() if name not in register.untold
    }
    apart = {name for fields in register.told_by_itself.values() for name in fields}
    events = []
    if before is None or any(old[name] != new[name] for name in new if name not in apart and name != "version"):
        fields = {name: value for name, value in new.items() if name not in apart}
        events.append(_event(register, "created" if before is None else "changed", fields))
    for what, names in register.told_by_itself.items():
        if any(old.get(name) != new[name] for name in names):
            is_over = all(new[name] is None for name in names)
            called = register.told_back.get(what, what) if is_over else what
            events.append(_event(register, called, {name: new[name] for name in names} | {"version": new["version"]}))
    return events


def _event(register: Register[Any], what: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Write down an event: personal text and bank data stand beside the facts, and are bound to them by a hash."""
    said = {name: value for name, value in fields.items() if name in register.told_apart and value}
    event: dict[str, Any] = {
        "what": what,
        "facts": {register.kind: {name: value for name, value in fields.items() if name not in said}},
    }
    if said:
        salt, texts = secrets.token_bytes(16), {register.kind: said}
        event |= {
            "texts": texts,
            "salt": f"\\x{salt.hex()}",
            "texts_hash": f"\\x{hash_of_texts(salt, texts).hex()}",
        }
    return event


def _key_of(key: Key, author: Author, answer: Answer) -> dict[str, Any]:
    kept = key_of(key, author, answer.kind, answer.object_id)
    return kept | {"version": answer.version, "report": answer.report, "purchase_id": answer.purchase_id}
