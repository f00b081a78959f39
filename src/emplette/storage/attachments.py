"""Attachments: finding what a caller names, beside the purchase it shall hang on, and making one of a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from emplette.domain.attachments import Attachment, Candidate, Found, Holder, Name, Readers
from emplette.domain.commitments import LIVE, CommitmentState
from emplette.domain.dossiers import Dossier, Happening
from emplette.storage.commands import Author, Key, events_of, key_of
from emplette.storage.database import Session
from emplette.storage.dossiers import AROUND_COMMITMENT, AROUND_PURCHASE, COLUMNS, read
from emplette.storage.hanging import ONE_A_FILE, facts_of_attachment
from emplette.storage.names import BYTES_OF_FILE, FILE
from emplette.storage.reading import file_of
from emplette.storage.rows import FileRow
from emplette.storage.single_rows import one_row

# What is named by numbers and by files: each file, whose it is, what it hangs on, and who sees that.
_FOUND: Final = f"""(
    SELECT jsonb_agg(jsonb_build_object(
        'file', {FILE}, 'attachment_id', a.attachment_id, 'made_at', a.created_at,
        'commitment_id', a.commitment_id, 'state', h.state,
        'uploaders', jsonb_build_array(u.user_id, u.person_id),
        'places', (
            SELECT jsonb_agg(jsonb_build_object(
                'people', jsonb_build_array(hp.owner_id, hp.author_id, hu.person_id),
                'cost_center', hp.cost_center_id,
                'asked', ARRAY(SELECT q.user_id FROM request_approvers q
                               WHERE q.tenant_id = $1 AND q.request_id = hc.request_id)))
            FROM commitments hc
            JOIN {one_row("hp", "purchases", "purchase_id", "hc.purchase_id")}
            JOIN {one_row("hu", "users", "user_id", "hp.author_id")}
            WHERE hc.tenant_id = $1 AND hc.commitment_id = ANY (a.formerly || a.commitment_id))))
    FROM files f {BYTES_OF_FILE}
    JOIN {one_row("u", "users", "user_id", "f.author_id")}
    LEFT JOIN {one_row("a", "attachments", "file_id", "f.file_id")}
    LEFT JOIN {one_row("h", "commitments", "commitment_id", "a.commitment_id")}
    WHERE f.tenant_id = $1 AND f.file_id = ANY ({{files}} || ARRAY(
        SELECT x.file_id FROM attachments x WHERE x.tenant_id = $1 AND x.attachment_id = ANY ({{numbers}})))
) AS found"""
_BESIDE: Final = _FOUND.format(files="$3::uuid[]", numbers="$4::int[]")
# What is named can be told also when there is no such purchase.
_WITH_PURCHASE: Final = f"""
SELECT p.purchase_id, {COLUMNS}, {_BESIDE}
FROM (SELECT) AS one LEFT JOIN purchases p ON p.tenant_id = $1 AND p.purchase_id = $2 {AROUND_PURCHASE}
"""
_WITH_COMMITMENT: Final = f"""
SELECT p.purchase_id, {COLUMNS}, {_BESIDE}
FROM commitments c {AROUND_COMMITMENT} WHERE c.tenant_id = $1 AND c.commitment_id = $2
"""
_FIND: Final = f"SELECT {_FOUND.format(files='$2::uuid[]', numbers='$3::int[]')}"
_FIND_KEPT: Final = f"""
SELECT k.body_hash, k.status, k.object_id, {_FOUND.format(files="'{}'::uuid[]", numbers="ARRAY[k.object_id]")}
FROM idempotency_keys k
WHERE k.tenant_id = $1 AND k.api_key_id = $2 AND k.scope = $3 AND k.key = $4 AND k.object_type = 'attachment'
"""
_CREATE: Final = """
WITH unused AS MATERIALIZED (
    SELECT held.file_id FROM (
        SELECT f.file_id, f.used_at FROM files f WHERE f.tenant_id = $1 AND f.file_id = $2 OFFSET 0 FOR NO KEY UPDATE
    ) AS held WHERE held.used_at IS NULL
),
keyed AS (
    INSERT INTO idempotency_keys (tenant_id, api_key_id, scope, key, body_hash, status, object_type, object_id,
                                  version, created_at)
    SELECT $1, k.api_key_id, k.scope, k.key, k.body_hash, k.status, k.object_type, k.object_id, 1, k.created_at
    FROM unused, jsonb_populate_record(NULL::idempotency_keys, $4::jsonb) k
    WHERE $4::jsonb IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING 1
),
fit AS MATERIALIZED (SELECT file_id FROM unused WHERE $4::jsonb IS NULL OR EXISTS (SELECT FROM keyed)),
used AS (
    UPDATE files f SET used_at = e.at FROM fit, jsonb_populate_record(NULL::events, $3::jsonb) e
    WHERE f.tenant_id = $1 AND f.file_id = fit.file_id
),
made AS (
    INSERT INTO attachments (tenant_id, attachment_id, file_id, created_at, author_id)
    SELECT $1, e.object_id, fit.file_id, e.at, e.actor_id
    FROM fit, jsonb_populate_record(NULL::events, $3::jsonb) e
),
event AS (
    INSERT INTO events (tenant_id, at, type, object_type, object_id, version, actor_id, api_key_id, call_id, facts,
                        texts_hash)
    SELECT $1, e.at, e.type, e.object_type, e.object_id, 1, e.actor_id, e.api_key_id, e.call_id, e.facts, e.texts_hash
    FROM fit, jsonb_populate_record(NULL::events, $3::jsonb) e
    RETURNING event_id
),
chained AS (INSERT INTO unsealed (tenant_id, event_id) SELECT $1, event_id FROM event),
told AS (
    INSERT INTO event_texts (tenant_id, event_id, salt, texts)
    SELECT $1, event.event_id, e.salt, e.texts
    FROM event, jsonb_populate_record(NULL::event_texts, $3::jsonb) e
)
SELECT file_id FROM fit
"""


class _Place(msgspec.Struct):
    """A purchase on which an attachment hangs or hung: whose it is, and who is asked to approve it."""

    people: list[int | None]
    cost_center: int
    asked: list[int]


class _Row(msgspec.Struct):
    """What was found of one file."""

    file: FileRow
    attachment_id: int | None
    made_at: datetime | None
    commitment_id: int | None
    state: str | None
    uploaders: list[int | None]
    places: list[_Place] | None


@dataclass(frozen=True, slots=True)
class Creation:
    """A file of which a call wants to make an attachment, under an id that was drawn for it."""

    attachment: Attachment
    author: Author
    key: Key | None


@dataclass(frozen=True, slots=True)
class KeptAttachment:
    """A call that took effect: what it was, its status, and the attachment that it made."""

    body_hash: bytes
    status: int
    attachment: Attachment


_encode = msgspec.json.Encoder().encode
_rows = msgspec.json.Decoder(list[_Row]).decode


async def with_purchase(
    db: Session, tenant: int, purchase_id: int, names: Sequence[Name]
) -> tuple[Dossier | None, Found]:
    """Read a purchase and, beside it, what shall hang on its commitment."""
    return _beside(await db.fetchrow(_WITH_PURCHASE, tenant, purchase_id, *_parted(names)))


async def with_commitment(
    db: Session, tenant: int, commitment_id: int, names: Sequence[Name]
) -> tuple[Dossier | None, Found]:
    """Read a commitment and, beside it, what shall hang on it."""
    return _beside(await db.fetchrow(_WITH_COMMITMENT, tenant, commitment_id, *_parted(names)))


async def find(db: Session, tenant: int, names: Sequence[Name]) -> Found:
    """Look up attachments by their numbers, and files by theirs, with who may read them."""
    row = await db.fetchrow(_FIND, tenant, *_parted(names))
    return {} if row is None else _found(row["found"])


async def create(db: Session, tenant: int, creation: Creation) -> bool:
    """Make an attachment of a file; False when it is one already, or the key was taken."""
    attachment, author, key = creation.attachment, creation.author, creation.key
    answers = Happening("attachment.created", "attachment", attachment.id)
    (event,) = events_of([answers], author, {"attachment": facts_of_attachment(attachment)})
    kept = None if key is None else _encode(key_of(key, author, answers.object_type, answers.object_id)).decode()
    try:
        file_id, told = attachment.file.id, _encode(event).decode()
        rows = await db.write(_CREATE, tenant, file_id, told, kept, expects=(ONE_A_FILE,))
    except asyncpg.UniqueViolationError:
        return False
    return bool(rows)


async def find_kept(db: Session, tenant: int, api_key_id: int, scope: str, key: str) -> KeptAttachment | None:
    """Look up what was done under a key."""
    row = await db.fetchrow(_FIND_KEPT, tenant, api_key_id, scope, key)
    attachment = None if row is None else _found(row["found"])[row["object_id"]].attachment
    return None if row is None or attachment is None else KeptAttachment(row["body_hash"], row["status"], attachment)


def _parted(names: Sequence[Name]) -> tuple[list[UUID], list[int]]:
    """Part names into files and numbers."""
    return [name for name in names if isinstance(name, UUID)], [name for name in names if isinstance(name, int)]


def _beside(row: asyncpg.Record | None) -> tuple[Dossier | None, Found]:
    if row is None:
        return None, {}
    return (None if row["purchase_id"] is None else read(row)), _found(row["found"])


def _found(told: str | None) -> Found:
    """Arrange what was found by both of its names."""
    found: dict[Name, Candidate] = {}
    for row in [] if told is None else _rows(told):
        candidate = _candidate(row)
        found[row.file.id] = candidate
        if row.attachment_id is not None:
            found[row.attachment_id] = candidate
    return found


def _candidate(row: _Row) -> Candidate:
    file, places = file_of(row.file), row.places or ()
    attachment = holder = None
    if row.attachment_id is not None and row.made_at is not None:
        attachment = Attachment(row.attachment_id, file, row.made_at, row.commitment_id)
    if row.commitment_id is not None and row.state is not None:
        holder = Holder(row.commitment_id, row.state, is_live=CommitmentState(row.state) in LIVE)
    readers = Readers(
        uploaders=_known(row.uploaders),
        people=frozenset().union(*(_known(place.people) for place in places)),
        asked=frozenset().union(*(place.asked for place in places)),
        cost_centers=frozenset(place.cost_center for place in places),
    )
    return Candidate(file, readers, attachment, holder)


def _known(people: Sequence[int | None]) -> frozenset[int]:
    return frozenset(person for person in people if person is not None)
