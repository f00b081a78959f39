"""Names, as they are today, of what rows refer to by id."""

from typing import Final

import msgspec

from emplette.storage.database import Session
from emplette.storage.rows import DossierRows, Names
from emplette.storage.single_rows import one_row

FILE: Final = """jsonb_build_object(
    'id', f.file_id, 'name', f.name, 'extension', f.extension, 'content_type', b.content_type, 'size', b.size,
    'sha256', encode(f.sha256, 'hex'), 'total_pages', b.total_pages, 'place', b.place,
    'created_at', f.created_at, 'author_id', f.author_id)"""
"""A file as `rows.FileRow` reads it, from the aliases f and b of its row and its bytes'."""
_FILE_OF_ATTACHMENT: Final = one_row("f", "files", "file_id", "x.file_id")
BYTES_OF_FILE: Final = f"JOIN {one_row('b', 'blobs', 'sha256', 'f.sha256')}"

_NAMES: Final = """
    jsonb_build_object(
        'users', (
            SELECT jsonb_agg(jsonb_build_object(
                'id', x.user_id, 'kind', x.kind, 'first_name', x.first_name, 'last_name', x.last_name,
                'left_on', x.left_on, 'person_id', x.person_id))
            FROM users x WHERE x.tenant_id = $1 AND x.user_id = ANY ({users})),
        'natures', (
            SELECT jsonb_agg(jsonb_build_object('id', x.nature_id, 'name', x.name, 'state', x.state))
            FROM natures x WHERE x.tenant_id = $1 AND x.nature_id = {natures}),
        'cost_centers', (
            SELECT jsonb_agg(jsonb_build_object(
                'id', x.cost_center_id, 'name', x.name, 'code', x.code, 'state', x.state))
            FROM cost_centers x WHERE x.tenant_id = $1 AND x.cost_center_id = {cost_centers}),
        'establishments', (
            SELECT jsonb_agg(jsonb_build_object(
                'id', x.establishment_id, 'name', x.name, 'territory_id', x.territory_id, 'currency', x.currency,
                'state', CASE WHEN x.is_archived THEN 'Archived' END))
            FROM establishments x WHERE x.tenant_id = $1 AND x.establishment_id = {establishments}),
        'departments', (
            SELECT jsonb_agg(jsonb_build_object('id', x.department_id, 'name', x.name))
            FROM departments x WHERE x.tenant_id = $1 AND x.department_id = {departments}),
        'suppliers', (
            SELECT jsonb_agg(jsonb_build_object(
                'id', x.supplier_id, 'name', x.name, 'territory_id', x.territory_id, 'state', x.state))
            FROM suppliers x WHERE x.tenant_id = $1 AND x.supplier_id = {suppliers}),
        'sections', (
            SELECT jsonb_agg(jsonb_build_object('id', x.axis_section_id, 'name', x.name, 'state', x.state))
            FROM axis_sections x WHERE x.tenant_id = $1 AND x.axis_section_id = ANY ({sections})),
        'attachments', (
            SELECT jsonb_agg(jsonb_build_object(
                'id', x.attachment_id, 'commitment_id', x.commitment_id, 'created_at', x.created_at, 'file', {file}))
            FROM attachments x JOIN {file_of_attachment} {bytes_of_file}
            WHERE x.tenant_id = $1 AND x.attachment_id = ANY ({attachments}))
    )"""

# The names that a dossier needs: p, c, r and o stand for its purchase, commitment, request and order, and `amended` for
# its amendment.
NAMES_OF_DOSSIER: Final = _NAMES.format(
    users="""
        ARRAY[p.owner_id, p.author_id, p.modifier_id, p.closed_by_id, c.author_id, c.modifier_id,
              r.author_id, r.modifier_id, r.assignee_id, o.author_id]
        || ARRAY(SELECT a.user_id FROM request_approvers a WHERE a.tenant_id = $1 AND a.request_id = r.request_id)
        || ARRAY(SELECT d.user_id FROM request_decisions d WHERE d.tenant_id = $1 AND d.request_id = r.request_id)
        || ARRAY(SELECT (h->>'by_id')::int FROM jsonb_array_elements(o.history) h)""",
    natures="p.nature_id",
    cost_centers="p.cost_center_id",
    establishments="p.establishment_id",
    departments="p.department_id",
    suppliers="p.supplier_id",
    sections="p.axis_section_ids",
    attachments="c.attachment_ids || amended.attachment_ids",
    file=FILE,
    file_of_attachment=_FILE_OF_ATTACHMENT,
    bytes_of_file=BYTES_OF_FILE,
)

_NAMES_OF_IDS: Final = "SELECT " + _NAMES.format(
    users="$2::int[]",
    natures="$3::int",
    cost_centers="$4::int",
    establishments="$5::int",
    departments="$6::int",
    suppliers="$7::int",
    sections="$8::int[]",
    attachments="$9::int[]",
    file=FILE,
    file_of_attachment=_FILE_OF_ATTACHMENT,
    bytes_of_file=BYTES_OF_FILE,
)

decode_names = msgspec.json.Decoder(Names).decode


async def of_rows(db: Session, tenant: int, rows: DossierRows) -> Names:
    """Look up the names that these rows need."""
    purchase = rows.purchase
    record = await db.fetchrow(
        _NAMES_OF_IDS,
        tenant,
        sorted(_people(rows)),
        purchase.nature_id,
        purchase.cost_center_id,
        purchase.establishment_id,
        purchase.department_id,
        purchase.supplier_id,
        purchase.axis_section_ids,
        _attachments(rows),
    )
    return Names() if record is None else decode_names(record[0])


def _attachments(rows: DossierRows) -> list[int]:
    return [number for row in (rows.commitment, rows.amendment) if row is not None for number in row.attachment_ids]


def _people(rows: DossierRows) -> set[int]:
    purchase, commitment, request, order = rows.purchase, rows.commitment, rows.request, rows.order
    people = {purchase.owner_id, purchase.author_id, purchase.modifier_id}
    if purchase.closed_by_id is not None:
        people.add(purchase.closed_by_id)
    if commitment is not None:
        people |= {commitment.author_id, commitment.modifier_id}
    if request is not None:
        people |= {request.author_id, request.modifier_id, request.assignee_id}
    if order is not None:
        people |= {order.author_id} | {entry.by_id for entry in order.history}
    people |= {asked.user_id for asked in rows.approvers or ()}
    return people | {made.user_id for made in rows.decisions or ()}
