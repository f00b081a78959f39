"""A purchase as the form to ask for something has it: to go on with a draft, or to ask for the like again."""

from datetime import date

from emplette.domain.commitments import Commitment, Subscription
from emplette.domain.dossiers import Dossier

Pairs = list[tuple[str, str]]


def fields_of(dossier: Dossier, *, today: date, keeps: bool) -> Pairs:
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
    pairs += _of_commitment(commitment)
    pairs.append(("on", (commitment.terms.starts_on if keeps else today).isoformat()))
    if keeps:
        pairs += [("file", str(attachment.id)) for attachment in commitment.attachments]
    return pairs


def _of_commitment(commitment: Commitment) -> Pairs:
    amount, terms = commitment.amount.base, commitment.terms
    pairs = [
        ("amount", f"{amount.excluding.decimal:f}"),
        ("currency", amount.excluding.currency.code),
        ("including", "no"),
        ("rate", str(amount.taxes[0].rate_type_id) if amount.taxes else ""),
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
