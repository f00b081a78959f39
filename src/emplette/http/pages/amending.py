"""Changing what was approved: the form that proposes an amendment, and the one for a price that follows an index."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from secrets import token_hex
from typing import Final

from emplette.domain.commitments import (
    Commitment,
    CommitmentDraft,
    OneTime,
    Subscription,
    Terms,
    note_faults_of_subscription,
)
from emplette.domain.dossiers import Dossier, commitment_of
from emplette.domain.errors import Faults, Invalid, Refusal
from emplette.domain.money import TaxedAmount
from emplette.domain.people import Permission
from emplette.domain.price_rises import PriceRise, repriced
from emplette.domain.suppliers import PaymentMethod
from emplette.domain.taxes import VatRate, taxed_amount
from emplette.domain.text import LONGEST_COMMENT, fault_of_text
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.contract.statuses import OK, status_of
from emplette.http.pages.choosing import Choice, choices
from emplette.http.pages.declaring import page
from emplette.http.pages.shown import METHODS, UNITS, brief
from emplette.http.pages.translations import marked
from emplette.http.pages.typed import NO_CHOICE, day_in, duration_in, money_in
from emplette.http.pages.visits import Values, Visit
from emplette.services.amendments import propose_amendment, propose_price_rise
from emplette.services.commands import Done, version_tag
from emplette.services.purchases import read_purchase
from emplette.services.taxes import list_rates
from emplette.services.work import Work

_NEEDS: Final = (Permission.PURCHASES,)
_AS_NOW: Final = "as-now"
_NUMBER: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
_NO_NUMBER: Final = marked("Must be a number, such as 103.5.")
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
class _Reading:
    """A form as it is being read: what it holds, what it is about, and what is wrong with it."""

    form: Values
    commitment: Commitment
    rates: dict[int, VatRate]
    faults: Faults

    def draft(self) -> CommitmentDraft | None:
        """Say the commitment anew as the form has it; what hangs on it stays there. None when anything is wrong."""
        terms, amount, comment = self._terms(), self._amount(), self.form["comment"] or None
        too_long = fault_of_text(comment or "", longest=LONGEST_COMMENT)
        if too_long:
            self.faults.add("comment", too_long)
        if self.faults or terms is None or amount is None:
            return None
        method = self.form["method"]
        paid_by = PaymentMethod(method) if method in set(PaymentMethod) else None
        files = {f"attachmentIds[{place}]": one.id for place, one in enumerate(self.commitment.attachments)}
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
                self.faults.add(_field_of(path), message)
        return None if found else terms

    def _amount(self) -> TaxedAmount | None:
        before, chosen = self.commitment.amount.base, self.form["rate"]
        excluding = money_in(self.form, "amount", before.excluding.currency, self.faults)
        if excluding is None:
            return None
        if chosen == _AS_NOW:
            return repriced(before, excluding, self.rates)
        if not chosen:
            return TaxedAmount(excluding)
        rate = next((rate for number, rate in self.rates.items() if str(number) == chosen), None)
        if rate is None:
            self.faults.add("rate", NO_CHOICE)
            return None
        return taxed_amount(excluding, rate, including=False)


@page(GET, "/purchases/{purchase_id}/amendment", needs=_NEEDS)
async def show_amendment(visit: Visit, purchase_id: int) -> Response:
    """Show what was approved as a form to change it."""
    dossier = await read_purchase(visit.work, purchase_id)
    return await _show(visit, dossier, Values(_fields_of(dossier)))


@page(POST, "/purchases/{purchase_id}/amendment", needs=_NEEDS)
async def amend(visit: Visit, purchase_id: int) -> Response:
    """Propose what the form says: until it is approved, all stays as it is."""
    dossier = await read_purchase(visit.work, purchase_id)
    commitment, faults = commitment_of(dossier), Faults()
    draft = _Reading(visit.form, commitment, await _rates(visit, dossier), faults).draft()
    if draft is None:
        return await _show(visit, dossier, visit.form, faults=faults)
    try:
        done = await propose_amendment(_for_version(visit), commitment.id, draft)
    except Refusal as refusal:
        return await _refuse(visit, dossier, refusal)
    return _proposed(visit, done)


@page(POST, "/purchases/{purchase_id}/price-rise", needs=_NEEDS)
async def raise_price(visit: Visit, purchase_id: int) -> Response:
    """Propose the price that an index makes of the one that was approved."""
    dossier = await read_purchase(visit.work, purchase_id)
    form, faults = visit.form, Faults()
    before, after = (_number(form, name, faults) for name in ("before", "after"))
    if before is None or after is None:
        return await _show(visit, dossier, _with(dossier, form), faults=faults)
    try:
        rise = PriceRise(form["index"], before, after)
        done = await propose_price_rise(_for_version(visit), commitment_of(dossier).id, rise)
    except Refusal as refusal:
        return await _refuse(visit, dossier, refusal)
    return _proposed(visit, done)


def _for_version(visit: Visit) -> Work:
    """Hold the call to the version that the form was made from."""
    return replace(visit.work, if_match=(visit.form["version"],))


def _proposed(visit: Visit, done: Done) -> Response:
    waits = done.dossier.pending_amendment is not None
    return visit.go(f"/purchases/{done.dossier.purchase.id}", said="amendment-asked" if waits else "amended")


async def _refuse(visit: Visit, dossier: Dossier, refusal: Refusal) -> Response:
    faults = Faults()
    if isinstance(refusal, Invalid):
        for path, messages in refusal.faults.items():
            for message in messages:
                faults.add(_field_of(path), message)
    else:
        faults.add("$", refusal.detail)
    status = status_of(type(refusal))
    return await _show(visit, dossier, _with(dossier, visit.form), status=status, faults=faults)


def _field_of(path: str) -> str:
    return "amount" if path.startswith("amount") else _FIELDS.get(path, "$")


def _number(form: Values, name: str, faults: Faults) -> Decimal | None:
    """Read where an index stands, with a point or a comma before the decimals."""
    text = form[name].replace(",", ".")
    if not _NUMBER.fullmatch(text):
        faults.add(name, _NO_NUMBER)
        return None
    return Decimal(text)


def _with(dossier: Dossier, form: Values) -> Values:
    """Lay what was typed over what was approved: each of the two forms holds some of it."""
    return Values([*form.pairs, *(pair for pair in _fields_of(dossier) if pair[0] not in form)])


def _fields_of(dossier: Dossier) -> list[tuple[str, str]]:
    commitment = commitment_of(dossier)
    terms, amount = commitment.terms, commitment.amount.base
    pairs = [
        ("version", version_tag(dossier)),
        ("amount", f"{amount.excluding.decimal:f}"),
        ("rate", _AS_NOW),
        ("comment", commitment.comment or ""),
        ("method", str(commitment.payment_method or "")),
        ("on", terms.starts_on.isoformat()),
    ]
    if isinstance(terms, OneTime):
        return [*pairs, ("invoiced", terms.invoice_date.isoformat())]
    pairs.append(("invoiced", terms.first_invoice_date.isoformat()))
    spells = {"every": terms.frequency, "lasts": terms.duration, "bound": terms.obligation, "notice": terms.notice}
    for name, spell in spells.items():
        if spell is not None:
            pairs += [(name, str(spell.value)), (f"{name}_unit", str(spell.unit))]
    return pairs


async def _rates(visit: Visit, dossier: Dossier) -> dict[int, VatRate]:
    """List the rates of tax where the purchase is made, on the day that counts."""
    place = dossier.purchase.establishment
    territory = visit.tenant.country if place is None else place.territory_id
    found = await list_rates(visit.work, territory_id=territory, on=commitment_of(dossier).terms.starts_on)
    return {known.rate.rate_type.id: known.rate for known in found}


async def _show(
    visit: Visit, dossier: Dossier, form: Values, *, status: int = OK, faults: Faults | None = None
) -> Response:
    commitment = commitment_of(dossier)
    rates = [Choice(_AS_NOW, visit.say(marked("As it is now")))]
    for number, rate in (await _rates(visit, dossier)).items():
        percent = visit.look.number(rate.percentage * 100)
        rates.append(Choice(str(number), f"{percent} % · {rate.rate_type.name}"))
    return visit.show(
        "purchases/amendment.html",
        status=status,
        one=brief(dossier),
        form=form,
        faults={} if faults is None else faults.as_dict(),
        repeats=isinstance(commitment.terms, Subscription),
        periods=commitment.terms.periods_count,
        price=commitment.amount.base.excluding,
        rates=rates,
        units=[Choice(str(unit), visit.say(words[1], count="").strip()) for unit, words in UNITS.items()],
        methods=choices(visit, {str(method): label for method, label in METHODS.items()}),
        once=token_hex(16),
    )
