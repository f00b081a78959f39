"""What somebody probably means: as they bought before, and as others bought there."""

from dataclasses import replace

from emplette.domain.dossiers import Dossier
from emplette.domain.purchases import CostCenter, Named, PurchaseState
from emplette.domain.suggestions import Suggestion, last_alike, suggestion_from
from emplette.domain.suppliers import PaymentMethod
from tests.fixtures.dossiers import HEAD, OWNER, committed


def _bought(nature: int, center: int, *, by: int = OWNER.id) -> Dossier:
    dossier = committed()
    purchase = replace(
        dossier.purchase,
        nature=Named(nature, "Kind"),
        cost_center=CostCenter(center, "Center", "C"),
        owner=replace(OWNER, id=by),
    )
    return replace(dossier, purchase=purchase)


def test_nothing_is_suggested_where_nothing_was_bought() -> None:
    assert suggestion_from([], [], OWNER.id) == Suggestion()


def test_what_is_bought_at_a_supplier_is_as_it_was_there_last() -> None:
    found = suggestion_from([], [_bought(2, 5, by=HEAD.id), _bought(1, 3, by=HEAD.id)], OWNER.id)
    assert (found.nature_id, found.cost_center_id, found.currency) == (2, 5, "EUR")


def test_it_is_charged_as_the_person_charges_anything_when_they_never_bought_there() -> None:
    found = suggestion_from([_bought(9, 7)], [_bought(2, 5, by=HEAD.id)], OWNER.id)
    assert (found.nature_id, found.cost_center_id) == (2, 7)


def test_what_the_person_bought_there_counts_before_what_others_did() -> None:
    found = suggestion_from([_bought(9, 7)], [_bought(2, 5, by=HEAD.id), _bought(1, 3)], OWNER.id)
    assert (found.nature_id, found.cost_center_id) == (1, 3)


def test_tax_and_payment_are_those_of_the_latest_that_says_what_it_costs() -> None:
    written, said = replace(_bought(2, 5), commitment=None), _bought(1, 3)
    assert said.commitment is not None
    by_card = replace(said, commitment=replace(said.commitment, payment_method=PaymentMethod.PHYSICAL_CARD))
    found = suggestion_from([], [written, by_card], OWNER.id)
    (line, *_) = said.commitment.amount.base.taxes
    assert (found.rate_type_id, found.payment_method) == (line.rate_type_id, PaymentMethod.PHYSICAL_CARD)


def _approved(nature: int, state: PurchaseState = PurchaseState.ONGOING) -> Dossier:
    dossier = _bought(nature, 3)
    return replace(dossier, purchase=replace(dossier.purchase, state=state))


def test_it_is_compared_with_the_last_of_the_same_nature_and_else_with_the_last() -> None:
    past = [_approved(2), _approved(1, PurchaseState.CLOSED), _approved(1)]
    assert last_alike(past, 1) is past[1]
    assert last_alike(past, 9) is past[0]


def test_what_was_not_approved_or_has_no_amount_is_compared_with_nothing() -> None:
    past = [_approved(1, PurchaseState.DENIED), _approved(1, PurchaseState.PROCESSING)]
    assert last_alike([*past, replace(_approved(1), commitment=None)], 1) is None
