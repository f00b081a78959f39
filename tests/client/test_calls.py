"""The client makes the guide's calls, and everything that it tells is typed and exact."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from emplette.client import AsyncEmplette, BadRequest, Conflict, NotFound, VersionStale, models
from tests.fixtures.companies import Company


async def _commitment(client: AsyncEmplette, value: Decimal | int = 120) -> models.Commitment:
    purchase = await client.purchases.create(
        title="Keyboard", owner_id=35, nature_id=1, cost_center_id=3, supplier={"id": 6}
    )
    return await client.commitments.create(
        purchase_id=purchase.id,
        type="OneTimeCommitment",
        cost_date=date(2025, 4, 14),
        amount_including_taxes={"excluding_taxes": {"value": value, "currency": "EUR"}},
    )


async def test_three_calls_lead_to_an_approved_order(emplette: AsyncEmplette) -> None:
    commitment = await _commitment(emplette)
    assert isinstance(commitment, models.OneTimeCommitment)
    assert (commitment.type, commitment.cost_date) == ("OneTimeCommitment", date(2025, 4, 14))
    request = await emplette.requests.create(commitment.id)
    assert request.state == "Approved"
    assert request.order is not None
    order = await emplette.orders.get(request.order.id)
    assert order.created_at.tzinfo is not None
    assert order.created_at <= datetime.now(UTC)
    assert order.purchase.name == "Keyboard"


@pytest.mark.parametrize("value", ["9999999999999.99", "0.01", "1234567890123.45", "120"])
async def test_amounts_are_exact_in_both_directions(emplette: AsyncEmplette, value: str) -> None:
    commitment = await _commitment(emplette, Decimal(value))
    assert commitment.amount_including_taxes.excluding_taxes.value == Decimal(value)
    again = await emplette.commitments.get(commitment.id)
    assert again.amount_including_taxes.excluding_taxes.value == Decimal(value)


async def test_a_float_is_refused_before_anything_is_sent(emplette: AsyncEmplette) -> None:
    with pytest.raises(TypeError, match="is a float"):
        await _commitment(emplette, 0.1)  # type: ignore[arg-type]
    assert await emplette.purchases.list().count() == 1


async def test_a_refusal_is_an_error_with_all_that_the_problem_says(emplette: AsyncEmplette) -> None:
    with pytest.raises(BadRequest) as refused:
        await emplette.purchases.create(title=" ", owner_id=99, nature_id=2, cost_center_id=3, supplier={"id": 6})
    assert refused.value.status == 400
    assert refused.value.errors.keys() == {"title", "ownerId", "natureId"}
    assert refused.value.code
    assert refused.value.request_id
    assert "ownerId" in str(refused.value)


async def test_a_conflict_says_what_exists_already(emplette: AsyncEmplette) -> None:
    commitment = await _commitment(emplette)
    request = await emplette.requests.create(commitment.id)
    with pytest.raises(Conflict) as refused:
        await emplette.requests.create(commitment.id)
    assert (refused.value.id, refused.value.href) == (request.id, request.href)
    assert refused.value.state == "Approved"


async def test_what_is_missing_is_not_found(emplette: AsyncEmplette) -> None:
    with pytest.raises(NotFound) as refused:
        await emplette.purchases.get(2_147_483_647)
    assert refused.value.code == "purchase.not_found"


async def test_a_change_is_made_to_the_version_that_was_read_or_to_none(emplette: AsyncEmplette) -> None:
    nature = await emplette.natures.create(name="Travel")
    assert nature.etag is not None
    changed = await emplette.natures.update(nature.id, name="Journeys", if_match=nature)
    assert (changed.name, changed.state) == ("Journeys", nature.state)
    with pytest.raises(VersionStale):
        await emplette.natures.update(nature.id, name="Trips", if_match=nature)


async def test_null_clears_and_what_is_not_given_is_kept(emplette: AsyncEmplette) -> None:
    supplier = await emplette.suppliers.create(name="Quill", territory_id="FR", preferred_nature_id=1)
    kept = await emplette.suppliers.update(supplier.id, name="Quill SAS")
    assert kept.preferred_nature is not None
    cleared = await emplette.suppliers.update(supplier.id, preferred_nature_id=None)
    assert (cleared.name, cleared.preferred_nature) == ("Quill SAS", None)


async def test_a_list_is_followed_over_all_its_pages(emplette: AsyncEmplette) -> None:
    made = [
        (
            await emplette.purchases.create(
                title=f"{n}", owner_id=35, nature_id=1, cost_center_id=3, supplier={"id": 6}
            )
        ).id
        for n in range(7)
    ]
    listing = emplette.purchases.list(limit=3, state=["Created"])
    assert [purchase.id async for purchase in listing] == made
    assert [len(page.items) async for page in listing.pages()] == [3, 3, 1]
    assert await listing.count() == 7
    first = await anext(listing.pages())
    assert first.next is not None
    rest = emplette.purchases.list(limit=5, state=["Created"], page=first.next)
    assert [purchase.id async for purchase in rest] == made[3:]


async def test_rates_of_taxes_are_exact(emplette: AsyncEmplette) -> None:
    rates = await emplette.vat_rates.list(date=date(2025, 4, 14), territory_id="FR")
    assert Decimal("0.055") in {rate.percentage for rate in rates}


async def test_a_key_is_shown_nowhere(company: Company) -> None:
    async with await company.emplette() as client:
        with pytest.raises(NotFound) as refused:
            await client.orders.get(1)
        assert "secret" not in f"{client!r} {refused.value!r} {refused.value.__dict__} {vars(client)}"
