"""A purchase and all under it: what is approved in it, what it costs, what can be done next."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest

from emplette.domain.approvals import RequestNotFound
from emplette.domain.attachments import Attachment
from emplette.domain.commitments import Commitment, CommitmentNotFound
from emplette.domain.currencies import EUR
from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.dossiers import (
    Amounts,
    Dossier,
    actions,
    amounts,
    as_it_stands,
    commitment_of,
    content,
    content_hash,
    refuse_closed,
    request_of,
    written,
)
from emplette.domain.money import Conversion, DualAmount, DualMoney, Money, TaxedAmount, TaxLine
from emplette.domain.purchases import CostCenter, Establishment, Named, Purchase
from emplette.domain.suppliers import PaymentMethod, Supplier, SupplierState
from tests.fixtures.dossiers import (
    CHF,
    CREATED,
    DRAFTED,
    HEAD,
    IN_FRANCS,
    KEY,
    KEY_OF_HEAD,
    OWNER,
    PURCHASE,
    SECOND,
    TAXED,
    YEARLY,
    approved,
    attachment,
    cancelled,
    closed,
    committed,
    denied,
    stamp,
    step,
    submitted,
)

ONE_TIME, SUBSCRIPTION = committed(), committed(terms=YEARLY)

# What was approved years ago must still be found to be what it was: these values never change. Another recipe for
# the hash gets another version before its colon, and this one stays.
GOLDEN: Final = {
    "one-time": "v1:2586509ea52f72f6620b13b441f78741b6e0992f460d59399936a6a649783f13",
    "subscription": "v1:cf45215c8b758d81526faed94837d6c99ad76c62d43c3f7235a3c04924700889",
    "draft supplier": "v1:6ff26d04a6ae8e9d8d49f0fee919fed703cad7168cff1a3c62c35d2c0ecb0003",
    "attachments": "v1:dddfbc3ed2b69bd2001f5d1bed37a9ad472836e11e5623f51d1fd1de9d1277c6",
}
EXAMPLES: Final = {
    "one-time": ONE_TIME,
    "subscription": SUBSCRIPTION,
    "draft supplier": replace(ONE_TIME, purchase=replace(ONE_TIME.purchase, supplier=DRAFTED)),
    "attachments": committed(attachments=[attachment(51), attachment(52, "contract.pdf", content=b"contract")]),
}


# The hash of what is approved -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_what_was_approved_once_has_the_same_hash_for_ever(name: str) -> None:
    assert content_hash(EXAMPLES[name]) == GOLDEN[name]


@pytest.mark.parametrize("seed", ["0", "4711"])
def test_another_process_finds_the_same_hash(seed: str) -> None:
    program = (
        "from tests.domain.test_dossiers import EXAMPLES, content_hash\n"
        "print(*(content_hash(EXAMPLES[name]) for name in sorted(EXAMPLES)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(["src", "."])},
        capture_output=True,
        check=True,
        text=True,
    )
    assert found.stdout.split() == [GOLDEN[name] for name in sorted(EXAMPLES)]


PURCHASE_CHANGES: Final[dict[str, dict[str, Any]]] = {
    "id": {"id": 12},
    "title": {"title": "Purchase entry test."},
    "owner": {"owner": SECOND},
    "nature": {"nature": Named(2, "Office supplies")},
    "cost center": {"cost_center": CostCenter(4, "Marketing", "MKT")},
    "establishment": {"establishment": Establishment(2, "Paris", "FR", "EUR")},
    "no establishment": {"establishment": None},
    "department": {"department": Named(15, "Marketing")},
    "no department": {"department": None},
    "sections": {"axis_sections": (Named(361, "Spring fair"),)},
    "order of sections": {"axis_sections": tuple(reversed(PURCHASE.axis_sections))},
    "supplier": {"supplier": Supplier(7, "Amazon", "FR")},
    "territory of supplier": {"supplier": Supplier(6, "Amazon", "BE")},
    "draft supplier": {"supplier": Supplier(None, "Amazon", "FR")},
}
OFFER, CONTRACT = attachment(51), attachment(52, "contract.pdf", content=b"contract")


def _file(one: Attachment, **changes: Any) -> Attachment:  # noqa: ANN401  any field of a file
    return replace(one, file=replace(one.file, **changes))


COMMITMENT_CHANGES: Final[dict[str, dict[str, Any]]] = {
    "id": {"id": 22},
    "comment": {"comment": "Another comment"},
    "no comment": {"comment": None},
    "payment method": {"payment_method": PaymentMethod.CHECK},
    "attachment": {"attachments": (OFFER,)},
    "attachments": {"attachments": (OFFER, CONTRACT)},
    "order of attachments": {"attachments": (CONTRACT, OFFER)},
    "name of a file": {"attachments": (_file(OFFER, name="Offer.pdf"),)},
    "bytes of a file": {"attachments": (_file(OFFER, sha256=bytes(32)),)},
    "number of an attachment": {"attachments": (replace(OFFER, id=53),)},
}


def _amount(excluding: int = 12000, *taxes: tuple[int, int], rate: str = "0.9512") -> DualAmount:
    lines = tuple(TaxLine(kind, Money(minor, EUR)) for kind, minor in taxes or ((45, 2400), (46, 55)))
    conversion = Conversion(Decimal(rate), date(2025, 4, 14), CHF)
    return DualAmount.of(TaxedAmount(Money(excluding, EUR), lines), conversion)


AMOUNT_CHANGES: Final = {
    "amount": _amount(12001),
    "tax": _amount(12000, (45, 2401), (46, 55)),
    "type of rate": _amount(12000, (47, 2400), (46, 55)),
    "lines of taxes": _amount(12000, (45, 2455)),
    "order of taxes": _amount(12000, (46, 55), (45, 2400)),
    "currency": DualAmount.of(
        TaxedAmount(Money(12000, CHF), (TaxLine(45, Money(2400, CHF)), TaxLine(46, Money(55, CHF)))),
        Conversion(Decimal("0.9512"), date(2025, 4, 14), CHF),
    ),
    "counter value": _amount(rate="0.9612"),
    "counter currency": DualAmount.of(TAXED, Conversion.none(EUR)),
}
ONCE_CHANGES: Final[dict[str, dict[str, Any]]] = {
    "cost date": {"cost_date": date(2025, 4, 15)},
    "invoice date": {"invoice_date": date(2025, 5, 1)},
}
TERM_CHANGES: Final[dict[str, dict[str, Any]]] = {
    "start date": {"start_date": date(2025, 4, 15)},
    "first invoice date": {"first_invoice_date": date(2025, 5, 2)},
    "frequency": {"frequency": Duration(2, TimeUnit.MONTH)},
    "unit of frequency": {"frequency": Duration(1, TimeUnit.YEAR)},
    "duration": {"duration": Duration(13, TimeUnit.MONTH)},
    "obligation": {"obligation": Duration(7, TimeUnit.MONTH)},
    "no obligation": {"obligation": None},
    "notice": {"notice": Duration(3, TimeUnit.WEEK)},
    "no notice": {"notice": None},
}


def of(dossier: Dossier, purchase: Purchase | None = None, commitment: Commitment | None = None) -> Dossier:
    return replace(dossier, purchase=purchase or dossier.purchase, commitment=commitment or dossier.commitment)


def _with(dossier: Dossier, **changes: Any) -> Dossier:  # noqa: ANN401  any field of a commitment
    return of(dossier, commitment=replace(commitment_of(dossier), **changes))


CHANGED: Final = {
    **{
        f"purchase: {name}": of(ONE_TIME, purchase=replace(ONE_TIME.purchase, **change))
        for name, change in PURCHASE_CHANGES.items()
    },
    **{f"commitment: {name}": _with(ONE_TIME, **change) for name, change in COMMITMENT_CHANGES.items()},
    **{f"money: {name}": _with(ONE_TIME, amount=amount) for name, amount in AMOUNT_CHANGES.items()},
    **{
        f"once: {name}": _with(ONE_TIME, terms=replace(commitment_of(ONE_TIME).terms, **change))
        for name, change in ONCE_CHANGES.items()
    },
    "another type": SUBSCRIPTION,
}
CHANGED_TERMS: Final = {
    name: _with(SUBSCRIPTION, terms=replace(YEARLY, **change)) for name, change in TERM_CHANGES.items()
}


@pytest.mark.parametrize("name", CHANGED)
def test_whatever_is_shown_changes_the_hash(name: str) -> None:
    assert content_hash(CHANGED[name]) != content_hash(ONE_TIME)


@pytest.mark.parametrize("name", CHANGED_TERMS)
def test_every_term_of_a_subscription_changes_the_hash(name: str) -> None:
    assert content_hash(CHANGED_TERMS[name]) != content_hash(SUBSCRIPTION)


def test_no_two_of_these_contents_share_a_hash() -> None:
    every = [ONE_TIME, *CHANGED.values(), *CHANGED_TERMS.values()]
    assert len({content_hash(dossier) for dossier in every}) == len(every)


def test_the_name_and_the_place_of_a_draft_supplier_are_what_is_approved() -> None:
    drafted = EXAMPLES["draft supplier"]
    for other in (replace(DRAFTED, name="Another shop"), replace(DRAFTED, territory_id="BE")):
        changed = of(drafted, purchase=replace(drafted.purchase, supplier=other))
        assert content_hash(changed) != content_hash(drafted)


UNTOUCHED: Final[dict[str, dict[str, Any]]] = {
    "renamed supplier": {"supplier": Supplier(6, "Amazon EU", "FR", SupplierState.ARCHIVED)},
    "renamed nature": {"nature": Named(1, "Supplies", is_active=False)},
    "renamed cost center": {"cost_center": CostCenter(3, "Communication", "COM", is_active=False)},
    "moved establishment": {"establishment": Establishment(1, "Lutèce", "FR", "EUR", is_active=False)},
    "renamed department": {"department": Named(14, "Communication")},
    "married owner": {"owner": replace(OWNER, last_name="Other")},
    "version": {"version": 99, "modified": stamp(SECOND)},
}


@pytest.mark.parametrize("name", UNTOUCHED)
def test_what_is_only_called_otherwise_today_has_the_same_hash(name: str) -> None:
    purchase = replace(ONE_TIME.purchase, **UNTOUCHED[name])
    assert content_hash(of(ONE_TIME, purchase=purchase)) == content_hash(ONE_TIME)


def test_where_a_file_lies_and_who_has_it_is_no_part_of_what_is_approved() -> None:
    moved = replace(_file(OFFER, place="elsewhere", total_pages=None), commitment_id=99, created_at=stamp().at)
    one, other = (_with(ONE_TIME, attachments=(hung,)) for hung in (OFFER, moved))
    assert content_hash(one) == content_hash(other)


def test_where_it_stands_is_no_part_of_what_is_approved() -> None:
    assert content_hash(approved()) == content_hash(submitted()) == content_hash(ONE_TIME)


def test_before_a_commitment_the_content_is_that_of_the_purchase() -> None:
    shown = content(CREATED)
    assert shown["purchaseId"] == 11
    assert "commitmentId" not in shown
    assert set(shown) < set(content(ONE_TIME))


def test_what_waits_is_shown_with_the_hash_of_what_it_says_now() -> None:
    waiting = submitted(None, step(1, HEAD))
    assert as_it_stands(waiting) is waiting
    erased = replace(waiting, purchase=replace(waiting.purchase, title="Chairs for Erased person 35"))
    assert request_of(as_it_stands(erased)).content_hash == content_hash(erased) != content_hash(waiting)
    decided = approved()
    for ended in (CREATED, ONE_TIME, replace(decided, purchase=erased.purchase)):
        assert as_it_stands(ended) is ended


def test_a_hash_says_by_which_recipe_it_was_made() -> None:
    version, _, digest = content_hash(ONE_TIME).partition(":")
    assert version == "v1"
    assert len(bytes.fromhex(digest)) == 32


# Its money --------------------------------------------------------------------------------------------------

NOTHING = DualMoney(Money.zero(EUR), Money.zero(CHF), Decimal("0.9512"))
WHOLE = DualMoney(Money(12000, EUR), Money(11414, CHF), Decimal("0.9512"))


def test_before_a_commitment_all_amounts_are_nothing_in_the_reference_currency() -> None:
    nothing = DualMoney(Money.zero(CHF), Money.zero(CHF), Decimal(1))
    assert amounts(CREATED, CHF) == Amounts(nothing, nothing, nothing, nothing, nothing)


@pytest.mark.parametrize(
    ("dossier", "requested", "committed_amount"),
    [
        (ONE_TIME, NOTHING, NOTHING),
        (submitted(), WHOLE, NOTHING),
        (approved(), NOTHING, WHOLE),
        (denied(), NOTHING, NOTHING),
        (cancelled(approved()), NOTHING, NOTHING),
        (closed(approved()), NOTHING, WHOLE),
    ],
    ids=["Created", "Processing", "Ongoing", "Denied", "Cancelled", "Closed"],
)
def test_money_is_asked_for_then_approved_in_the_commitments_currency(
    dossier: Dossier, requested: DualMoney, committed_amount: DualMoney
) -> None:
    assert amounts(dossier, CHF) == Amounts(
        requested, committed_amount, billed=NOTHING, confirmed=NOTHING, available=committed_amount
    )


def test_the_money_of_a_subscription_is_that_of_all_its_periods() -> None:
    found = amounts(approved(submitted(SUBSCRIPTION)), CHF)
    assert found.committed.base == Money(144000, EUR)
    assert found.committed.counter == Money(11414 * 12, CHF)


# What can be done, and by whom ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "possible"),
    [
        (lambda: CREATED, ["revise", "commit", "close"]),
        (committed, ["revise", "submit", "close"]),
        (submitted, ["approve", "deny", "cancel"]),
        (approved, ["amend", "cancel", "close"]),
        (denied, ["revise", "commit", "close"]),
        (cancelled, ["revise", "commit", "close"]),
        (closed, []),
    ],
    ids=["Created", "committed", "Processing", "Ongoing", "Denied", "Cancelled", "Closed"],
)
def test_what_can_be_done_next_depends_on_the_state_and_on_what_there_is(
    make: Callable[[], Dossier], possible: list[str]
) -> None:
    dossier = make()
    assert actions(dossier) == possible
    drafted = of(dossier, purchase=replace(dossier.purchase, supplier=DRAFTED))
    assert actions(drafted) == [*possible, *(["listSupplier"] if possible else [])]


def test_whoever_writes_any_part_is_remembered_for_ever() -> None:
    once = written(CREATED.purchase, stamp(KEY_OF_HEAD))
    again = written(once, stamp(SECOND))
    assert again.writers == {KEY.id, KEY_OF_HEAD.id, HEAD.id, SECOND.id}
    assert again.version == CREATED.purchase.version + 2


def test_who_is_asked_is_known_once_a_request_is_there() -> None:
    assert ONE_TIME.asked == frozenset()
    assert submitted(None, step(1, HEAD), step(2, SECOND)).asked == {HEAD.id, SECOND.id}


def test_what_must_be_there_and_is_not_is_refused_by_name() -> None:
    assert commitment_of(ONE_TIME) is ONE_TIME.commitment
    assert request_of(submitted()) == submitted().request
    with pytest.raises(CommitmentNotFound):
        commitment_of(CREATED)
    with pytest.raises(RequestNotFound):
        request_of(ONE_TIME)


def test_a_purchase_that_is_not_closed_may_still_change() -> None:
    refuse_closed(PURCHASE)
    assert IN_FRANCS.conversion.currency == CHF
