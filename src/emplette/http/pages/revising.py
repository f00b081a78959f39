"""The form that says a commitment anew: to change what was approved, or what is under review.

Whether it is paid once or again and again, and its currency, stay; all else can be said anew.
"""

from dataclasses import dataclass
from typing import Any, Final

from emplette.domain.attachments import MOST_ATTACHMENTS
from emplette.domain.commitments import (
    Commitment,
    CommitmentDraft,
    OneTime,
    Subscription,
    Terms,
    note_faults_of_subscription,
)
from emplette.domain.dossiers import Dossier, commitment_of
from emplette.domain.errors import Faults, Invalid, PreconditionFailed, Refusal
from emplette.domain.files import LARGEST_FILE
from emplette.domain.money import TaxedAmount, fault_of_limit
from emplette.domain.price_rises import repriced
from emplette.domain.suppliers import PaymentMethod
from emplette.domain.taxes import VatRate, taxed_amount
from emplette.http.pages.asking import files_in
from emplette.http.pages.choosing import Choice, choices
from emplette.http.pages.shown import METHODS, UNITS
from emplette.http.pages.translations import marked
from emplette.http.pages.typed import NO_CHOICE, comment_in, day_in, duration_in, money_in
from emplette.http.pages.visits import Values, Visit
from emplette.services.commands import version_tag
from emplette.services.files import names_of_files
from emplette.services.taxes import list_rates

AS_NOW: Final = "as-now"
"""Stands for the taxes that the commitment has, of however many rates."""

_CHANGED: Final = marked(
    "It was changed while you wrote. What you typed is still here: look at what is there now, then send it again."
)

# Where the domain finds a fault, the form has another name for the field.
_FIELDS: Final = {
    "startDate": "on",
    "costDate": "on",
    "firstInvoiceDate": "invoiced",
    "invoiceDate": "invoiced",
    "invoicingFrequency": "every",
    "subscriptionDuration": "lasts",
    "contractualObligation": "bound",
    "terminationNotice": "notice",
    "comment": "comment",
    "index": "index",
    "before": "before",
    "after": "after",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A form as it is being read: what it holds, what it is about, and what is wrong with it."""

    form: Values
    commitment: Commitment
    rates: dict[int, VatRate]
    faults: Faults

    def draft(self) -> CommitmentDraft | None:
        """Say the commitment anew as the form has it; None when anything is wrong."""
        terms, amount, comment = self._terms(), self._amount(), comment_in(self.form, self.faults)
        files = files_in(self.form, self.faults)
        if self.faults or terms is None or amount is None:
            return None
        method = self.form["method"]
        paid_by = PaymentMethod(method) if method in set(PaymentMethod) else None
        return CommitmentDraft(terms, amount, comment, paid_by, "amount", files)

    def _terms(self) -> Terms | None:
        on, invoiced = (day_in(self.form, field, self.faults) for field in ("on", "invoiced"))
        if not isinstance(self.commitment.terms, Subscription):
            return None if on is None or invoiced is None else OneTime(on, invoiced)
        every, lasts = (duration_in(self.form, field, self.faults) for field in ("every", "lasts"))
        bound = duration_in(self.form, "bound", self.faults) if self.form["bound"] else None
        notice = duration_in(self.form, "notice", self.faults) if self.form["notice"] else None
        if on is None or invoiced is None or every is None or lasts is None:
            return None
        terms = Subscription(on, invoiced, every, lasts, obligation=bound, notice=notice)
        found = Faults()
        note_faults_of_subscription(terms, found)
        for path, messages in found:
            for message in messages:
                self.faults.add(field_of(path), message)
        return None if found else terms

    def _amount(self) -> TaxedAmount | None:
        before, chosen = self.commitment.amount.base, self.form["rate"]
        excluding = money_in(self.form, "amount", before.excluding.currency, self.faults)
        fault = None if excluding is None else fault_of_limit(excluding)
        if fault:
            self.faults.add("amount", fault)
        if excluding is None or fault:
            return None
        if chosen == AS_NOW:
            return repriced(before, excluding, self.rates)
        if not chosen:
            return TaxedAmount(excluding)
        rate = next((rate for number, rate in self.rates.items() if str(number) == chosen), None)
        if rate is None:
            self.faults.add("rate", NO_CHOICE)
            return None
        return taxed_amount(excluding, rate, including=False)


def fields_of(dossier: Dossier) -> list[tuple[str, str]]:
    """Fill in the form as the commitment is now, with the version that it is made from."""
    commitment = commitment_of(dossier)
    terms, amount = commitment.terms, commitment.amount.base
    pairs = [
        ("version", version_tag(dossier)),
        ("amount", f"{amount.excluding.decimal:f}"),
        ("rate", AS_NOW),
        ("comment", commitment.comment or ""),
        ("method", str(commitment.payment_method or "")),
        ("on", terms.starts_on.isoformat()),
        *(("file", str(attachment.id)) for attachment in commitment.attachments),
    ]
    if isinstance(terms, OneTime):
        return [*pairs, ("invoiced", terms.invoice_date.isoformat())]
    pairs.append(("invoiced", terms.first_invoice_date.isoformat()))
    spells = {"every": terms.frequency, "lasts": terms.duration, "bound": terms.obligation, "notice": terms.notice}
    for name, spell in spells.items():
        if spell is not None:
            pairs += [(name, str(spell.value)), (f"{name}_unit", str(spell.unit))]
    return pairs


def renewed(form: Values, dossier: Dossier) -> Values:
    """Hold a form to what is there now: whoever sends it once more has seen that."""
    others = (pair for pair in form.pairs if pair[0] != "version")
    return Values([*others, ("version", version_tag(dossier))], form.language)


def as_faults(refusal: Refusal) -> Faults:
    """Lay what was refused beside the fields of the form that it is about, or above all of them."""
    faults = Faults()
    if isinstance(refusal, PreconditionFailed):
        faults.add("$", _CHANGED)
    elif isinstance(refusal, Invalid):
        for path, messages in refusal.faults.items():
            for message in messages:
                faults.add(field_of(path), message)
    else:
        faults.add("$", refusal.detail)
    return faults


def field_of(path: str) -> str:
    """Name the field of the form in which a fault lies that was found further in."""
    if path.startswith("attachmentIds"):
        return "files"
    return "amount" if path.startswith("amount") else _FIELDS.get(path, "$")


async def rates_of(visit: Visit, dossier: Dossier) -> dict[int, VatRate]:
    """List the rates of tax where the purchase is made, on the day that counts."""
    place = dossier.purchase.establishment
    territory = visit.tenant.country if place is None else place.territory_id
    found = await list_rates(visit.work, territory_id=territory, on=commitment_of(dossier).terms.starts_on)
    return {known.rate.rate_type.id: known.rate for known in found}


async def offered(visit: Visit, dossier: Dossier, form: Values) -> dict[str, Any]:
    """Work out what the form offers beside what it holds."""
    commitment = commitment_of(dossier)
    rates = [Choice(AS_NOW, visit.say(marked("As it is now")))]
    for number, rate in (await rates_of(visit, dossier)).items():
        percent = visit.look.number(rate.percentage * 100)
        rates.append(Choice(str(number), f"{percent} % · {rate.rate_type.name}"))
    return {
        "form": form,
        "repeats": isinstance(commitment.terms, Subscription),
        "currency": commitment.amount.base.excluding.currency.code,
        "rates": rates,
        "units": [Choice(str(unit), visit.say(words[1], count="").strip()) for unit, words in UNITS.items()],
        "methods": choices(visit, {str(method): label for method, label in METHODS.items()}),
        "files": await files_shown(visit, form),
        "most_files": MOST_ATTACHMENTS,
        "largest_file": LARGEST_FILE,
    }


async def files_shown(visit: Visit, form: Values) -> list[Choice]:
    """List the files that a form names, by what they are called."""
    named = list(files_in(form, Faults()).values())
    names = await names_of_files(visit.work, named)
    return [Choice(str(name), names.get(name, "")) for name in named]
