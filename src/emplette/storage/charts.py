"""The organisation chart as a policy needs it: read whole, in one statement, and kept for seconds by who asks."""

from datetime import date
from typing import Final

import msgspec

from emplette.domain.absences import Absence
from emplette.domain.charts import Charge, Chart, Holding, Unit
from emplette.domain.people import Permission, User, UserKind
from emplette.domain.roles import GRANTED, Role
from emplette.storage.database import Session

# A key gives the person that it is bound to its permissions, for the whole company.
_CHART: Final = """
SELECT jsonb_build_object(
    'people', (
        SELECT jsonb_agg(jsonb_build_array(u.user_id, u.first_name, u.last_name, u.left_on, u.manager_id,
                                           u.department_id))
        FROM users u WHERE u.tenant_id = $1 AND u.kind = 'Person'),
    'units', (
        SELECT jsonb_agg(jsonb_build_array(d.department_id, d.name, d.head_id, d.parent_id))
        FROM departments d WHERE d.tenant_id = $1),
    'cost_centers', (
        SELECT jsonb_agg(jsonb_build_array(c.cost_center_id, c.code, c.owner_id))
        FROM cost_centers c WHERE c.tenant_id = $1),
    'families', (
        SELECT jsonb_agg(jsonb_build_array(n.nature_id, n.cost_family_id))
        FROM natures n WHERE n.tenant_id = $1 AND n.cost_family_id IS NOT NULL),
    'keys', (
        SELECT jsonb_agg(jsonb_build_array(k.person_id, k.permissions))
        FROM api_keys k
        WHERE k.tenant_id = $1 AND k.person_id IS NOT NULL AND k.revoked_at IS NULL
          AND (k.expires_on IS NULL OR k.expires_on >= $2)),
    'roles', (
        SELECT jsonb_agg(jsonb_build_array(g.user_id, g.role, g.department_id, g.cost_center_id))
        FROM role_grants g WHERE g.tenant_id = $1 AND g.ended_at IS NULL),
    'absences', (
        SELECT jsonb_agg(to_jsonb(a) - 'tenant_id' || jsonb_build_object('id', a.absence_id) ORDER BY a.absence_id)
        FROM absences a
        WHERE a.tenant_id = $1 AND a.ended_at IS NULL AND a.ends_on >= $2),
    'currencies', (
        SELECT jsonb_agg(DISTINCT e.currency) FROM establishments e WHERE e.tenant_id = $1 AND NOT e.is_archived)
)
"""


class _Rows(msgspec.Struct):
    """What the statement answers."""

    people: list[tuple[int, str, str, date | None, int | None, int | None]] | None
    units: list[tuple[int, str, int | None, int | None]] | None
    cost_centers: list[tuple[int, str, int | None]] | None
    families: list[tuple[int, int]] | None
    keys: list[tuple[int, list[str]]] | None
    roles: list[tuple[int, Role, int | None, int | None]] | None
    currencies: list[str] | None
    absences: list[Absence] | None


_decode: Final = msgspec.json.Decoder(_Rows).decode


async def find(db: Session, tenant: int, *, today: date) -> Chart:
    """Read who is there, who leads whom, who answers for what, and who holds which permission today."""
    record = await db.fetchrow(_CHART, tenant, today)
    if record is None:
        return Chart()
    rows = _decode(record[0])
    people = rows.people or ()
    return Chart(
        people={
            user_id: User(user_id, first, last, UserKind.PERSON, left_on)
            for user_id, first, last, left_on, *_ in people
        },
        managers={user_id: manager for user_id, *_, manager, _ in people if manager is not None},
        departments={user_id: department for user_id, *_, department in people if department is not None},
        units={unit_id: Unit(name, head, parent) for unit_id, name, head, parent in rows.units or ()},
        cost_centers={number: Charge(code, owner) for number, code, owner in rows.cost_centers or ()},
        families=dict(rows.families or ()),
        holdings=_holdings(rows),
        currencies=frozenset(rows.currencies or ()),
        absences=tuple(rows.absences or ()),
    )


def _holdings(rows: _Rows) -> tuple[Holding, ...]:
    """List who holds what: by a key that is bound to them, or by a role."""
    by_key = (
        Holding(person_id, Permission(permission))
        for person_id, texts in rows.keys or ()
        for permission in sorted({text.partition(":")[0] for text in texts})
    )
    by_role = (
        Holding(user_id, permission, department_id, cost_center_id)
        for user_id, role, department_id, cost_center_id in rows.roles or ()
        for permission in GRANTED[role]
    )
    return (*by_key, *by_role)
