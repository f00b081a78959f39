"""Approved subscriptions as they stand, and what is decided about them."""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import msgspec

from emplette.domain.commitments import Subscription
from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.dossiers import Dossier
from emplette.domain.people import Visible
from emplette.domain.subscriptions import Act, Standing
from emplette.storage.database import Session
from emplette.storage.dossiers import AROUND_COMMITMENT, COLUMNS, read
from emplette.storage.registers import Register
from emplette.storage.single_rows import one_row
from emplette.storage.visibility import PURCHASES


def _row(act: Act) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(act)
    del row["id"]
    return row


_COLUMNS: Final = ("commitment_id", "number", "kind", "decided_at", "decided_on", "decided_by", "renewal_id", "version")
ACTS: Final = Register(
    kind="subscription_act",
    table="subscription_acts",
    key="subscription_act_id",
    decode=msgspec.json.Decoder(list[Act]).decode,
    shown={column: f"t.{column}" for column in _COLUMNS},
    row=_row,
    unique=("subscription_acts_pkey", "subscription_acts_number_unique"),
)

# A renewal that was denied or cancelled, or whose purchase was closed before anybody approved it, is none.
_ACTS: Final = f"""
SELECT jsonb_agg(to_jsonb(a) || jsonb_build_object('id', a.subscription_act_id) ORDER BY a.number)
FROM subscription_acts a
LEFT JOIN {one_row("n", "commitments", "commitment_id", "a.renewal_id")}
LEFT JOIN {one_row("q", "purchases", "purchase_id", "n.purchase_id")}
WHERE a.tenant_id = $1 AND a.commitment_id = c.commitment_id
  AND (a.renewal_id IS NULL OR n.state = 'Provisioned'
       OR n.state IN ('Created', 'UnderReview') AND q.state <> 'Closed')"""
_COLUMNS_OF_STANDING: Final = f"""
    c.commitment_id, c.purchase_id, p.owner_id, p.title, p.state = 'Closed' AS is_closed,
    c.start_date, c.first_invoice_date,
    c.frequency_value, c.frequency_unit, c.duration_value, c.duration_unit, c.obligation_value, c.obligation_unit,
    c.notice_value, c.notice_unit, ({_ACTS}) AS acts,
    (SELECT count(*) FROM subscription_acts a
     WHERE a.tenant_id = $1 AND a.commitment_id = c.commitment_id) AS decisions"""
_APPROVED: Final = "c.tenant_id = $1 AND c.type = 'SubscriptionCommitment' AND c.state = 'Provisioned'"
_ONE: Final = f"""
SELECT {COLUMNS}, {_COLUMNS_OF_STANDING}
FROM commitments c {AROUND_COMMITMENT}
WHERE {_APPROVED} AND c.commitment_id = $2"""
_OWNED: Final = f"""
SELECT {_COLUMNS_OF_STANDING}
FROM commitments c JOIN purchases p ON p.tenant_id = $1 AND p.purchase_id = c.purchase_id
WHERE {_APPROVED} AND (cardinality($2::int[]) = 0 OR p.owner_id = ANY ($2::int[]))"""
_SEEN: Final = f"{_OWNED} AND {PURCHASES.condition('$3::int[]', '$4::int', '$5::int[]')}"
_decode_acts = msgspec.json.Decoder(list[Act]).decode


async def find(db: Session, tenant: int, commitment_id: int) -> tuple[Standing, Dossier] | None:
    """Read how an approved subscription stands, with its purchase and all under it; None when it is none."""
    row = await db.fetchrow(_ONE, tenant, commitment_id)
    dossier = read(row)
    return None if row is None or dossier is None else (_standing(row), dossier)


async def standing(db: Session, tenant: int, visible: Visible | None, owner_ids: Sequence[int] = ()) -> list[Standing]:
    """Read how all approved subscriptions stand that may be seen, of these owners or of all."""
    if visible is None:
        rows = await db.fetch(_OWNED, tenant, list(owner_ids))
    else:
        people, centers = sorted(visible.people), sorted(visible.cost_centers)
        rows = await db.fetch(_SEEN, tenant, list(owner_ids), people, visible.asked_id, centers)
    return [_standing(row) for row in rows]


def _standing(row: asyncpg.Record) -> Standing:
    terms = Subscription(
        start_date=row["start_date"],
        first_invoice_date=row["first_invoice_date"],
        frequency=Duration(row["frequency_value"], TimeUnit(row["frequency_unit"])),
        duration=Duration(row["duration_value"], TimeUnit(row["duration_unit"])),
        obligation=_duration(row, "obligation"),
        notice=_duration(row, "notice"),
    )
    acts = () if row["acts"] is None else tuple(_decode_acts(row["acts"]))
    return Standing(
        commitment_id=row["commitment_id"],
        purchase_id=row["purchase_id"],
        owner_id=row["owner_id"],
        terms=terms,
        title=row["title"],
        acts=acts,
        decisions=row["decisions"],
        is_closed=row["is_closed"],
    )


def _duration(row: asyncpg.Record, name: str) -> Duration | None:
    value = row[f"{name}_value"]
    return None if value is None else Duration(value, TimeUnit(row[f"{name}_unit"]))
