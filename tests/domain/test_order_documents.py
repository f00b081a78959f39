"""What the document of an order says: taken from the order, and from what is known of both sides that day."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.dossiers import Dossier
from emplette.domain.order_documents import Approval, Edition, Letter, Surroundings, Tax, letter_of, same_hash
from emplette.domain.orders import OrderNotFound
from emplette.domain.organisation import LegalUnit, OwnEstablishment
from emplette.domain.parties import Conditions, Language, Letterhead, PostalAddress
from emplette.domain.people import Tenant
from emplette.domain.reviewing import cancel
from emplette.domain.suppliers import ListedSupplier, PaymentMethod
from emplette.domain.taxes import RateType, VatRate
from tests.fixtures.dossiers import (
    CREATED,
    DRAFTED,
    PURCHASE,
    YEARLY,
    approved,
    caller,
    committed,
    stamp,
    submitted,
)

TENANT = Tenant(1, "acme", "Acme", ZoneInfo("Pacific/Auckland"), "EUR", "FR")
HOUSE = Letterhead(
    PostalAddress(street="1 rue de la Paix", city="Paris"), "303265045", "FR40303265045", Conditions(fr="De la maison")
)
PARIS = OwnEstablishment(id=1, name="Paris", territory_id="FR", currency="EUR", legal_unit_id=1)
AMAZON = ListedSupplier(
    id=6,
    name="Amazon",
    territory_id="FR",
    address=PostalAddress(city="Clichy"),
    registration_id="487773327",
    payment_term=Duration(30, TimeUnit.DAY),
    preferred_payment_method=PaymentMethod.CHECK,
)
AROUND = Surroundings("acme.example.com", HOUSE, PARIS, LegalUnit(id=1, name="Acme SAS", territory_id="FR"), AMAZON)
NORMAL = VatRate(1, RateType(45, "Normal", "FR"), Decimal("0.2"), date(2014, 1, 1), None)


def letter(dossier: Dossier | None = None, around: Surroundings = AROUND) -> Letter:
    return letter_of(dossier or approved(), around, TENANT, {45: NORMAL})


def test_it_tells_the_order_and_what_was_approved() -> None:
    dossier = approved()
    told = letter(dossier)
    assert dossier.request is not None
    assert (told.number, told.title, told.contact) == ("PO-000041", "Purchase entry test", "Olive Owner")
    assert told.content_hash == dossier.request.content_hash
    assert told.verify_url == "https://acme.example.com/verify/PO-000041"
    assert (told.delivery_date, told.invoice_date) == (date(2025, 4, 14), date(2025, 4, 30))
    assert (told.periods, told.total, told.cancelled_on) == (None, None, None)


def test_a_further_edition_says_since_which_day_it_holds() -> None:
    first = letter()
    assert (first.edition, first.amended_on) == (1, None)
    since = datetime(2026, 11, 21, 20, tzinfo=UTC)
    second = letter_of(approved(), AROUND, TENANT, {45: NORMAL}, Edition(2, 32, since))
    assert (second.edition, second.amended_on) == (2, date(2026, 11, 22))


def test_days_and_hours_are_those_of_the_company() -> None:
    told = letter()
    assert told.ordered_on == date(2025, 4, 15), "midnight has passed in Auckland"
    assert [(made.by, made.is_key, made.at.hour) for made in told.approvals] == [("Alma Approver", False, 0)]


def test_a_key_that_approved_by_itself_is_told_as_one() -> None:
    dossier = approved()
    assert dossier.request is not None
    (made,) = dossier.request.decisions
    by_key = replace(dossier.request, decisions=(replace(made, by=caller().user),))
    assert letter(replace(dossier, request=by_key)).approvals == (
        Approval(by="Key", is_key=True, at=made.at.astimezone(TENANT.time_zone)),
    )


def test_who_approved_something_else_did_not_approve_this() -> None:
    dossier = approved()
    assert dossier.request is not None
    (made,) = dossier.request.decisions
    earlier = replace(dossier.request, decisions=(replace(made, content_hash="v1:other"), made))
    assert len(letter(replace(dossier, request=earlier)).approvals) == 1


def test_amounts_are_told_to_the_smallest_coin_and_a_rate_that_nobody_knows_without_a_percentage() -> None:
    amount = letter().amount
    assert amount.excluding == Decimal("120.00")
    assert amount.taxes == (
        Tax("Normal", Decimal("0.2"), "FR", Decimal("24.00")),
        Tax("", None, "", Decimal("0.55")),
    )
    assert amount.including == Decimal("144.55")


def test_a_subscription_has_the_amount_of_a_period_and_the_total_of_all() -> None:
    told = letter(approved(submitted(committed(terms=YEARLY))))
    assert told.delivery_date is None
    assert told.periods is not None
    assert (told.periods.count, told.periods.end_date) == (12, date(2026, 4, 13))
    assert (told.periods.contractual_end_date, told.periods.last_notice_date) == (date(2025, 10, 13), date(2025, 9, 29))
    assert told.total is not None
    assert (told.amount.including, told.total.including) == (Decimal("144.55"), Decimal("1734.60"))


def test_an_establishment_says_what_it_knows_and_its_company_the_rest() -> None:
    buyer = letter().buyer
    assert (buyer.name, buyer.site, buyer.territory_id) == ("Acme SAS", "Paris", "FR")
    assert (buyer.address, buyer.registration_id, buyer.vat_number) == (HOUSE.address, "303265045", "FR40303265045")
    own = replace(PARIS, address=PostalAddress(city="Lyon"), registration_id="30326504500012", vat_number="FR1")
    buyer = letter(around=replace(AROUND, establishment=own)).buyer
    assert (buyer.address, buyer.registration_id, buyer.vat_number) == (
        *(PostalAddress(city="Lyon"), "30326504500012", "FR1"),
    )


def test_an_address_is_in_the_territory_of_whose_it_is() -> None:
    geneva = replace(PARIS, name="Acme", territory_id="CH", legal_unit_id=None)
    around = replace(AROUND, establishment=geneva, legal_unit=None)
    assert letter(around=around).buyer.territory_id == "FR"
    assert letter(around=around).buyer.site is None
    assert letter(around=replace(around, letterhead=Letterhead())).buyer.territory_id == "CH"


def test_without_an_establishment_the_company_buys() -> None:
    buyer = letter(around=replace(AROUND, establishment=None, legal_unit=None)).buyer
    assert (buyer.name, buyer.site, buyer.address) == ("Acme", None, HOUSE.address)


def test_a_draft_supplier_has_a_name_and_a_territory() -> None:
    dossier = approved(submitted(committed(replace(CREATED, purchase=replace(PURCHASE, supplier=DRAFTED)))))
    told = letter(dossier, replace(AROUND, supplier=None))
    assert (told.supplier.name, told.supplier.territory_id, told.supplier.address) == ("Corner shop", "FR", None)
    assert (told.payment_term, told.payment_method) == (None, None)


def test_a_listed_supplier_says_how_it_is_paid_where_the_commitment_does_not() -> None:
    assert (letter().payment_method, letter().payment_term) == (PaymentMethod.CHECK, Duration(30, TimeUnit.DAY))
    dossier = approved()
    assert dossier.commitment is not None
    paid = replace(dossier, commitment=replace(dossier.commitment, payment_method=PaymentMethod.DIRECT_DEBIT))
    assert letter(paid).payment_method is PaymentMethod.DIRECT_DEBIT


def test_the_most_particular_conditions_hold() -> None:
    assert letter().conditions == "De la maison"
    of_paris = replace(AROUND, establishment=replace(PARIS, conditions=Conditions(fr="De Paris")))
    assert letter(around=of_paris).conditions == "De Paris"
    agreed = replace(of_paris, supplier=replace(AMAZON, conditions=Conditions(en="Agreed with Amazon")))
    assert letter(around=agreed).conditions == "Agreed with Amazon"
    assert letter(around=replace(AROUND, letterhead=Letterhead())).conditions is None


def test_a_cancelled_order_tells_when_it_was() -> None:
    cancelled = cancel(approved(), "No", by=stamp(minutes=9)).after
    assert letter(cancelled).cancelled_on == date(2025, 4, 15)


def test_the_language_is_that_of_the_suppliers_territory() -> None:
    assert letter().language is Language.FRENCH


def test_what_is_no_order_yet_has_no_document() -> None:
    with pytest.raises(OrderNotFound):
        letter(submitted())


@pytest.mark.parametrize("told", ["v1:abc0", "abc0", " ABC0 ", "ab c0", "V1:ABC0"])
def test_a_hash_is_the_same_however_it_was_typed_off(told: str) -> None:
    assert same_hash(told, "v1:abc0")


@pytest.mark.parametrize("told", ["", "abc", "v2:abc0", ":abc0", "0"])
def test_another_hash_is_not(told: str) -> None:
    assert not same_hash(told, "v1:abc0")


def test_nothing_is_the_hash_of_nothing() -> None:
    assert not same_hash("", "")
