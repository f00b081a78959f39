"""A purchase as the form to ask for something has it: to go on with a draft, or to ask for the like again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from emplette.domain.commitments import Commitment, CommitmentDraft, Subscription, Terms
from emplette.domain.dossiers import Dossier
from emplette.domain.money import TaxedAmount
from emplette.domain.taxes import ApplicableRate, taxed_amount
from emplette.http.pages.asking import Asked
from emplette.http.pages.visits import Values

Pairs = list[tuple[str, str]]
Rates = Sequence[ApplicableRate]

_AMOUNT: Final = ("amount", "currency", "including", "rate")
_BOUND: Final = ("lasts", "lasts_unit", "bound")


def fields_of(dossier: Dossier, rates: Rates, *, today: date, keeps: bool) -> Pairs:
    """Fill in the form; a draft ``keeps`` its number, its day and its files, the like of one begins today."""
    purchase, commitment = dossier.purchase, dossier.commitment
    pairs = [
        ("title", purchase.title),
        ("supplier", purchase.supplier.name),
        ("territory", purchase.supplier.territory_id),
        ("nature", str(purchase.nature.id)),
        ("cost_center", str(purchase.cost_center.id)),
    ]
    if keeps:
        pairs.append(("purchase", str(purchase.id)))
    if commitment is None:
        return [*pairs, ("on", today.isoformat())]
    pairs += _of_commitment(commitment, rates)
    pairs.append(("on", (commitment.terms.starts_on if keeps else today).isoformat()))
    if keeps:
        pairs += [("file", str(attachment.id)) for attachment in commitment.attachments]
    return pairs


def as_it_was(dossier: Dossier, rates: Rates, form: Values, asked: Asked) -> Asked:
    """Keep of a draft what the form does not show, and what it shows in part as long as nobody touches that.

    Drafts come from programs too, with sections, taxes of several rates, or an invoice on another day.
    """
    purchase = dossier.purchase
    kept = replace(
        asked.purchase,
        owner_id=purchase.owner.id,
        establishment_id=None if purchase.establishment is None else purchase.establishment.id,
        department_id=None if purchase.department is None else purchase.department.id,
        axis_section_ids=tuple(section.id for section in purchase.axis_sections),
    )
    if dossier.commitment is None:
        return replace(asked, purchase=kept)
    return Asked(kept, _untouched(dossier.commitment, rates, form, asked.commitment))


def _untouched(there: Commitment, rates: Rates, form: Values, draft: CommitmentDraft) -> CommitmentDraft:
    filled = Values([*_of_commitment(there, rates), ("on", there.terms.starts_on.isoformat())])

    def is_as_filled(fields: tuple[str, ...]) -> bool:
        return all(form[name] == filled[name] for name in fields)

    if is_as_filled(_AMOUNT):
        draft = replace(draft, amount=there.amount.base)
    was, terms = there.terms, draft.terms
    if isinstance(was, Subscription) and isinstance(terms, Subscription) and is_as_filled(_BOUND):
        draft = replace(draft, terms=replace(terms, obligation=was.obligation))
    if is_as_filled(_times_of(was)):
        draft = replace(draft, terms=was)
    return draft


def _times_of(terms: Terms) -> tuple[str, ...]:
    """Name the fields that say when; those of what is not there hold what the form offers."""
    if not isinstance(terms, Subscription):
        return ("on", "repeats")
    notice = ("notice",) if terms.notice is None else ("notice", "notice_unit")
    return ("on", "repeats", "every", "every_unit", *notice, *_BOUND)


def _of_amount(amount: TaxedAmount, rates: Rates) -> Pairs:
    """Fill in an amount before tax; with the tax in it, where only that leads to the same to the cent."""
    rate_type = amount.taxes[0].rate_type_id if amount.taxes else None
    rate = next((each.rate for each in rates if each.rate.rate_type.id == rate_type), None)
    with_tax = rate is not None and taxed_amount(amount.excluding, rate, including=False) != amount
    return [
        ("amount", f"{(amount.including if with_tax else amount.excluding).decimal:f}"),
        ("currency", amount.excluding.currency.code),
        ("including", "yes" if with_tax else "no"),
        ("rate", "" if rate_type is None else str(rate_type)),
    ]


def _of_commitment(commitment: Commitment, rates: Rates) -> Pairs:
    terms = commitment.terms
    pairs = [
        *_of_amount(commitment.amount.base, rates),
        ("comment", commitment.comment or ""),
        ("method", str(commitment.payment_method or "")),
    ]
    if isinstance(terms, Subscription):
        pairs += [
            ("repeats", "yes"),
            ("every", str(terms.frequency.value)),
            ("every_unit", str(terms.frequency.unit)),
            ("lasts", str(terms.duration.value)),
            ("lasts_unit", str(terms.duration.unit)),
        ]
        if terms.notice is not None:
            pairs += [("notice", str(terms.notice.value)), ("notice_unit", str(terms.notice.unit))]
        if terms.obligation is not None:
            pairs.append(("bound", "yes"))
    return pairs
