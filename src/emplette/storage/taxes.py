"""VAT rates: those that the law sets for all, what a company says for itself, and how much of them it gets back."""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib import resources
from typing import Final

import asyncpg

from emplette.domain.taxes import FIRST_OWN_RATE, FIRST_OWN_TYPE, OwnRate, RateType, RecoveryRule, Span, VatRate
from emplette.storage import events, seeds
from emplette.storage.database import Session
from emplette.storage.seeds import Connection

_SEED: Final = "vat_rates"

_SHIPPED: Final = """
SELECT r.rate_id, r.percentage, r.valid_from, r.valid_to, t.rate_type_id, t.name, t.territory_id
FROM vat_rates r JOIN vat_rate_types t USING (rate_type_id)
ORDER BY r.rate_id
"""

# What the company has said, in the order in which it was said, then its rules of recovery.
_OWN: Final = """
SELECT o.rate_id, o.percentage, o.valid_from, o.valid_to, o.rate_type_id, coalesce(t.name, own.name) AS name,
    coalesce(t.territory_id, own.territory_id) AS territory_id,
    NULL::int AS cost_family_id, NULL::numeric AS coefficient
FROM tenant_vat_rates o
LEFT JOIN vat_rate_types t ON t.rate_type_id = o.shipped_type_id
LEFT JOIN tenant_vat_rate_types own ON own.tenant_id = $1 AND own.rate_type_id = o.own_type_id
WHERE o.tenant_id = $1
UNION ALL
SELECT NULL, NULL, NULL, NULL, r.rate_type_id, NULL, NULL, r.cost_family_id, r.coefficient
FROM recovery_rules r WHERE r.tenant_id = $1
ORDER BY rate_id, cost_family_id
"""

# How many commitments name a type on the days of some spans, the first of them, and the last of those days.
_USES: Final = """
SELECT c.commitment_id, count(*) OVER () AS count, max(used.day) OVER () AS last_day
FROM commitments c
CROSS JOIN LATERAL (SELECT coalesce(c.cost_date, c.start_date) AS day) AS used
WHERE c.tenant_id = $1
    AND EXISTS (SELECT FROM commitment_taxes x
        WHERE x.tenant_id = $1 AND x.commitment_id = c.commitment_id AND x.rate_type_id = $2)
    AND EXISTS (SELECT FROM unnest($3::date[], $4::date[]) AS span (first, beyond)
        WHERE used.day >= span.first AND (span.beyond IS NULL OR used.day < span.beyond))
ORDER BY c.commitment_id LIMIT 5
"""

_SAY: Final = f"""
WITH drawn AS (
    INSERT INTO id_blocks AS b (tenant_id, kind, next_id) VALUES ($1, 'vat_rate', {FIRST_OWN_RATE} + 1)
    ON CONFLICT (tenant_id, kind) DO UPDATE SET next_id = b.next_id + 1
    RETURNING next_id - 1 AS id
),
drawn_type AS (
    INSERT INTO id_blocks AS b (tenant_id, kind, next_id)
    SELECT $1, 'vat_rate_type', {FIRST_OWN_TYPE} + 1 WHERE $2::int IS NULL
    ON CONFLICT (tenant_id, kind) DO UPDATE SET next_id = b.next_id + 1
    RETURNING next_id - 1 AS id
),
made_type AS (
    INSERT INTO tenant_vat_rate_types (tenant_id, rate_type_id, territory_id, name)
    SELECT $1, id, $3, $4 FROM drawn_type
    RETURNING rate_type_id
),
said AS (
    INSERT INTO tenant_vat_rates (tenant_id, rate_id, rate_type_id, percentage, valid_from, valid_to, set_at)
    SELECT $1, drawn.id, coalesce($2::int, (SELECT rate_type_id FROM made_type)), $5, $6, $7, $8 FROM drawn
    RETURNING *
),
{{event}}
SELECT rate_id, rate_type_id FROM said
"""


def _saying(kind: str) -> str:
    event = events.event(
        kind,
        source="said",
        object_id="tenant_id",
        facts="jsonb_build_object('rate', to_jsonb(said) - '{shipped_type_id,own_type_id}'::text[] "
        "|| jsonb_build_object('territory_id', $3::text, 'name', $4::text))",
        parameters={"tenant": "$1", "at": "$8", "actor": "$9::int"},
    )
    return _SAY.format(event=event)


_ADD: Final = _saying("tenant.vat_rate_added")
_END: Final = _saying("tenant.vat_rate_ended")

_COST_FAMILIES: Final = "SELECT cost_family_id, name FROM cost_families WHERE tenant_id = $1 ORDER BY cost_family_id"

_EVENT_OF_RULE: Final = events.event(
    "tenant.recovery_rule_set",
    source="rule",
    object_id="tenant_id",
    facts="jsonb_build_object('rule', to_jsonb(rule) - '{shipped_type_id,own_type_id}'::text[])",
    parameters={"tenant": "$1", "at": "$5", "actor": "$6::int"},
)
_SET_RULE: Final = f"""
WITH rule AS (
    INSERT INTO recovery_rules (tenant_id, rate_type_id, cost_family_id, coefficient) VALUES ($1, $2, $3, $4)
    ON CONFLICT (tenant_id, rate_type_id, cost_family_id) DO UPDATE SET coefficient = excluded.coefficient
    RETURNING *
),
{_EVENT_OF_RULE}
SELECT rate_type_id FROM rule
"""

_LOAD_TYPE = """
INSERT INTO vat_rate_types (rate_type_id, territory_id, name) VALUES ($1, $2, $3)
ON CONFLICT (rate_type_id) DO UPDATE SET territory_id = excluded.territory_id, name = excluded.name
"""

_LOAD_RATE = """
INSERT INTO vat_rates (rate_id, rate_type_id, percentage, valid_from, valid_to, source) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (rate_id) DO UPDATE SET rate_type_id = excluded.rate_type_id, percentage = excluded.percentage,
    valid_from = excluded.valid_from, valid_to = excluded.valid_to, source = excluded.source
"""


@dataclass(frozen=True, slots=True)
class OwnRates:
    """What a company has said for itself."""

    said: Sequence[OwnRate]
    """In the order in which it was said."""
    rules: Mapping[int, Sequence[RecoveryRule]]
    """How much is got back, by type of rate."""


@dataclass(frozen=True, slots=True)
class Uses:
    """Which commitments name a type of rate on some days."""

    first_ids: Sequence[int]
    count: int
    last_day: date


async def shipped_rates(db: Session) -> list[VatRate]:
    """Read the table of the law: every rate of every territory and time."""
    return [
        VatRate(row["rate_id"], _kind(row), row["percentage"], row["valid_from"], row["valid_to"])
        for row in await db.fetch(_SHIPPED)
    ]


async def own_rates(db: Session, tenant: int) -> OwnRates:
    """Read what the company has said of rates for itself, and its rules of recovery."""
    said: list[OwnRate] = []
    rules: defaultdict[int, list[RecoveryRule]] = defaultdict(list)
    for row in await db.fetch(_OWN, tenant):
        if row["rate_id"] is None:
            rule = RecoveryRule(row["rate_type_id"], row["cost_family_id"], row["coefficient"])
            rules[rule.rate_type_id].append(rule)
        else:
            rate = OwnRate(row["rate_id"], _kind(row), row["percentage"], row["valid_from"], row["valid_to"])
            said.append(rate)
    return OwnRates(said, {kind: tuple(found) for kind, found in rules.items()})


async def uses_of(db: Session, tenant: int, rate_type_id: int, spans: Sequence[Span]) -> Uses | None:
    """Find the commitments that name a type on the days of some spans; None when there are none."""
    firsts, beyonds = [span.first for span in spans], [span.beyond for span in spans]
    rows = await db.fetch(_USES, tenant, rate_type_id, firsts, beyonds)
    return Uses([row["commitment_id"] for row in rows], rows[0]["count"], rows[0]["last_day"]) if rows else None


async def add_rate(
    db: Session,
    tenant: int,
    rate_type: RateType | None,
    *,
    new_type: tuple[str, str],
    percentage: Decimal,
    during: Span,
    actor: int,
    now: datetime,
) -> int | None:
    """Say what a type of rate amounts to for a company during a time; answer the type's id.

    Without a type, one is made of the territory and the name; None when another of that name was made meanwhile.
    """
    known = None if rate_type is None else rate_type.id
    try:
        rows = await db.write(
            _ADD,
            tenant,
            known,
            *new_type,
            percentage,
            during.first,
            during.beyond,
            now,
            actor,
            expects=("tenant_vat_rate_types_name_unique",),
        )
    except asyncpg.UniqueViolationError:
        return None
    rate_type_id: int = rows[0]["rate_type_id"]
    return rate_type_id


async def end_rate(db: Session, tenant: int, rate_type: RateType, *, during: Span, actor: int, now: datetime) -> None:
    """Say that a type has no rate for a company during a time."""
    named = (rate_type.territory_id, rate_type.name)
    await db.write(_END, tenant, rate_type.id, *named, None, during.first, during.beyond, now, actor)


async def cost_families(db: Session, tenant: int) -> dict[int, str]:
    """List the company's cost families: their names by id."""
    return {row["cost_family_id"]: row["name"] for row in await db.fetch(_COST_FAMILIES, tenant)}


async def set_rule(db: Session, tenant: int, rule: RecoveryRule, *, actor: int, now: datetime) -> None:
    """Set how much of a tax is got back, in place of what was set before."""
    await db.write(_SET_RULE, tenant, rule.rate_type_id, rule.cost_family_id, rule.coefficient, now, actor)


async def seed_rates(connection: Connection) -> bool:
    """Load the table of rates that comes with Emplette, unless it is loaded; tell whether it was."""
    text = table()
    version = hashlib.sha256(text.encode()).hexdigest()
    if await seeds.loaded_edition(connection, _SEED) == version:
        return False
    rates = read_table(text)
    # In the order of the table: of two that load at once one waits for the other, and neither for ever.
    types = dict.fromkeys(rate.rate_type for rate, _ in rates)
    async with connection.transaction():
        await connection.executemany(_LOAD_TYPE, [(kind.id, kind.territory_id, kind.name) for kind in types])
        await connection.executemany(
            _LOAD_RATE,
            [(r.id, r.rate_type.id, r.percentage, r.valid_from, r.valid_to, source) for r, source in rates],
        )
        await seeds.remember(connection, _SEED, version)
    return True


def table() -> str:
    """The table of rates as it is kept: see data/README.md for its columns."""
    return (resources.files("emplette.storage") / "data" / "vat_rates.csv").read_text("utf-8")


def read_table(text: str) -> list[tuple[VatRate, str]]:
    """Read the table: every rate, and the law that it comes from."""
    return [
        (
            VatRate(
                id=int(line["rate_id"]),
                rate_type=RateType(int(line["rate_type_id"]), line["name"], line["territory"]),
                percentage=Decimal(line["percent"]).scaleb(-2).normalize(),
                valid_from=date.fromisoformat(line["valid_from"]),
                valid_to=date.fromisoformat(line["valid_to"]) if line["valid_to"] else None,
            ),
            line["source"],
        )
        for line in csv.DictReader(text.splitlines())
    ]


def _kind(row: asyncpg.Record) -> RateType:
    return RateType(row["rate_type_id"], row["name"], row["territory_id"])
