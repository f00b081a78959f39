"""Files: who uploaded what, and where the bytes lie. The bytes themselves are the store's (`stores`)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from emplette.domain.files import File
from emplette.storage.commands import Author, Key
from emplette.storage.database import Session

_FIND_BYTES: Final = "SELECT content_type, size, total_pages, place FROM blobs WHERE tenant_id = $1 AND sha256 = $2"
_FIND_KEPT: Final = """
SELECT body_hash, status, report FROM idempotency_keys
WHERE tenant_id = $1 AND api_key_id = $2 AND scope = $3 AND key = $4
"""
# Whose bytes they are is settled by the first row of `blobs`; a second upload at the same time waits for it and finds
# itself without a row of its own. A file that refers to bytes which have just been swept is stopped by its foreign key.
_KEEP: Final = """
WITH keyed AS (
    INSERT INTO idempotency_keys (tenant_id, api_key_id, scope, key, body_hash, status, object_type, report, created_at)
    SELECT $1, k.api_key_id, k.scope, k.key, k.body_hash, k.status, 'file', k.report, k.created_at
    FROM jsonb_populate_record(NULL::idempotency_keys, $4::jsonb) k
    WHERE $4::jsonb IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING 1
),
fit AS MATERIALIZED (SELECT WHERE $4::jsonb IS NULL OR EXISTS (SELECT FROM keyed)),
blob AS (
    INSERT INTO blobs (tenant_id, sha256, place, size, content_type, total_pages, stored_at)
    SELECT $1, b.sha256, b.place, b.size, b.content_type, b.total_pages, b.stored_at
    FROM fit, jsonb_populate_record(NULL::blobs, $3::jsonb) b
    WHERE $3::jsonb IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING 1
),
file AS (
    INSERT INTO files (tenant_id, file_id, sha256, name, extension, created_at, author_id)
    SELECT $1, f.file_id, f.sha256, f.name, f.extension, f.created_at, f.author_id
    FROM fit, jsonb_populate_record(NULL::files, $2::jsonb) f
    RETURNING 1
)
SELECT EXISTS (SELECT FROM file) AS is_kept, EXISTS (SELECT FROM blob) AS is_first
"""
# The place is looked up file by file: a join would be planned as one with all blobs that there are.
_UNUSED: Final = """
SELECT f.tenant_id, f.file_id,
    (SELECT b.place FROM blobs b WHERE b.tenant_id = f.tenant_id AND b.sha256 = f.sha256) AS place
FROM files f
WHERE f.used_at IS NULL AND f.created_at < $1
ORDER BY f.created_at, f.file_id LIMIT $2
"""
_SWEEP: Final = """
WITH free AS MATERIALIZED (SELECT pg_try_advisory_xact_lock_shared($3) AS is_free),
gone AS (
    DELETE FROM files WHERE tenant_id = $1 AND file_id = $2 AND used_at IS NULL AND (SELECT is_free FROM free)
    RETURNING sha256
),
freed AS (
    DELETE FROM blobs b USING gone
    WHERE b.tenant_id = $1 AND b.sha256 = gone.sha256
      AND NOT EXISTS (SELECT FROM files f WHERE f.tenant_id = $1 AND f.sha256 = b.sha256 AND f.file_id <> $2)
    RETURNING b.place
)
SELECT (SELECT place FROM freed) AS place FROM gone
"""
_NEEDED: Final = """
SELECT EXISTS (SELECT FROM blobs WHERE tenant_id = $1 AND sha256 = $2 AND place = $3) AS is_needed
"""
SWEEPING: Final = 4_711_378
"""The advisory lock that whoever removes bytes from the store shares, and a back-up has alone."""

_BYTES_EXIST: Final = "files_blob_exists"
_FILE_EXISTS: Final = "attachments_file_exists"
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Bytes:
    """Bytes that a company has in the store, and what they are."""

    content_type: str
    size: int
    total_pages: int | None
    place: str


@dataclass(frozen=True, slots=True)
class Keeping:
    """What came of keeping a file: whether it was, and whether its place is the one from which its bytes are read."""

    is_kept: bool
    is_first: bool


class BytesGone(Exception):
    """The bytes were swept in the moment when somebody uploaded them again."""


@dataclass(frozen=True, slots=True)
class KeptUpload:
    """An upload that took effect under an idempotency key, and the file as it was answered with."""

    body_hash: bytes
    status: int
    file: File


@dataclass(frozen=True, slots=True)
class Swept:
    """A file that was forgotten; at ``place``, if there is one, lie bytes that nothing needs any more."""

    place: str | None


async def find_bytes(db: Session, tenant: int, sha256: bytes) -> Bytes | None:
    """Find bytes that the company has already."""
    row = await db.fetchrow(_FIND_BYTES, tenant, sha256)
    return None if row is None else Bytes(**row)


async def keep(db: Session, tenant: int, file: File, *, is_new: bool, author: Author, key: Key | None) -> Keeping:
    """Write down a file whose bytes are in the store; not kept when the idempotency key was taken.

    The bytes of a new one were stored for it; else they had been found, and are referred to.

    Raises:
        BytesGone: they were found, and have been swept meanwhile; nothing was written.
    """
    row = {
        "file_id": str(file.id),
        "sha256": _hex(file.sha256),
        "name": file.name,
        "extension": file.extension,
        "created_at": file.created_at,
        "author_id": file.author_id,
    }
    blob = {
        "sha256": _hex(file.sha256),
        "place": file.place,
        "size": file.size,
        "content_type": file.content_type,
        "total_pages": file.total_pages,
        "stored_at": file.created_at,
    }
    kept = None if key is None else _encode(_key_row(key, author, file)).decode()
    new_bytes = _encode(blob).decode() if is_new else None
    try:
        rows = await db.write(_KEEP, tenant, _encode(row).decode(), new_bytes, kept, expects=(_BYTES_EXIST,))
    except asyncpg.ForeignKeyViolationError as missing:
        raise BytesGone from missing
    return Keeping(rows[0]["is_kept"], rows[0]["is_first"])


async def find_kept(db: Session, tenant: int, api_key_id: int, scope: str, key: str) -> KeptUpload | None:
    """Look up what was uploaded under an idempotency key."""
    row = await db.fetchrow(_FIND_KEPT, tenant, api_key_id, scope, key)
    if row is None:
        return None
    return KeptUpload(row["body_hash"], row["status"], msgspec.json.decode(row["report"], type=File))


async def unused(db: Session, *, before: datetime, limit: int) -> list[tuple[int, UUID, str]]:
    """List the oldest uploads of all companies that nothing has used: the company, the file, and its bytes' place."""
    return [(row["tenant_id"], row["file_id"], row["place"]) for row in await db.fetch(_UNUSED, before, limit)]


async def sweep(db: Session, tenant: int, file_id: UUID) -> Swept | None:
    """Forget an upload that nothing has used, and its bytes when no other file needs them.

    When somebody uses it, or uploads the same bytes, in this very moment, it stays for the next time; and so it does
    while a back-up is made, to which the bytes may belong.
    """
    try:
        rows = await db.write(_SWEEP, tenant, file_id, SWEEPING, expects=(_BYTES_EXIST, _FILE_EXISTS))
    except asyncpg.ForeignKeyViolationError:
        return None
    return Swept(rows[0]["place"]) if rows else None


async def needs(db: Session, tenant: int, sha256: bytes, place: str) -> bool:
    """Tell whether what lies at a place is what the company's files are read from."""
    return bool((await db.fetch(_NEEDED, tenant, sha256, place))[0]["is_needed"])


def _key_row(key: Key, author: Author, file: File) -> dict[str, Any]:
    return {
        "api_key_id": author.who.key_id,
        "scope": key.scope,
        "key": key.text,
        "body_hash": _hex(key.body_hash),
        "status": key.status,
        "report": file,
        "created_at": author.at,
    }


def _hex(value: bytes) -> str:
    """Write bytes as PostgreSQL reads them."""
    return f"\\x{value.hex()}"
