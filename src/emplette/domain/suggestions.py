"""What somebody probably means when they ask for something: as they did before, and as others did at that supplier."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from emplette.domain.dossiers import Dossier
from emplette.domain.purchases import PurchaseState
from emplette.domain.suppliers import PaymentMethod


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What can be left as it is suggested; None is what nothing is known of."""

    nature_id: int | None = None
    cost_center_id: int | None = None
    rate_type_id: int | None = None
    currency: str | None = None
    payment_method: PaymentMethod | None = None


def suggestion_from(own: Sequence[Dossier], of_supplier: Sequence[Dossier], person_id: int) -> Suggestion:
    """Suggest by the latest purchases: a person's ``own``, and those ``of_supplier``, each the latest first.

    What is bought at a supplier, and how it is taxed and paid, is as it was there, last by the person themselves. It is
    charged as the person charges there, else as they charge anything, else as others charge there.
    """
    mine = [each for each in of_supplier if each.purchase.owner.id == person_id]
    there = next(iter([*mine, *of_supplier]), None)
    charged = next(iter([*mine, *own, *of_supplier]), None)
    said = next((each.commitment for each in [*mine, *of_supplier] if each.commitment is not None), None)
    amount = None if said is None else said.amount.base
    return Suggestion(
        nature_id=None if there is None else there.purchase.nature.id,
        cost_center_id=None if charged is None else charged.purchase.cost_center.id,
        rate_type_id=amount.taxes[0].rate_type_id if amount is not None and amount.taxes else None,
        currency=None if amount is None else amount.excluding.currency.code,
        payment_method=None if said is None else said.payment_method,
    )


_BOUGHT: Final = frozenset({PurchaseState.ONGOING, PurchaseState.CLOSED})


def last_alike(past: Sequence[Dossier], nature_id: int) -> Dossier | None:
    """Find what a purchase is compared with: the latest of ``past`` that was approved, of the same nature if one is."""
    bought = [each for each in past if each.purchase.state in _BOUGHT and each.commitment is not None]
    return next((each for each in bought if each.purchase.nature.id == nature_id), next(iter(bought), None))
