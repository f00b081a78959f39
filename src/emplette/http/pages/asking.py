"""What somebody types into the form to ask for something: read as far as it can be, each fault beside its field."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from emplette.domain.amounts import AmountAsSent, TaxedAmountAsSent, read_taxed_amount
from emplette.domain.attachments import MOST_ATTACHMENTS
from emplette.domain.commitments import CommitmentDraft, OneTime, Subscription, Terms, note_faults_of_subscription
from emplette.domain.errors import Faults
from emplette.domain.money import TaxedAmount
from emplette.domain.purchases import PurchaseDraft
from emplette.domain.suppliers import PaymentMethod
from emplette.domain.taxes import ApplicableRate, taxed_amount
from emplette.domain.territories import find_territory
from emplette.domain.text import LONGEST_TITLE, fault_of_name
from emplette.http.pages.numbers import id_in
from emplette.http.pages.translations import marked
from emplette.http.pages.typed import (
    MISSING,
    NO_AMOUNT,
    NO_CHOICE,
    choice_in,
    comment_in,
    day_in,
    duration_in,
    read_amount,
)
from emplette.http.pages.visits import Values

_NO_RATE: Final = marked("This rate does not exist on that day.")

# Where the domain finds a fault, the form has another name for the field.
_FIELDS: Final = {
    "ownerId": "$",
    "natureId": "nature",
    "costCenterId": "cost_center",
    "establishmentId": "$",
    "departmentId": "$",
    "supplier.id": "supplier",
    "supplier.name": "supplier",
    "supplier.territoryId": "territory",
    "supplier": "supplier",
    "invoicingFrequency": "every",
    "subscriptionDuration": "lasts",
    "contractualObligation": "lasts",
    "terminationNotice": "notice",
    "title": "title",
    "comment": "comment",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for: the purchase, and what it costs."""

    purchase: PurchaseDraft
    commitment: CommitmentDraft


@dataclass(frozen=True, slots=True)
class Known:
    """What the form was made with: whose purchase it is, the supplier that was meant, and the rates of tax."""

    owner_id: int
    supplier_id: int | None
    rates: tuple[ApplicableRate, ...]


def read_asked(form: Values, known: Known, faults: Faults) -> Asked | None:
    """Read the form; None when anything is at fault."""
    terms = _terms(form, faults)
    amount = None if terms is None else _amount(form, known, terms.starts_on, faults)
    purchase = _purchase(form, known, faults)
    comment = comment_in(form, faults)
    files = files_in(form, faults)
    if faults or terms is None or amount is None or purchase is None:
        return None
    method = form["method"]
    paid_by = PaymentMethod(method) if method in set(PaymentMethod) else None
    return Asked(purchase, CommitmentDraft(terms, amount, comment, paid_by, "amount", files))


def field_of(path: str) -> str:
    """Name the field of the form in which a fault lies that was found further in."""
    if path.startswith("attachmentIds"):
        return "files"
    if path.startswith(("amount", "commitment.amount")):
        return "amount"
    return _FIELDS.get(path.removeprefix("purchase.").removeprefix("commitment."), "$")


def files_in(form: Values, faults: Faults) -> dict[str, UUID | int]:
    """List the files that shall hang on it: new ones by their id, those that are attachments by their number."""
    names: dict[str, UUID | int] = {}
    for number, text in enumerate(form.all("file")[: MOST_ATTACHMENTS + 1]):
        try:
            names[f"attachmentIds[{number}]"] = id_in(text) or UUID(text)
        except ValueError:
            faults.add("files", NO_CHOICE)
    if len(names) > MOST_ATTACHMENTS:
        faults.add("files", marked("At most three files."))
    return names


def _purchase(form: Values, known: Known, faults: Faults) -> PurchaseDraft | None:
    title, supplier = form["title"], form["supplier"]
    fault = fault_of_name(title, longest=LONGEST_TITLE) if title else MISSING
    if fault:
        faults.add("title", fault)
    nature = choice_in(form, "nature", faults)
    cost_center = choice_in(form, "cost_center", faults)
    territory = None
    if known.supplier_id is None:
        fault = fault_of_name(supplier) if supplier else MISSING
        if fault:
            faults.add("supplier", fault)
        territory = find_territory(form["territory"])
        if territory is None:
            faults.add("territory", NO_CHOICE)
    if nature is None or cost_center is None:
        return None
    return PurchaseDraft(
        title=title,
        owner_id=known.owner_id,
        nature_id=nature,
        cost_center_id=cost_center,
        establishment_id=None,
        department_id=None,
        supplier_id=known.supplier_id,
        supplier_name=supplier if known.supplier_id is None else None,
        supplier_territory_id=None if territory is None else territory.id,
        axis_section_ids=(),
        declared_type=None,
    )


def _terms(form: Values, faults: Faults) -> Terms | None:
    on = day_in(form, "on", faults)
    if form["repeats"] != "yes":
        return None if on is None else OneTime(cost_date=on, invoice_date=on)
    every, lasts = duration_in(form, "every", faults), duration_in(form, "lasts", faults)
    notice = duration_in(form, "notice", faults) if form["notice"] else None
    if on is None or every is None or lasts is None:
        return None
    terms = Subscription(on, on, every, lasts, obligation=lasts if form["bound"] else None, notice=notice)
    found = Faults()
    note_faults_of_subscription(terms, found)
    for path, messages in found:
        for message in messages:
            faults.add(field_of(path), message)
    return None if found else terms


def _amount(form: Values, known: Known, on: date, faults: Faults) -> TaxedAmount | None:
    """Read the amount, with or without the tax, as it was typed."""
    value = read_amount(form["amount"], form.language)
    if value is None:
        faults.add("amount", NO_AMOUNT if form["amount"] else MISSING)
        return None
    found = Faults()
    sent = TaxedAmountAsSent(AmountAsSent(value, form["currency"].upper() or "EUR"))
    typed = read_taxed_amount(sent, on=on, faults=found, path="amount")
    for _, messages in found:
        for message in messages:
            faults.add("amount", message)
    if typed is None or not form["rate"]:
        return typed
    rate = next((each.rate for each in known.rates if str(each.rate.rate_type.id) == form["rate"]), None)
    if rate is None:
        faults.add("rate", _NO_RATE)
        return None
    return taxed_amount(typed.excluding, rate, including=form["including"] == "yes")
