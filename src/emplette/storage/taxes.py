"""VAT rates, which the law sets for all, and how much of them a company gets back."""

import csv
import hashlib
from collections import defaultdict
from datetime import date
from decimal import Decimal
from importlib import resources
from typing import Final, TypeAlias

import asyncpg

from emplette.domain.taxes import ApplicableRate, RateType, RecoveryRule, VatRate
from emplette.storage.database import Session

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
"""A connection of the role that owns the schema: what the law says is loaded beside a migration."""

_SEED: Final = "vat_rates"

_RATES = """
SELECT r.rate_id, r.percentage, r.valid_from, r.valid_to, t.rate_type_id, t.name, t.territory_id,
    rule.cost_family_id, rule.coefficient
FROM vat_rates r
JOIN vat_rate_types t USING (rate_type_id)
LEFT JOIN recovery_rules rule ON rule.tenant_id = $1 AND rule.rate_type_id = t.rate_type_id
ORDER BY r.percentage DESC, r.rate_id, rule.cost_family_id
"""

_SEEDED = "SELECT version FROM seeds WHERE name = $1"

_LOAD_TYPE = """
INSERT INTO vat_rate_types (rate_type_id, territory_id, name) VALUES ($1, $2, $3)
ON CONFLICT (rate_type_id) DO UPDATE SET territory_id = excluded.territory_id, name = excluded.name
"""

_LOAD_RATE = """
INSERT INTO vat_rates (rate_id, rate_type_id, percentage, valid_from, valid_to, source) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (rate_id) DO UPDATE SET rate_type_id = excluded.rate_type_id, percentage = excluded.percentage,
    valid_from = excluded.valid_from, valid_to = excluded.valid_to, source = excluded.source
"""

_REMEMBER = """
INSERT INTO seeds (name, version) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET version = excluded.version, loaded_at = now()
"""


async def vat_rates(db: Session, tenant: int) -> list[ApplicableRate]:
    """Read every rate of every territory and time, the highest first, with the company's rules of recovery."""
    rules: defaultdict[VatRate, list[RecoveryRule]] = defaultdict(list)
    for row in await db.fetch(_RATES, tenant):
        found = rules[_rate(row)]
        if row["cost_family_id"] is not None:
            found.append(RecoveryRule(row["rate_type_id"], row["cost_family_id"], row["coefficient"]))
    return [ApplicableRate(rate, tuple(found)) for rate, found in rules.items()]


async def seed_rates(connection: Connection) -> bool:
    """Load the table of rates that comes with Emplette, unless it is loaded; tell whether it was."""
    text = table()
    version = hashlib.sha256(text.encode()).hexdigest()
    if await connection.fetchval(_SEEDED, _SEED) == version:
        return False
    rates = read_table(text)
    types = {rate.rate_type for rate, _ in rates}
    async with connection.transaction():
        await connection.executemany(_LOAD_TYPE, [(kind.id, kind.territory_id, kind.name) for kind in types])
        await connection.executemany(
            _LOAD_RATE,
            [(r.id, r.rate_type.id, r.percentage, r.valid_from, r.valid_to, source) for r, source in rates],
        )
        await connection.execute(_REMEMBER, _SEED, version)
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


def _rate(row: asyncpg.Record) -> VatRate:
    kind = RateType(row["rate_type_id"], row["name"], row["territory_id"])
    return VatRate(row["rate_id"], kind, row["percentage"], row["valid_from"], row["valid_to"])
