"""What people complained about in amounts, taxes and dates, each against the running server."""

from itertools import pairwise

import httpx2
import pytest

from tests.fixtures.guide import API, ONE_TIME, SUBSCRIPTION, make_commitment, make_purchase

NORMAL = 45
"""The normal rate of France, 20 %."""


def taxed(excluding: float, *taxes: float, **more: object) -> dict[str, object]:
    lines = [{"rateTypeId": NORMAL, "value": tax, "currency": "EUR"} for tax in taxes]
    return {"excludingTaxes": {"value": excluding, "currency": "EUR"}, "taxes": lines} | more


@pytest.mark.parametrize(
    ("excluding", "taxes", "including"),
    [
        # Three lines of 33.34, each with its own tax of 6.67: by the total it would be a cent less.
        (100.02, [20.01], 120.03),
        # The same by the total.
        (100.02, [20.00], 120.02),
        # Two cents beside what any rate gives, as the sender's own program has it.
        (0.99, [0.22], 1.21),
    ],
)
async def test_complaint_14_the_total_is_the_senders_to_the_cent(
    client: httpx2.AsyncClient, excluding: float, taxes: list[float], including: float
) -> None:
    """See github.com/Dolibarr/dolibarr-community-modules/issues/781."""
    sent = taxed(excluding, *taxes, includingTaxes={"value": including, "currency": "EUR"})
    made = await make_commitment(client, (await make_purchase(client))["id"], amountIncludingTaxes=sent)
    told = (await client.get(f"{API}/commitments/{made['id']}")).json()["amountIncludingTaxes"]
    assert told["includingTaxes"]["value"] == including
    assert [line["value"] for line in told["taxes"]] == taxes
    order = (await client.post(f"{API}/commitments/{made['id']}/requests")).json()["order"]
    ordered = (await client.get(f"{API}/orders/{order['id']}")).json()["amountIncludingTaxes"]
    assert ordered["includingTaxes"]["value"] == including


async def test_complaint_14_a_total_that_does_not_add_up_is_refused_and_not_mended(client: httpx2.AsyncClient) -> None:
    """See github.com/Dolibarr/dolibarr-community-modules/issues/781."""
    purchase = await make_purchase(client)
    sent = taxed(100.02, 20.01, includingTaxes={"value": 120.02, "currency": "EUR"})
    body = ONE_TIME | {"purchaseId": purchase["id"], "amountIncludingTaxes": sent}
    answer = await client.post(f"{API}/commitments", json=body)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["amountIncludingTaxes.includingTaxes.value"]


async def test_complaint_15_tax_by_line_and_tax_by_total_both_keep_their_cents(client: httpx2.AsyncClient) -> None:
    """See github.com/Dolibarr/dolibarr/issues/27273, /issues/3347 and github.com/frappe/erpnext/issues/38137."""
    by_line, by_total = taxed(100.02, 6.67, 6.67, 6.67), taxed(100.02, 20.00)
    totals = []
    for sent in (by_line, by_total):
        made = await make_commitment(client, (await make_purchase(client))["id"], amountIncludingTaxes=sent)
        totals.append(made["amountIncludingTaxes"]["includingTaxes"]["value"])
    assert totals == [120.03, 120.02]


async def test_complaint_33_a_rate_is_that_of_the_purchase_s_day_and_what_was_typed_stays(
    client: httpx2.AsyncClient,
) -> None:
    """See github.com/frappe/erpnext/issues/12686, /issues/4224 and /issues/29840."""
    purchase = await make_purchase(client)
    dollars = {"excludingTaxes": {"value": 100, "currency": "USD"}, "taxes": []}
    made = await make_commitment(client, purchase["id"], amountIncludingTaxes=dollars)
    told = made["amountIncludingTaxes"]
    assert (told["base"]["excludingTaxes"], told["rateDate"]) == ({"value": 100, "currency": "USD"}, "2025-04-14")
    pounds = ONE_TIME | {
        "costDate": "2024-01-10",
        "amountIncludingTaxes": {"excludingTaxes": {"value": 100, "currency": "GBP"}, "taxes": []},
    }
    changed = await client.put(f"{API}/commitments/{made['id']}", json=pounds)
    assert changed.status_code == 200, changed.text
    anew = changed.json()["amountIncludingTaxes"]
    assert (anew["base"]["excludingTaxes"], anew["rateDate"]) == ({"value": 100, "currency": "GBP"}, "2024-01-10")
    assert anew["rate"] != told["rate"]
    order = (await client.post(f"{API}/commitments/{made['id']}/requests")).json()["order"]
    ordered = (await client.get(f"{API}/orders/{order['id']}")).json()["amountIncludingTaxes"]
    assert (ordered["rate"], ordered["counter"]) == (anew["rate"], anew["counter"])


async def test_complaint_36_what_begins_on_the_31st_comes_back_to_the_31st(client: httpx2.AsyncClient) -> None:
    """See github.com/getlago/lago-api/pull/1840 and github.com/AakashRathore136/FinSight-AI/issues/681."""
    terms = SUBSCRIPTION | {"startDate": "2027-01-31", "firstInvoiceDate": "2027-01-31"}
    made = await make_commitment(client, (await make_purchase(client))["id"], terms)
    periods = (await client.get(f"{API}/commitments/{made['id']}/schedule")).json()["periods"]
    begins = [period["startDate"] for period in periods]
    assert begins[:4] == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
    assert [period["invoiceDate"] for period in periods] == begins
    days = [(before["endDate"], after["startDate"]) for before, after in pairwise(periods)]
    assert days[:2] == [("2027-02-27", "2027-02-28"), ("2027-03-30", "2027-03-31")]


async def test_complaint_36_a_year_from_the_first_of_march_ends_on_the_last_of_february(
    client: httpx2.AsyncClient,
) -> None:
    """See github.com/mlebreuil/netbox-contract/issues/46."""
    terms = SUBSCRIPTION | {"startDate": "2027-03-01", "firstInvoiceDate": "2027-03-01"}
    made = await make_commitment(client, (await make_purchase(client))["id"], terms)
    assert made["subscriptionEndDate"] == "2028-02-29"
    schedule = (await client.get(f"{API}/commitments/{made['id']}/schedule")).json()
    assert (len(schedule["periods"]), schedule["periods"][-1]["endDate"]) == (12, "2028-02-29")
