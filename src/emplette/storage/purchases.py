"""Purchases: their creation, with everything they refer to looked up in the same statement."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import asyncpg
import msgspec

from emplette.domain.dossiers import Dossier, Happening
from emplette.domain.people import Stamp
from emplette.domain.purchases import Purchase, PurchaseDraft, PurchaseState, References, purchase_from
from emplette.domain.text import words_of
from emplette.storage.commands import (
    EVENTS,
    FIT,
    ITEMS,
    KEYED,
    TEXTS,
    WRITTEN,
    Author,
    Key,
    events_of,
    key_of,
)
from emplette.storage.database import Session
from emplette.storage.dossiers import AROUND_PURCHASE, COLUMNS, read
from emplette.storage.merging import Item, Kind
from emplette.storage.reading import cost_center_of, establishment_of, named, supplier_of, user_of
from emplette.storage.references import REFERENCES
from emplette.storage.rows import PurchaseRow, UserName, Word

# What a draft refers to, looked up by the ids in `w`.
_FOUND: Final = f"""
    SELECT w.n, {REFERENCES.format(sections="w.axis_section_ids")} AS "references",
        u.establishment_id AS owner_establishment_id, u.department_id AS owner_department_id,
        CASE WHEN u.user_id IS NOT NULL THEN jsonb_build_object(
            'id', u.user_id, 'kind', u.kind, 'first_name', u.first_name, 'last_name', u.last_name,
            'left_on', u.left_on, 'person_id', u.person_id) END AS owner,
        CASE WHEN n.nature_id IS NOT NULL THEN jsonb_build_object(
            'id', n.nature_id, 'name', n.name, 'state', n.state) END AS nature,
        CASE WHEN c.cost_center_id IS NOT NULL THEN jsonb_build_object(
            'id', c.cost_center_id, 'name', c.name, 'code', c.code, 'state', c.state) END AS cost_center,
        CASE WHEN e.establishment_id IS NOT NULL THEN jsonb_build_object(
            'id', e.establishment_id, 'name', e.name, 'territory_id', e.territory_id, 'currency', e.currency,
            'state', CASE WHEN e.is_archived THEN 'Archived' END) END AS establishment,
        CASE WHEN d.department_id IS NOT NULL THEN jsonb_build_object(
            'id', d.department_id, 'name', d.name) END AS department,
        CASE WHEN s.supplier_id IS NOT NULL THEN jsonb_build_object(
            'id', s.supplier_id, 'name', s.name, 'territory_id', s.territory_id, 'state', s.state) END AS supplier,
        coalesce(s.search_text, regexp_replace(s.folded_name, '[^[:alnum:]]+', ' ', 'g')) AS supplier_words,
        (SELECT jsonb_agg(jsonb_build_object('id', x.axis_section_id, 'name', x.name, 'state', x.state))
         FROM axis_sections x WHERE x.tenant_id = $1 AND x.axis_section_id = ANY (w.axis_section_ids)) AS sections,
        (SELECT count(*) FROM axis_sections x WHERE x.tenant_id = $1 AND x.state = 'Enabled'
         AND x.axis_section_id = ANY (w.axis_section_ids)) = cardinality(w.axis_section_ids) AS has_sections
    FROM {{wanted}} w
    LEFT JOIN users u ON u.tenant_id = $1 AND u.user_id = w.owner_id AND u.kind = 'Person'
    LEFT JOIN natures n ON n.tenant_id = $1 AND n.nature_id = w.nature_id
    LEFT JOIN cost_centers c ON c.tenant_id = $1 AND c.cost_center_id = w.cost_center_id
    LEFT JOIN establishments e ON e.tenant_id = $1
        AND e.establishment_id = coalesce(w.establishment_id, u.establishment_id)
    LEFT JOIN departments d ON d.tenant_id = $1 AND d.department_id = coalesce(w.department_id, u.department_id)
    LEFT JOIN suppliers s ON s.tenant_id = $1 AND s.supplier_id = w.supplier_id"""

_WANTED: Final = f"""{ITEMS},
wanted AS MATERIALIZED (
    SELECT item.n, x.* FROM item, jsonb_populate_record(NULL::purchases, item.j->'purchase') x
),
found AS MATERIALIZED ({_FOUND.format(wanted="wanted")})"""
_CREATE: Final = """
WITH {found},
complete AS MATERIALIZED (
    SELECT i.n, i.purchase_id, i.j || jsonb_build_object('purchase', i.j->'purchase' || jsonb_build_object(
               'establishment_id', f.establishment->'id', 'department_id', f.department->'id',
               'search_text', concat_ws(' ', i.j->'purchase'->>'search_text', f.supplier_words))) AS j
    FROM item i JOIN found f USING (n)
    WHERE f.owner IS NOT NULL AND (f.owner->>'left_on' IS NULL OR (f.owner->>'left_on')::date > (i.j->>'today')::date)
      AND f.nature->>'state' = 'Enabled' AND f.cost_center->>'state' = 'Enabled'
      AND (i.j->'purchase'->>'establishment_id' IS NULL OR f.establishment IS NOT NULL)
      AND f.establishment->>'state' IS NULL
      AND (i.j->'purchase'->>'department_id' IS NULL OR f.department IS NOT NULL)
      AND (i.j->'purchase'->>'supplier_id' IS NULL OR f.supplier->>'state' = 'Active')
      AND f.has_sections
),
{keyed_and_fit},
created AS (
    INSERT INTO purchases SELECT x.* FROM fit, jsonb_populate_record(NULL::purchases, fit.j->'purchase') x
),
{events},
{texts}
SELECT found.*, fit.n IS NOT NULL AS created FROM found LEFT JOIN fit USING (n)
"""
_FACTS: Final = """jsonb_build_object(
        'purchase', (fit.j->'purchase') - '{title,supplier_name,closing_comment,search_text}'::text[])"""


def _creation(*, keyed: bool) -> Kind:
    passed = "complete"
    fit = (KEYED + "," + FIT) if keyed else "\nfit AS MATERIALIZED (SELECT i.* FROM {passed} i)"
    sql = _CREATE.format(
        found=_WANTED,
        keyed_and_fit=fit.format(passed=passed),
        events=EVENTS.format(facts=_FACTS),
        texts=TEXTS,
    )
    return Kind(sql, f"WITH {_WANTED}, {WRITTEN}\nSELECT found.*, true AS created FROM found JOIN written USING (n)")


_CREATE_KEYED: Final = _creation(keyed=True)
_CREATE_UNKEYED: Final = _creation(keyed=False)
_FIND: Final = _FOUND.format(wanted="(SELECT 0 AS n, x.* FROM jsonb_populate_record(NULL::purchases, $2) x)")
_FIND_BESIDE: Final = f"""
SELECT {COLUMNS}, found.* FROM purchases p {AROUND_PURCHASE},
    LATERAL ({_FOUND.format(wanted="(SELECT 0 AS n, x.* FROM jsonb_populate_record(NULL::purchases, $3) x)")}) AS found
WHERE p.tenant_id = $1 AND p.purchase_id = $2
"""
_THERE: Final = "SELECT purchase_id FROM purchases WHERE tenant_id = $1 AND purchase_id = ANY ($2::int[])"

_encode = msgspec.json.Encoder(decimal_format="number").encode
_user = msgspec.json.Decoder(UserName).decode
_word = msgspec.json.Decoder(Word).decode
_words = msgspec.json.Decoder(list[Word]).decode


@dataclass(frozen=True, slots=True)
class Creation:
    """A purchase that a call wants to create, under an id that was drawn for it."""

    purchase_id: int
    draft: PurchaseDraft
    today: date
    author: Author
    key: Key | None

    @property
    def answers(self) -> Happening:
        """What happens when it succeeds."""
        return Happening("purchase.created", "purchase", self.purchase_id)


@dataclass(frozen=True, slots=True)
class Created:
    """What came of it: the purchase, or None; and what the draft refers to, as it was found.

    ``references`` tells whether that is still as it was, see `emplette.storage.references.REFERENCES`.
    """

    purchase: Purchase | None
    found: References
    references: str


async def create(db: Session, tenant: int, creations: Sequence[Creation]) -> list[Created]:
    """Create purchases, with others of this moment, each when all it refers to is there and its key is not taken.

    An establishment or a department that the draft leaves open is the owner's.
    """
    if len(creations) == 1:
        return [await _create(db, tenant, creations[0])]
    return await asyncio.gather(*(_create(db, tenant, creation) for creation in creations))


async def _create(db: Session, tenant: int, creation: Creation) -> Created:
    kind = _CREATE_UNKEYED if creation.key is None else _CREATE_KEYED
    row = await db.say(kind, tenant, _item(tenant, creation))
    if row is None:
        raise AssertionError
    found = _references(row)
    return Created(_purchase(creation, found) if row["created"] else None, found, row["references"])


async def there_already(db: Session, tenant: int, numbers: Sequence[int]) -> set[int]:
    """Find which of these ids are those of purchases."""
    rows = await db.fetch(_THERE, tenant, list(numbers))
    return {row["purchase_id"] for row in rows}


async def find_references(db: Session, tenant: int, draft: PurchaseDraft) -> References:
    """Look up what a draft refers to, without writing anything."""
    row = await db.fetchrow(_FIND, tenant, _encode(_wanted(tenant, draft)).decode())
    if row is None:
        raise AssertionError
    return _references(row)


async def find_with_references(
    db: Session, tenant: int, purchase_id: int, draft: PurchaseDraft
) -> tuple[Dossier, References] | None:
    """Read a purchase and, beside it, what a draft that shall replace it refers to."""
    row = await db.fetchrow(_FIND_BESIDE, tenant, purchase_id, _encode(_wanted(tenant, draft)).decode())
    dossier = read(row)
    return None if row is None or dossier is None else (dossier, _references(row))


def _item(tenant: int, creation: Creation) -> Item:
    """Write down a creation; the facts of its event are the row as it is inserted."""
    author, draft = creation.author, creation.draft
    row = dict.fromkeys(PurchaseRow.__struct_fields__) | _wanted(tenant, draft)
    row |= {
        "purchase_id": creation.purchase_id,
        "version": 1,
        "state": PurchaseState.CREATED,
        "declared_type": draft.declared_type,
        "title": draft.title,
        "supplier_name": draft.supplier_name,
        "supplier_territory_id": draft.supplier_territory_id,
        "search_text": " ".join(words_of(f"{draft.title} {draft.supplier_name or ''}")),
        "writer_ids": sorted(author.who.user.identities),
        "created_at": author.at,
        "author_id": author.who.user.id,
        "modified_at": author.at,
        "modifier_id": author.who.user.id,
    }
    texts = {"title": draft.title, "supplier_name": draft.supplier_name, "closing_comment": None, "search_text": ""}
    item: dict[str, Any] = {
        "today": creation.today,
        "purchase": row,
        "events": events_of([creation.answers], author, {"purchase": texts}),
    }
    if creation.key is not None:
        item["key"] = key_of(creation.key, author, creation.answers.object_type, creation.purchase_id)
    return Item(creation.purchase_id, _encode(item).decode())


def _wanted(tenant: int, draft: PurchaseDraft) -> dict[str, Any]:
    """Write down what a draft refers to, by the columns' names."""
    return {
        "tenant_id": tenant,
        "owner_id": draft.owner_id,
        "nature_id": draft.nature_id,
        "cost_center_id": draft.cost_center_id,
        "establishment_id": draft.establishment_id,
        "department_id": draft.department_id,
        "supplier_id": draft.supplier_id,
        "axis_section_ids": draft.axis_section_ids,
    }


def _references(row: asyncpg.Record) -> References:
    sections = _words(row["sections"]) if row["sections"] is not None else []
    return References(
        owner=None if row["owner"] is None else user_of(_user(row["owner"])),
        nature=None if row["nature"] is None else named(_word(row["nature"])),
        cost_center=None if row["cost_center"] is None else cost_center_of(_word(row["cost_center"])),
        establishment=None if row["establishment"] is None else establishment_of(_word(row["establishment"])),
        department=None if row["department"] is None else named(_word(row["department"])),
        supplier=None if row["supplier"] is None else supplier_of(_word(row["supplier"])),
        axis_sections={word.id: named(word) for word in sections},
    )


def _purchase(creation: Creation, found: References) -> Purchase:
    """Put together the purchase that was created from its draft and what that refers to."""
    stamp = Stamp(creation.author.at, creation.author.who.user)
    return purchase_from(creation.draft, found, purchase_id=creation.purchase_id, stamp=stamp)
