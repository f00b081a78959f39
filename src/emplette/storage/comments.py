"""Comments on purchases, and who may see one: those who can be mentioned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import msgspec

from emplette.domain.comments import Comment
from emplette.domain.dossiers import Dossier
from emplette.domain.people import Circle, Principal
from emplette.domain.registers import Known
from emplette.domain.roles import Held, Role, signed_in
from emplette.storage import registers
from emplette.storage.database import Session
from emplette.storage.dossiers import AROUND_PURCHASE, COLUMNS, read
from emplette.storage.reading import user_of
from emplette.storage.registers import Register
from emplette.storage.rows import UserName

_FIELDS: Final = ("purchase_id", "author_id", "written_at", "text", "mentioned_ids", "version")


def _row(comment: Comment) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(comment)
    del row["id"]
    return row


COMMENTS: Final = Register(
    kind="comment",
    table="comments",
    key="comment_id",
    decode=msgspec.json.Decoder(list[Comment]).decode,
    shown={field: f"t.{field}" for field in _FIELDS},
    row=_row,
    referred={"users": "t.author_id || t.mentioned_ids"},
    filters={"purchaseId": "t.purchase_id"},
    few_of="purchaseId",
    told_apart=("text",),
    unique=("comments_pkey",),
)
_LAST_SAID: Final = (
    "t.purchase_id = {} AND (t.written_at, t.comment_id) < ({}::timestamptz, {}::int)"
    " ORDER BY t.written_at DESC, t.comment_id DESC LIMIT {}"
).format(*map(COMMENTS.parameter, range(1, 5)))

# Whose it is, who leads them, who is asked, who stands in for those, and who has any role: what each of them may see,
# the domain says. The purchase is `p`.
_SEERS: Final = """
WITH RECURSIVE mine (user_id) AS (
    SELECT p.owner_id
    UNION
    SELECT coalesce(w.person_id, w.user_id) FROM users w WHERE w.tenant_id = $1 AND w.user_id = p.author_id
),
led_by (user_id) AS (
    SELECT u.manager_id FROM users u JOIN mine ON u.tenant_id = $1 AND u.user_id = mine.user_id
    UNION
    SELECT u.manager_id FROM users u JOIN led_by ON u.tenant_id = $1 AND u.user_id = led_by.user_id
),
above (department_id) AS (
    SELECT u.department_id FROM users u JOIN mine ON u.tenant_id = $1 AND u.user_id = mine.user_id
    UNION
    SELECT d.parent_id FROM departments d JOIN above ON d.tenant_id = $1 AND d.department_id = above.department_id
),
leaders (user_id) AS (
    SELECT user_id FROM led_by
    UNION
    SELECT d.head_id FROM departments d JOIN above ON d.tenant_id = $1 AND d.department_id = above.department_id
),
asked (user_id) AS (
    SELECT a.user_id FROM requests q
    JOIN request_approvers a ON a.tenant_id = $1 AND a.request_id = q.request_id
    WHERE q.tenant_id = $1 AND q.purchase_id = p.purchase_id AND q.commitment_id = p.commitment_id
),
away AS (
    SELECT a.user_id, a.deputy_id FROM absences a
    WHERE a.tenant_id = $1 AND a.ended_at IS NULL AND $4::date BETWEEN a.starts_on AND a.ends_on
),
deputies (user_id, absent_id) AS (
    SELECT away.deputy_id, away.user_id FROM away JOIN asked ON asked.user_id = away.user_id
    UNION
    SELECT second.deputy_id, away.user_id FROM away JOIN asked ON asked.user_id = away.user_id
    JOIN away second ON second.user_id = away.deputy_id WHERE second.deputy_id <> away.user_id
),
held AS (
    SELECT g.user_id, g.role, g.cost_center_id, g.department_id IS NOT NULL AS is_for_people,
        g.department_id IN (SELECT department_id FROM above) AS covers
    FROM role_grants g WHERE g.tenant_id = $1 AND g.ended_at IS NULL
),
wanted AS (
    SELECT user_id FROM mine UNION SELECT user_id FROM leaders UNION SELECT user_id FROM asked
    UNION SELECT user_id FROM deputies UNION SELECT user_id FROM held
)
SELECT jsonb_agg(jsonb_build_object(
    'id', u.user_id, 'kind', u.kind, 'first_name', u.first_name, 'last_name', u.last_name, 'left_on', u.left_on,
    'person_id', u.person_id,
    'people', ARRAY(SELECT user_id FROM mine),
    'leads', u.user_id IN (SELECT user_id FROM leaders WHERE user_id IS NOT NULL),
    'stands_in_for', ARRAY(SELECT d.absent_id FROM deputies d WHERE d.user_id = u.user_id),
    'held', (SELECT jsonb_agg(to_jsonb(h)) FROM held h WHERE h.user_id = u.user_id)
) ORDER BY u.first_name, u.last_name, u.user_id)
FROM users u JOIN wanted ON u.tenant_id = $1 AND u.user_id = wanted.user_id
WHERE u.kind = 'Person' AND (u.left_on IS NULL OR u.left_on > $4::date)
    AND ($3::int[] IS NULL OR u.user_id = ANY ($3::int[]))"""
_WITH_SEERS: Final = f"""
SELECT {COLUMNS}, ({_SEERS}) AS seers
FROM purchases p {AROUND_PURCHASE} WHERE p.tenant_id = $1 AND p.purchase_id = $2
"""


class _Held(msgspec.Struct):
    """A role as it is held, and whether it reaches somebody whose purchase it is."""

    role: Role
    cost_center_id: int | None
    is_for_people: bool
    covers: bool | None


class _Seer(UserName):
    """Somebody who may have to do with a purchase: what they have to do with it."""

    people: list[int]
    leads: bool
    stands_in_for: list[int]
    held: list[_Held] | None = None


_decode_seers = msgspec.json.Decoder(list[_Seer]).decode


@dataclass(frozen=True, slots=True)
class Around:
    """A purchase, and those who may have to do with it, each with what they may do as far as it matters there."""

    dossier: Dossier
    people: tuple[Principal, ...]


async def find_around(
    db: Session, tenant: int, purchase_id: int, *, today: date, among: Sequence[int] | None = None
) -> Around | None:
    """Read a purchase and the people around it, all of them or those among some; None when it is not there."""
    row = await db.fetchrow(_WITH_SEERS, tenant, purchase_id, None if among is None else list(among), today)
    dossier = read(row)
    if row is None or dossier is None:
        return None
    found = () if row["seers"] is None else _decode_seers(row["seers"])
    return Around(dossier, tuple(_principal(seer) for seer in found))


async def of_purchase(
    db: Session, tenant: int, purchase_id: int, *, before: tuple[datetime, int], most: int
) -> tuple[list[Comment], Known]:
    """Read what was last said about a purchase before a moment and a comment, with the names of those who said it."""
    return await registers.find_where(db, tenant, COMMENTS, _LAST_SAID, [purchase_id, *before, most])


def _principal(seer: _Seer) -> Principal:
    people = frozenset(seer.people)
    return signed_in(
        user_of(seer),
        [Held(one.role, _circle(one, people)) for one in seer.held or ()],
        supervised=people if seer.leads else frozenset(),
        stands_in_for=frozenset(seer.stands_in_for),
    )


def _circle(held: _Held, people: frozenset[int]) -> Circle | None:
    if held.is_for_people:
        return Circle(people=people if held.covers else frozenset())
    return None if held.cost_center_id is None else Circle(cost_centers=frozenset({held.cost_center_id}))
