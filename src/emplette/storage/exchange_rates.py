"""Exchange rates: those of the European Central Bank, and those a company has set for itself."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from emplette.domain.exchange_rates import PublishedRate, RatesKnown
from emplette.storage import events, seeds
from emplette.storage.database import Session
from emplette.storage.seeds import Connection

_SEED: Final = "exchange_rates"
_SOURCE: Final = "ECB"
_BATCH: Final = 50_000

_STAGE = "CREATE TEMPORARY TABLE staged_rates (currency text, date date, rate numeric) ON COMMIT DROP"

_IS_EMPTY = "SELECT NOT EXISTS (SELECT FROM exchange_rates)"

_LOAD = """
INSERT INTO exchange_rates (currency, date, rate, source)
SELECT currency, date, staged.rate, $1 FROM staged_rates staged LEFT JOIN exchange_rates known USING (currency, date)
WHERE known.rate IS DISTINCT FROM staged.rate
ON CONFLICT (currency, date) DO UPDATE SET rate = excluded.rate, source = excluded.source
"""

_ADD = """
INSERT INTO exchange_rates (currency, date, rate, source)
SELECT currency, date, staged.rate, $1 FROM staged_rates staged LEFT JOIN exchange_rates known USING (currency, date)
WHERE known.rate IS NULL
"""

_IS_AS_NEW = """
SELECT coalesce((SELECT max(date) FROM staged_rates) >= (SELECT max(date) FROM exchange_rates), true)
"""

_ALONE = "LOCK TABLE exchange_rates IN SHARE ROW EXCLUSIVE MODE"

_CORRECTED = """
SELECT currency, date, known.rate AS before, staged.rate, count(*) OVER () AS count
FROM staged_rates staged JOIN exchange_rates known USING (currency, date)
WHERE known.rate <> staged.rate
ORDER BY date DESC, currency LIMIT 10
"""

# One look-up for all currencies of a conversion. Of each: the rate that the company has agreed on for the day (of two
# the one that begins last); else the last rate up to the day (the company's own before the published one of that day).
# Beside it the newest day for which the bank's table, or else the company's, is loaded.
_LAST = """
SELECT wanted.currency, last.date, last.rate, last.until,
    coalesce(
        (SELECT max(date) FROM exchange_rates),
        (SELECT max(date) FROM tenant_exchange_rates WHERE tenant_id = $1)
    ) AS newest_day
FROM unnest($2::text[]) AS wanted (currency)
LEFT JOIN LATERAL (
    SELECT date, rate, until FROM (
        (SELECT date, rate, until, true AS is_own FROM tenant_exchange_rates
            WHERE tenant_id = $1 AND currency = wanted.currency AND date <= $3 AND until >= $3
            ORDER BY date DESC LIMIT 1)
        UNION ALL
        (SELECT date, rate, NULL, true FROM tenant_exchange_rates
            WHERE tenant_id = $1 AND currency = wanted.currency AND date <= $3 AND until IS NULL
            ORDER BY date DESC LIMIT 1)
        UNION ALL
        (SELECT date, rate, NULL, false FROM exchange_rates
            WHERE currency = wanted.currency AND date <= $3 ORDER BY date DESC LIMIT 1)
    ) AS candidates
    ORDER BY until IS NULL, date DESC, is_own DESC LIMIT 1
) AS last ON true
"""

_EVENT_OF_SETTING: Final = events.event(
    "tenant.exchange_rate_set",
    source="own",
    object_id="tenant_id",
    facts="jsonb_build_object('rate', to_jsonb(own))",
    parameters={"tenant": "$1", "at": "$6", "actor": "$7::int"},
)
_SET: Final = f"""
WITH own AS (
    INSERT INTO tenant_exchange_rates (tenant_id, currency, date, rate, set_by, set_at, until)
    VALUES ($1, $2, $3, $4, $5, $6, $8)
    ON CONFLICT (tenant_id, currency, date)
    DO UPDATE SET rate = excluded.rate, set_by = excluded.set_by, set_at = excluded.set_at, until = excluded.until
    RETURNING *
),
{_EVENT_OF_SETTING}
SELECT currency FROM own
"""

_PUBLISHED_UNTIL = "SELECT max(date) AS day FROM exchange_rates"


@dataclass(frozen=True, slots=True)
class DayRate:
    """Units of a currency for one euro on a day, as a bank published them or a company sets them for itself."""

    currency: str
    date: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Correction:
    """A rate that the bank has published anew."""

    currency: str
    date: date
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class LoadedRates:
    """What loading has changed."""

    added: int
    corrected: int
    corrections: Sequence[Correction]
    """The newest of them."""
    unchanged: int
    known_until: date


async def last_rates(db: Session, tenant: int, currencies: Sequence[str], *, day: date) -> RatesKnown:
    """Look up the last rate of each currency on or before the day."""
    rows = await db.fetch(_LAST, tenant, list(currencies), day)
    last = {
        row["currency"]: PublishedRate(row["date"], row["rate"], row["until"])
        for row in rows
        if row["date"] is not None
    }
    return RatesKnown(last, newest_day=rows[0]["newest_day"])


async def set_rate(
    db: Session, tenant: int, own: DayRate, *, by: str, actor: int, at: datetime, until: date | None = None
) -> None:
    """Set the company's own rate from a day on, in place of the one of that day that it had set before."""
    await db.write(_SET, tenant, own.currency, own.date, own.rate, by, at, actor, until)


async def published_until(db: Session) -> date | None:
    """Tell the newest day for which the bank's rates are loaded; None when there are none."""
    row = await db.fetchrow(_PUBLISHED_UNTIL)
    return row["day"] if row else None


async def loaded_edition(connection: Connection) -> str | None:
    """Tell which edition of the bank's history is loaded, if any."""
    return await seeds.loaded_edition(connection, _SEED)


async def load_history(connection: Connection, rates: Iterable[DayRate], *, edition: str) -> None:
    """Load the bank's history: what is new is added, what it has corrected is corrected, nothing is lost.

    A history that ends before the newest day that is known corrects nothing: what is known was published after it.
    """
    async with connection.transaction():
        await connection.execute(_ALONE)
        if await connection.fetchval(_IS_EMPTY):
            # A first start: nothing is known that could be corrected, so that nothing need be compared.
            records = ((rate.currency, rate.date, rate.rate, _SOURCE) for rate in rates)
            columns = ("currency", "date", "rate", "source")
            await connection.copy_records_to_table("exchange_rates", records=records, columns=columns)
        else:
            await _stage(connection, list(rates))
            is_as_new: bool = await connection.fetchval(_IS_AS_NEW)
            await connection.execute(_LOAD if is_as_new else _ADD, _SOURCE)
        await seeds.remember(connection, _SEED, edition)


async def load_published(
    connection: Connection, rates: Sequence[DayRate], *, tell: Callable[[str], None]
) -> LoadedRates:
    """Load what somebody has from the bank, all of it or nothing, and tell what it changed.

    Args:
        connection: one of the role that owns the schema.
        rates: of each currency and day one.
        tell: told how far it is.
    """
    async with connection.transaction():
        # Nobody else loads meanwhile, so that what is counted is what happens; reading goes on.
        await connection.execute(_ALONE)
        await _stage(connection, rates, tell=tell)
        corrected = await connection.fetch(_CORRECTED)
        written = int((await connection.execute(_LOAD, _SOURCE)).rpartition(" ")[2])
        until = await connection.fetchval(_PUBLISHED_UNTIL)
    corrections = tuple(Correction(row["currency"], row["date"], row["before"], row["rate"]) for row in corrected)
    count = corrected[0]["count"] if corrected else 0
    return LoadedRates(written - count, count, corrections, len(rates) - written, until)


async def _stage(
    connection: Connection, rates: Sequence[DayRate], *, tell: Callable[[str], None] = lambda _: None
) -> None:
    await connection.execute(_STAGE)
    for start in range(0, len(rates), _BATCH):
        batch = rates[start : start + _BATCH]
        await connection.copy_records_to_table(
            "staged_rates", records=((rate.currency, rate.date, rate.rate) for rate in batch)
        )
        tell(f"sent {start + len(batch):,} of {len(rates):,} rates")
