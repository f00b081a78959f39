"""What another server of this API answers, as the tables from which registers are imported.

Columns are called as in `formats.imports`. A field has several places where servers and versions of the API differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from emplette.client import models
from emplette.domain.amounts import AmountAsSent, TaxAsSent, TaxedAmountAsSent, read_taxed_amount
from emplette.domain.commitments import CommitmentDraft, OneTime, Subscription, Terms
from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.errors import Faults
from emplette.domain.purchases import PurchaseDraft, PurchaseType
from emplette.domain.suppliers import PaymentMethod
from emplette.formats.tables import Row, Table

ITEMS: Final[Mapping[str, type[Any]]] = {
    "legal-units": models.LegalUnit,
    "establishments": models.Establishment,
    "departments": models.Department,
    "people": models.Person,
    "natures": models.Nature,
    "cost-centers": models.CostCenter,
    "axes": models.Axis,
    "axis-sections": models.AxisSection,
    "suppliers": models.Supplier,
    "purchases": models.Purchase,
}
"""What is copied, in the order in which one refers to the other."""

_TERRITORY: Final = ("territory_id", "territory.id")
_REGISTRATION: Final = {
    "legalRegistration.identifier": ("legal_registration.identifier",),
    "legalRegistration.vatNumber": ("legal_registration.vat_number",),
}
_LETTERHEAD: Final = {
    "address.street": ("address.street",),
    "address.additional": ("address.additional",),
    "address.postalCode": ("address.postal_code",),
    "address.city": ("address.city",),
    "orderConditions.fr": ("order_conditions.fr",),
    "orderConditions.en": ("order_conditions.en",),
}
# Where each column is found; `[]` stands for each of several, `!` for the contrary.
_PLACES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "legal-units": {"name": ("name",), "territoryId": _TERRITORY, "isActive": ("!is_archived",)},
    "establishments": {
        "name": ("name",),
        "territoryId": _TERRITORY,
        "currency": ("currency",),
        "legalUnitId": ("legal_unit_id", "legal_unit.id"),
        "isActive": ("!is_archived",),
    }
    | _REGISTRATION
    | _LETTERHEAD,
    "departments": {"name": ("name",), "parentId": ("parent_id", "parent.id"), "headId": ("head.id",)},
    "people": {
        "firstName": ("first_name",),
        "lastName": ("last_name",),
        "mail": ("mail",),
        "managerId": ("manager.id",),
        "departmentId": ("department.id",),
        "establishmentId": ("establishment.id",),
        "leftOn": ("left_on",),
    },
    "cost-families": {"name": ("name",)},
    "natures": {
        "name": ("name",),
        "state": ("state",),
        "costFamilyId": ("cost_family_id", "cost_family.id"),
        "accountingPlans[].id": ("accounting_plans[].id",),
        "accountingPlans[].chargeAccount": ("accounting_plans[].charge_account",),
    },
    "cost-centers": {
        "name": ("name",),
        "code": ("code",),
        "state": ("state",),
        "ownerId": ("owner_id", "owner.id"),
        "establishmentIds": ("establishments",),
    },
    "axes": {"name": ("name",)},
    "axis-sections": {
        "axisId": ("axis_id", "axis.id"),
        "name": ("name",),
        "code": ("code",),
        "isActive": ("!is_archived",),
    },
    "suppliers": {
        "name": ("name",),
        "state": ("state",),
        "territoryId": _TERRITORY,
        "paymentTerm.value": ("payment_term.value",),
        "paymentTerm.unit": ("payment_term.unit",),
        "bankAccount.iban": ("bank_account.iban",),
        "bankAccount.bic": ("bank_account.bic",),
        "preferredNatureId": ("preferred_nature.id",),
        "preferredCostCenterId": ("preferred_cost_center.id",),
        "preferredPaymentMethod": ("preferred_payment_method",),
        "flag": ("flag",),
        "contacts[].firstName": ("contacts[].first_name",),
        "contacts[].lastName": ("contacts[].last_name",),
        "contacts[].email": ("contacts[].email",),
        "contacts[].phone": ("contacts[].phone",),
    }
    | _REGISTRATION
    | _LETTERHEAD,
}


def table_of(what: str, items: Iterable[Any], *, without: Sequence[str] = ()) -> Table:
    """Lay out the items of a list as the table of a register; the line of each is its place among them, from 1."""
    places = {name: place for name, place in _PLACES[what].items() if name not in without}
    rows = [Row(line, _cells(item, places)) for line, item in enumerate(items, start=1)]
    # What one item has and another lacks is empty there, not unknown.
    columns = list(dict.fromkeys(name for row in rows for name in row.cells))
    return Table(tuple(columns), tuple(Row(row.line, dict.fromkeys(columns, "") | row.cells) for row in rows))


def cost_families_of(natures: Iterable[models.Nature]) -> list[models.CostFamily]:
    """Find the cost families, of which there is no list, by the natures that belong to them."""
    families = {nature.cost_family.id: nature.cost_family for nature in natures if nature.cost_family is not None}
    return sorted(families.values(), key=lambda family: family.id)


def commitment_of(commitment: models.Commitment, faults: Faults) -> CommitmentDraft | None:
    """Say of a commitment what its buyer said; None when something is at fault. Its attachments stay where they are."""
    found: CommitmentDraft | None = None
    try:
        if isinstance(commitment, models.OneTimeCommitment):
            amount, path = commitment.amount_including_taxes, "amountIncludingTaxes"
            terms: Terms = OneTime(commitment.cost_date, _at(commitment, "invoice_date") or commitment.cost_date)
        else:
            amount, path = commitment.amount_including_taxes_per_period, "amountIncludingTaxesPerPeriod"
            terms = Subscription(
                start_date=commitment.start_date,
                first_invoice_date=_at(commitment, "first_invoice_date") or commitment.start_date,
                frequency=_duration(commitment.invoicing_frequency),
                duration=_duration(commitment.subscription_duration),
                obligation=_duration_or_none(commitment.contractual_obligation),
                notice=_duration_or_none(commitment.termination_notice),
            )
        base = _at(amount, "base") or amount
        sent = TaxedAmountAsSent(
            excluding=AmountAsSent(base.excluding_taxes.value, base.excluding_taxes.currency),
            taxes=[TaxAsSent(tax.rate_type_id, tax.value, tax.currency) for tax in base.taxes or ()],
            including=None,
        )
        money = read_taxed_amount(sent, on=terms.starts_on, faults=faults, path=path)
        method = None if commitment.payment_method is None else PaymentMethod(commitment.payment_method)
        if money is not None and not faults:
            found = CommitmentDraft(terms, money, commitment.comment, method)
    except (ValueError, AttributeError) as error:
        faults.add("type", f"Is not as it is documented: {error}")
    return found


def _duration(duration: models.Duration) -> Duration:
    return Duration(duration.value, TimeUnit(duration.unit))


def _duration_or_none(duration: models.Duration | None) -> Duration | None:
    return None if duration is None else _duration(duration)


def draft_of(purchase: models.Purchase) -> PurchaseDraft:
    """Say of a purchase what its buyer said."""
    supplier = purchase.supplier
    return PurchaseDraft(
        title=purchase.title or "",
        owner_id=_at(purchase, "owner.id") or 0,
        nature_id=_at(purchase, "nature.id") or 0,
        cost_center_id=_at(purchase, "cost_center.id") or 0,
        establishment_id=_at(purchase, "establishment.id"),
        department_id=_at(purchase, "department.id"),
        supplier_id=supplier.id,
        supplier_name=supplier.name if supplier.id is None else None,
        supplier_territory_id=supplier.territory_id if supplier.id is None else None,
        axis_section_ids=tuple(section.id for section in purchase.axis_sections or ()),
        declared_type=None if purchase.type is None else PurchaseType(purchase.type),
    )


def _cells(item: Any, places: Mapping[str, tuple[str, ...]]) -> dict[str, str]:  # noqa: ANN401  of any list
    cells = {"id": _text(item.id)}
    for name, paths in places.items():
        if "[]" in name:
            several, _, field = paths[0].partition("[].")
            for index, one in enumerate(_at(item, several) or ()):
                cells[name.replace("[]", f"[{index}]")] = _text(_at(one, field))
        else:
            found = (_at(item, path) for path in paths)
            cells[name] = _text(next((value for value in found if value is not None), None))
    return cells


def _at(item: Any, path: str) -> Any:  # noqa: ANN401  whatever stands there
    is_contrary, path = path.startswith("!"), path.removeprefix("!")
    for name in path.split("."):
        item = None if item is None else getattr(item, name)
    return not item if is_contrary else item


def _text(value: Any) -> str:  # noqa: ANN401  whatever stands there
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return ",".join(str(one.id) for one in value)
    return str(value)
