"""The database keeps its own promises: what it refuses by itself, and what each refusal is to a caller."""

import re
from typing import Final

import asyncpg
import pytest

from emplette.domain.errors import Invalid, Overtaken, Refusal
from emplette.storage.constraints import refusal_of
from emplette.storage.database import Database
from emplette.storage.migrate import migrations
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import SUBSCRIPTION
from tests.fixtures.lives import Live

# Constraints that no call can break, however it is raced, and why.
NO_CALL_BREAKS: Final = {
    r"_(state|status|type|kind|flag|verdict|created_status|role)_known$": "written from an enumeration of the domain",
    r"_(mode|language|theme|facet)_known$": "as there",
    r"_(whole|has_key|has_date|keep_something|listed_or_draft|renewal_named)$": "two columns written from one value",
    r"_secret_hashed$": "hashed by us",
    r"^(sessions|password_links)_ordered$": "counted by us, from one moment",
    r"^role_grants_(one_reach|company_wide)$": "compared by the domain, with nothing else to race",
    r"^request_(reminders_after|steps_(escalates|reminds)_later)$": "days that the policy says, which are at least one",
    r"^tenants_works$": "compared by the domain, with nothing else to race",
    r"^absences_(ordered|of_another)$": "compared by the domain, with nothing else to race",
    r"^tenants_clock_movable$": "who moves a clock looks in the same statement whether it can be moved",
    r"^tenants_clock_in_reach$": "compared by the domain, with nothing else to race",
    r"^subscription_reminders_ahead$": "days ahead that the company has listed, none of them in the past",
    r"^webhooks_deleted_are_inactive$": "one command ends a webhook, and writes both",
    r"^(webhook_(progress|deliveries)|mail_progress)_counts$|^mails_attempts_counted$": "counted by us",
    r"^spending_progress_counts$": "counted by us, from 0",
    r"^inspections_one_under_way$": "who asks looks in the same statement whether one is",
    r"_positive$": "counted by us, from 1",
    r"^budgets_conserve$": "what is free is reckoned by the database from the other numbers",
    r"_id_own$": "drawn by us, from a range of their own",
    r"_(fraction|ends_after_start|until_after_date|not_euro)$": "compared by the domain, with nothing else to race",
    r"^tenant_hosts_lower$": "folded by the domain, with nothing else to race",
    r"_(person_never_auto_approves|person_of_key)$": "one function makes keys, and it says both together",
    r"^(blobs|order_documents)_(sha256_whole|hashes_whole|not_empty)$": "counted and hashed by us",
    r"^(chains|epochs|sealed)_(counts|once)$": "counted under the lock of the head",
    r"^(migrations|seeds|vat_rates?|vat_rate_types|exchange_rates)_": "the owner's, whom no call reaches",
}
_ALL: Final = """
SELECT conname AS name FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE n.nspname = 'public' AND c.contype IN ('c', 'f', 'p', 'u', 'x')
UNION
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND i.indisunique
"""


async def test_every_constraint_is_a_refusal_or_out_of_reach_for_a_reason(owner: OwnerConnection) -> None:
    names = {row["name"] for row in await owner.fetch(_ALL)}
    assert len(names) > 100
    raw = {name for name in names if refusal_of(name) is None}
    assert {name for name in raw if not any(re.search(pattern, name) for pattern in NO_CALL_BREAKS)} == set()
    unused = {pattern for pattern in NO_CALL_BREAKS if not any(re.search(pattern, name) for name in names)}
    assert unused == set(), "no constraint is of this kind any more"


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("UPDATE natures SET cost_family_id = 99 WHERE tenant_id = $1 RETURNING 1", Overtaken),
        ("INSERT INTO cost_families SELECT * FROM cost_families WHERE tenant_id = $1 RETURNING 1", Overtaken),
    ],
)
async def test_a_broken_constraint_is_heard_as_the_refusal_that_it_is(
    company: Company, database: Database, statement: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal, match=r"\(\w+\)"):
        await database.session().write(statement, company.tenant_id)


async def test_who_expects_a_constraint_hears_of_it_as_the_driver_tells_it(
    company: Company, database: Database
) -> None:
    again = "INSERT INTO cost_families SELECT * FROM cost_families WHERE tenant_id = $1 RETURNING 1"
    with pytest.raises(asyncpg.UniqueViolationError):
        await database.session().write(again, company.tenant_id, expects=("cost_families_pkey",))


def test_an_amount_that_is_too_much_is_a_fault_of_the_call() -> None:
    refusal = refusal_of("commitments_amounts_within_reach")
    assert isinstance(refusal, Invalid)
    assert list(refusal.faults) == ["$"]


# What breaks each promise of one row to another, and each promise of a row to itself: of a company with a purchase
# that has nothing yet and an approved subscription. Each statement names the company as $1.
BREAKS: Final = {
    "users_person_exists": "UPDATE users SET person_id = 9999 WHERE tenant_id = $1 AND kind = 'Key'",
    "users_person_of_key": "UPDATE users SET person_id = 36 WHERE tenant_id = $1 AND user_id = 35",
    "purchases_closer_exists": "UPDATE purchases SET state = 'Closed', closed_on = now(), closed_at = now(), "
    "closed_by_id = 9999 WHERE tenant_id = $1",
    "purchases_closing_whole": "UPDATE purchases SET closed_at = now() WHERE tenant_id = $1",
    "purchases_commitment_exists": "UPDATE purchases SET commitment_id = (SELECT commitment_id FROM commitments WHERE "
    "tenant_id = $1) WHERE tenant_id = $1 AND commitment_id IS NULL",
    "purchases_version_positive": "UPDATE purchases SET version = 0 WHERE tenant_id = $1",
    "orders_author_exists": "UPDATE orders SET author_id = 9999 WHERE tenant_id = $1",
    "orders_commitment_exists": "UPDATE orders SET purchase_id = (SELECT purchase_id FROM purchases WHERE "
    "tenant_id = $1 AND commitment_id IS NULL) WHERE tenant_id = $1",
    "requests_commitment_exists": "UPDATE requests SET purchase_id = (SELECT purchase_id FROM purchases WHERE "
    "tenant_id = $1 AND commitment_id IS NULL) WHERE tenant_id = $1",
    "request_approvers_absent_exists": "UPDATE request_approvers SET in_place_of = 9999 WHERE tenant_id = $1",
    "request_decisions_absent_exists": "UPDATE request_decisions SET in_place_of = 9999 WHERE tenant_id = $1",
    "request_decisions_key_exists": "UPDATE request_decisions SET api_key_id = 2000000000 WHERE tenant_id = $1",
    "commitments_amounts_within_reach": "UPDATE commitments SET excluding_minor = 1e15 WHERE tenant_id = $1",
    "commitments_totals_within_reach": "UPDATE commitments SET excluding_minor = 1e14 WHERE tenant_id = $1",
    "commitments_frequency_whole": "UPDATE commitments SET frequency_value = NULL, type = 'OneTimeCommitment', "
    "cost_date = now(), invoice_date = now(), periods_count = 1 WHERE tenant_id = $1",
    "commitments_duration_whole": "UPDATE commitments SET duration_unit = NULL, type = 'OneTimeCommitment', "
    "cost_date = now(), invoice_date = now(), periods_count = 1 WHERE tenant_id = $1",
    "commitments_obligation_whole": "UPDATE commitments SET obligation_value = 1 WHERE tenant_id = $1",
    "commitments_notice_whole": "UPDATE commitments SET notice_unit = 'Month' WHERE tenant_id = $1",
    "commitments_spans_positive": "UPDATE commitments SET frequency_value = 0 WHERE tenant_id = $1",
    "commitment_taxes_amounts_within_reach": "UPDATE commitment_taxes SET tax_minor = -1 WHERE tenant_id = $1",
    "commitment_taxes_line_positive": "UPDATE commitment_taxes SET line = -1 WHERE tenant_id = $1",
    "policies_version_positive": "UPDATE policies SET version = -1 WHERE tenant_id = $1",
    "events_version_positive": "UPDATE events SET version = 0 WHERE tenant_id = $1 AND version IS NOT NULL",
    **{
        f"{table}_version_positive": f"UPDATE {table} SET version = 0 WHERE tenant_id = $1"  # noqa: S608
        for table in (
            "cost_families",
            "natures",
            "cost_centers",
            "suppliers",
            "legal_units",
            "establishments",
            "departments",
            "users",
            "axes",
            "axis_sections",
        )
    },
}


def test_every_constraint_of_this_step_is_tried() -> None:
    (step,) = (step for step in migrations() if step.name == "0007_constraints")
    assert set(re.findall(r"ADD CONSTRAINT (\w+)", step.sql)) - {"commitments_of_purchase_unique"} == set(BREAKS)


async def test_rows_keep_their_promises_whoever_writes_them(
    live: Live, company: Company, owner: OwnerConnection
) -> None:
    tax = {"taxes": [{"rateTypeId": 45, "value": 1}]}
    amount = SUBSCRIPTION["amountIncludingTaxesPerPeriod"] | tax
    await live("new")
    await live("approved", terms=SUBSCRIPTION | {"amountIncludingTaxesPerPeriod": amount})
    for name, statement in BREAKS.items():
        with pytest.raises(asyncpg.IntegrityConstraintViolationError) as broken:
            await owner.execute(statement, company.tenant_id)
        assert broken.value.constraint_name == name
