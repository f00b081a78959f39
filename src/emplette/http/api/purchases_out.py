"""How an answer tells a purchase."""

from datetime import date

import msgspec
from msgspec import UNSET, UnsetType

from emplette.domain.currencies import CURRENCIES
from emplette.domain.dossiers import Dossier, actions, amounts
from emplette.domain.people import Tenant
from emplette.domain.purchases import PurchaseAction, PurchaseState, PurchaseType
from emplette.http.api.amounts import DualAmountOut, dual_amount_out
from emplette.http.api.commitments_out import AnyCommitmentOut, commitment_out
from emplette.http.api.references import (
    CostCenterOut,
    NamedOut,
    OrderReferenceOut,
    SupplierOut,
    UserOut,
    cost_center_out,
    department_out,
    establishment_out,
    nature_out,
    section_out,
    supplier_out,
    user_out,
)
from emplette.http.contract import Answer, Instant, instant
from emplette.http.contract.places import href


class ClosingOut(Answer):
    """When and why a purchase was closed."""

    on: date = msgspec.field(name="date")
    comment: str | None
    at: Instant
    by: UserOut


class PurchaseOut(Answer):
    """A purchase; the five amounts are without taxes, in its commitment's currency and the establishment's own."""

    id: int
    purchase_id: int
    title: str
    state: PurchaseState
    owner: UserOut
    nature: NamedOut
    cost_center: CostCenterOut
    supplier: SupplierOut
    axis_sections: list[NamedOut]
    requested_amount: DualAmountOut
    committed_amount: DualAmountOut
    billed_amount: DualAmountOut
    confirmed_amount: DualAmountOut
    available_amount: DualAmountOut
    created_at: Instant
    author: UserOut
    modified_at: Instant
    modifier: UserOut
    version: int
    actions: list[PurchaseAction]
    type: PurchaseType | UnsetType = UNSET
    commitment: AnyCommitmentOut | UnsetType = UNSET
    establishment: NamedOut | UnsetType = UNSET
    department: NamedOut | UnsetType = UNSET
    order: OrderReferenceOut | UnsetType = UNSET
    closing: ClosingOut | UnsetType = UNSET


def purchase_out(dossier: Dossier, tenant: Tenant, base_url: str) -> PurchaseOut:
    """Tell a purchase."""
    purchase, order, closing = dossier.purchase, dossier.order, dossier.purchase.closing
    establishment, department = purchase.establishment, purchase.department
    money = amounts(dossier, CURRENCIES[tenant.currency if establishment is None else establishment.currency])
    return PurchaseOut(
        id=purchase.id,
        purchase_id=purchase.id,
        type=UNSET if purchase.type is None else purchase.type,
        title=purchase.title,
        state=purchase.state,
        commitment=UNSET if dossier.commitment is None else commitment_out(dossier, base_url),
        owner=user_out(purchase.owner, base_url),
        nature=nature_out(purchase.nature),
        cost_center=cost_center_out(purchase.cost_center),
        establishment=UNSET if establishment is None else establishment_out(establishment),
        department=UNSET if department is None else department_out(department),
        supplier=supplier_out(purchase.supplier),
        axis_sections=[section_out(section) for section in purchase.axis_sections],
        requested_amount=dual_amount_out(money.requested),
        committed_amount=dual_amount_out(money.committed),
        billed_amount=dual_amount_out(money.billed),
        confirmed_amount=dual_amount_out(money.confirmed),
        available_amount=dual_amount_out(money.available),
        order=(
            UNSET
            if order is None
            else OrderReferenceOut(id=order.id, number=order.number, href=href("order", order.id))
        ),
        closing=(
            UNSET
            if closing is None
            else ClosingOut(
                on=closing.on,
                comment=closing.comment,
                at=instant(closing.stamp.at),
                by=user_out(closing.stamp.by, base_url),
            )
        ),
        created_at=instant(purchase.created.at),
        author=user_out(purchase.created.by, base_url),
        modified_at=instant(purchase.modified.at),
        modifier=user_out(purchase.modified.by, base_url),
        version=purchase.version,
        actions=actions(dossier),
    )
