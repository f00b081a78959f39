"""Attachments that change hands in a command on a purchase: how its statement locks, moves and makes them.

Locked after the purchase: attachments by id, then files by id. What is taken must still be whose it was when it was
read; that a commitment was denied or cancelled is never undone, so what was free then is free as long as nobody else
has taken it. A file becomes an attachment once: `used_at` is set with it, and looked at behind the lock.
"""

from collections.abc import Sequence
from typing import Any, Final

from emplette.domain.attachments import Attachment, Hanging
from emplette.domain.people import Stamp

ONE_A_FILE: Final = "attachments_one_a_file"
"""The constraint behind the lock: a file is one attachment at most."""

_ROWS: Final = """jsonb_to_recordset({item}.j->'attachments') AS h(
        attachment_id int, file_id uuid, had int, has int, is_new boolean, at timestamptz, author_id int)"""
_OF_ITEM: Final = f"go JOIN item USING (n) CROSS JOIN {_ROWS.format(item='item')}"
_OF_FIT: Final = f"fit CROSS JOIN {_ROWS.format(item='fit')}"

# What changes hands is found by its keys: joined, all of a company that PostgreSQL takes for a small one may be read.
_NUMBERS: Final = f"ANY (ARRAY(SELECT h.attachment_id FROM {_OF_FIT} WHERE NOT h.is_new))"
_FILES: Final = f"ANY (ARRAY(SELECT h.file_id FROM {_OF_FIT} WHERE h.is_new))"

# Of the items that want the same file, the first goes on.
FIRST: Final = """
    AND NOT EXISTS (
        SELECT FROM item earlier, jsonb_array_elements(earlier.j->'attachments') e,
             jsonb_array_elements(item.j->'attachments') h
        WHERE earlier.n < item.n AND e->'file_id' = h->'file_id')"""
LOCKED: Final = f"""
free AS MATERIALIZED (
    SELECT h.n
    FROM (SELECT go.n, h.attachment_id, h.had FROM {_OF_ITEM} WHERE NOT h.is_new ORDER BY h.attachment_id) AS h
    CROSS JOIN LATERAL (
        SELECT a.commitment_id FROM attachments a
        WHERE a.tenant_id = $1 AND a.attachment_id = h.attachment_id OFFSET 0 FOR NO KEY UPDATE OF a
    ) AS held
    WHERE held.commitment_id IS NOT DISTINCT FROM h.had
),
unused AS MATERIALIZED (
    SELECT h.n
    FROM (SELECT go.n, h.file_id FROM {_OF_ITEM} WHERE h.is_new AND (SELECT count(*) FROM free) >= 0 ORDER BY h.file_id)
        AS h
    CROSS JOIN LATERAL (
        SELECT f.used_at FROM files f WHERE f.tenant_id = $1 AND f.file_id = h.file_id OFFSET 0 FOR NO KEY UPDATE OF f
    ) AS held
    WHERE held.used_at IS NULL
)"""
ALL_LOCKED: Final = """
    WHERE jsonb_array_length(item.j->'attachments')
        = (SELECT count(*) FROM (SELECT n FROM free UNION ALL SELECT n FROM unused) l WHERE l.n = item.n)"""
HUNG: Final = f"""
attachments_moved AS (
    UPDATE attachments a SET commitment_id = h.has,
        formerly = CASE WHEN h.had IS NULL OR h.has IS NULL THEN a.formerly ELSE a.formerly || h.had END
    FROM {_OF_FIT}
    WHERE NOT h.is_new AND a.tenant_id = $1 AND a.attachment_id = h.attachment_id AND a.attachment_id = {_NUMBERS}
),
files_used AS (
    UPDATE files f SET used_at = h.at FROM {_OF_FIT}
    WHERE h.is_new AND f.tenant_id = $1 AND f.file_id = h.file_id AND f.file_id = {_FILES}
),
attachments_made AS (
    INSERT INTO attachments (tenant_id, attachment_id, file_id, commitment_id, created_at, author_id)
    SELECT $1, h.attachment_id, h.file_id, h.has, h.at, h.author_id FROM {_OF_FIT} WHERE h.is_new
)"""


def rows_of_hangings(hangings: Sequence[Hanging], by: Stamp) -> list[dict[str, Any]]:
    """Write down which attachments change hands."""
    return [
        {
            "attachment_id": hanging.attachment.id,
            "file_id": hanging.attachment.file.id,
            "had": hanging.had,
            "has": hanging.attachment.commitment_id,
            "is_new": hanging.is_new,
            "at": by.at,
            "author_id": by.by.id,
        }
        for hanging in hangings
    ]


def facts_of_hangings(hangings: Sequence[Hanging]) -> list[dict[str, Any]]:
    """List what an event tells of attachments that change hands; their names are told beside the facts."""
    return [facts_of_attachment(hanging.attachment) for hanging in hangings]


def facts_of_attachment(attachment: Attachment) -> dict[str, Any]:
    """List what an event tells of an attachment; the name of its file is told beside the facts."""
    return {
        "attachment_id": attachment.id,
        "file_id": str(attachment.file.id),
        "sha256": attachment.file.sha256.hex(),
        "name": attachment.file.name,
        "commitment_id": attachment.commitment_id,
    }
