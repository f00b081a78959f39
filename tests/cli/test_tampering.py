"""What `emplette verify` could be led past, or broken off by: numbers that nobody gives, and nonsense."""

import re

import pytest

from tests.cli.test_verify import CHANGED, Log, log

__all__ = ["log"]  # the fixture

_KEY = """INSERT INTO api_keys (tenant_id, api_key_id, secret_hash, name, contact, permissions, user_id, auto_approve,
    created_at) SELECT tenant_id, -5, decode(repeat('11', 32), 'hex'), name, contact, permissions, user_id,
    auto_approve, created_at FROM api_keys WHERE tenant_id = $t LIMIT 1"""
_PURCHASE = """INSERT INTO purchases (tenant_id, purchase_id, version, state, title, owner_id, nature_id,
    cost_center_id, supplier_id, supplier_name, supplier_territory_id, search_text, created_at, author_id, modified_at,
    modifier_id)
    SELECT tenant_id, 0, 1, 'Created', title, owner_id, nature_id, cost_center_id, supplier_id, supplier_name,
    supplier_territory_id, search_text, created_at, author_id, modified_at, modifier_id
    FROM purchases WHERE tenant_id = $t LIMIT 1"""
_SUPPLIER = """INSERT INTO suppliers (tenant_id, supplier_id, name, folded_name, territory_id)
    VALUES ($t, 0, 'Evil', 'evil', 'FR')"""
_EVENT = """INSERT INTO events (tenant_id, event_id, at, type, object_type, object_id, purchase_id, version, actor_id,
    facts) OVERRIDING SYSTEM VALUE SELECT $t, {number}, now(), 'purchase.changed', 'purchase', purchase_id,
    purchase_id, 99, 36, jsonb_build_object('purchase', jsonb_build_object('purchase_id', purchase_id, 'owner_id', 36))
    FROM purchases WHERE tenant_id = $t"""


async def test_what_has_a_number_below_the_first_is_named(log: Log) -> None:
    await log.do(
        _KEY,
        _EVENT.format(number="-$t"),
        _PURCHASE,
        _SUPPLIER,
    )
    found = [line for line in await log.findings() if "number" in line]
    inserted = "has a number that nothing is given: inserted."
    tenant = log.company.tenant_id
    assert found == [
        f"Event -{tenant} {inserted}",
        f"Purchase 0 {inserted}",
        f"Key -5 {inserted}",
        f"Supplier 0 {inserted}",
    ]


async def test_an_event_that_is_sealed_before_the_first_position_is_no_witness(log: Log) -> None:
    await log.owner.execute("ALTER TABLE sealed DROP CONSTRAINT sealed_position_positive")
    try:
        await log.do(
            _EVENT.format(number="1000000000 + $t"),
            "UPDATE purchases SET owner_id = 36 WHERE tenant_id = $t",
            "INSERT INTO sealed VALUES ($t, -3, 1, 1000000000 + $t, decode(repeat('ab', 32), 'hex'))",
        )
        found = await log.findings()
    finally:
        await log.do("DELETE FROM sealed WHERE tenant_id = $t AND position < 1")
        await log.owner.execute("ALTER TABLE sealed ADD CONSTRAINT sealed_position_positive CHECK (position > 0)")
    assert "The seal of position -3 has a number that nothing is given: inserted." in found


_DEEP = """(repeat('{"a":', 3000) || '1' || repeat('}', 3000))::jsonb"""


@pytest.mark.parametrize("facts", [_DEEP, """'{"purchase": {"owner_id": 1e130000}}'""", """'{"purchase": 1e-9999}'"""])
async def test_facts_that_nothing_can_read_are_named_and_break_nothing_off(log: Log, facts: str) -> None:
    await log.do(f"UPDATE events SET facts = {facts} WHERE event_id = $1 AND tenant_id = $t")  # noqa: S608
    found = await log.findings()
    assert f"Event {log.events[0]} at position 1 {CHANGED}" in found
    assert f"Purchase {log.purchase_id} can't be rebuilt from its events." in found


async def test_texts_and_rows_that_nothing_can_read_are_named_too(log: Log) -> None:
    await log.do(
        f"UPDATE event_texts SET texts = {_DEEP} WHERE event_id = $1 AND tenant_id = $t",  # noqa: S608
        f"UPDATE suppliers SET contacts = {_DEEP} WHERE tenant_id = $t AND iban IS NOT NULL",  # noqa: S608
    )
    found = "\n".join(await log.findings())
    assert f"The texts of event {log.events[0]} do not fit their hash: changed." in found
    assert re.search(r"Supplier \d+ can't be rebuilt from its events\.", found)
