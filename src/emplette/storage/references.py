"""What a purchase refers to, as the guard of a write asks about it.

In these texts ``p`` is the purchase as it stands, and ``item`` what is to be written, see commands.py.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

# What a purchase refers to, each by the version of its row: PostgreSQL gives a row a new xmin with each change.
REFERENCES: Final = """jsonb_build_array(u.xmin, n.xmin, c.xmin, e.xmin, d.xmin, s.xmin, (
    SELECT jsonb_agg(x.xmin ORDER BY x.axis_section_id) FROM axis_sections x
    WHERE x.tenant_id = $1 AND x.axis_section_id = ANY ({sections})))"""
AS_REMEMBERED: Final = f"""
    AND item.j->'references' = (
        SELECT {REFERENCES.format(sections="p.axis_section_ids")}
        FROM users u
        JOIN natures n ON n.tenant_id = $1 AND n.nature_id = p.nature_id
        JOIN cost_centers c ON c.tenant_id = $1 AND c.cost_center_id = p.cost_center_id
        LEFT JOIN establishments e ON e.tenant_id = $1 AND e.establishment_id = p.establishment_id
        LEFT JOIN departments d ON d.tenant_id = $1 AND d.department_id = p.department_id
        LEFT JOIN suppliers s ON s.tenant_id = $1 AND s.supplier_id = p.supplier_id
        WHERE u.tenant_id = $1 AND u.user_id = p.owner_id)"""
"""Whether a purchase that was remembered still refers to the same."""
_TOLD: Final = "(item.j #> '{events,0,facts,purchase}')"
_SUPPLIER: Final = f"""
    AND ({_TOLD}->'supplier_id' = 'null' OR EXISTS (
            SELECT FROM suppliers x WHERE x.tenant_id = $1 AND x.state = 'Active'
            AND x.supplier_id = ({_TOLD}->>'supplier_id')::int))"""
_ALL: Final = f"""
    AND EXISTS (SELECT FROM natures x WHERE x.tenant_id = $1 AND x.state = 'Enabled'
                AND x.nature_id = ({_TOLD}->>'nature_id')::int)
    AND EXISTS (SELECT FROM cost_centers x WHERE x.tenant_id = $1 AND x.state = 'Enabled'
                AND x.cost_center_id = ({_TOLD}->>'cost_center_id')::int)
    AND EXISTS (SELECT FROM users x WHERE x.tenant_id = $1
                AND coalesce(x.left_on > (item.j->>'today')::date, true)
                AND x.user_id = ({_TOLD}->>'owner_id')::int)
    AND NOT EXISTS (SELECT FROM establishments x WHERE x.tenant_id = $1 AND x.is_archived
                    AND x.establishment_id = ({_TOLD}->>'establishment_id')::int)
    AND NOT EXISTS (SELECT FROM axis_sections x WHERE x.tenant_id = $1 AND x.state <> 'Enabled'
                    AND {_TOLD}->'axis_section_ids' @> to_jsonb(x.axis_section_id))
    {_SUPPLIER}"""


class Still(StrEnum):
    """What a purchase refers to that must still be in use at the moment of the write."""

    NOTHING = "still.nothing"
    SUPPLIER = "still.supplier"
    ALL = "still.all"


IN_USE: Final[Mapping[str, str]] = {Still.NOTHING: "", Still.SUPPLIER: _SUPPLIER, Still.ALL: _ALL}
