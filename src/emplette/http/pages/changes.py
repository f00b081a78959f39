"""What is different from before, as pages show it.

What an amendment changes, what was changed while a request waits, and what is not as it was last time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from emplette.domain.amending import as_asked
from emplette.domain.amendments import Amendment
from emplette.domain.commitments import Commitment, Content, Subscription
from emplette.domain.dossiers import Dossier
from emplette.domain.money import Money, percent_more
from emplette.domain.suggestions import last_alike
from emplette.http.pages.shown import Line, lines_of
from emplette.http.pages.translations import marked
from emplette.storage.former import Former


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different; what is not said on one of the sides is None there."""

    name: str
    before: Line | None
    after: Line | None


@dataclass(frozen=True, slots=True)
class Changes:
    """All that an amendment changes, and what the whole costs more or less than before, without taxes."""

    lines: tuple[Change, ...]
    more: Money | None
    less: Money | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A purchase beside the one before it from the same supplier: what is different, and how much more it costs.

    ``percent`` is of the amount before tax; None where the two are not of one currency, or the first cost nothing.
    """

    before: Dossier
    lines: tuple[Change, ...]
    percent: Decimal | None


# Of two purchases these are never the same, and say nothing.
_OF_EACH: Final = frozenset(
    {"Delivered on", "Invoiced on", "Starts on", "Ends on", "Bound until", "Last safe day to give notice"}
    | {"Why", "Attachments"}
)


def comparison_of(dossier: Dossier, past: Sequence[Dossier]) -> Comparison | None:
    """Compare a purchase with the latest of ``past`` that was approved, of the same kind if there is one."""
    before = last_alike(past, dossier.purchase.nature.id)
    said = as_asked(dossier).commitment
    if before is None or before.commitment is None or said is None:
        return None
    old, new = _told_of(before, before.commitment), _told_of(dossier, said)
    lines = (Change(name, old.get(name), new.get(name)) for name in old | new if name not in _OF_EACH)
    was, now = before.commitment.total.base.excluding, said.total.base.excluding
    return Comparison(
        before,
        tuple(each for each in lines if each.before != each.after),
        percent_more(was, now),
    )


def _told_of(dossier: Dossier, commitment: Commitment) -> dict[str, Line]:
    """Tell all that can be compared of a purchase, by name."""
    purchase = dossier.purchase
    return {
        marked("Kind of expense"): Line(marked("Kind of expense"), told=purchase.nature.name),
        marked("Cost center"): Line(marked("Cost center"), told=purchase.cost_center.name),
        marked("Asked by"): Line(marked("Asked by"), told=purchase.owner.name),
    } | _told(commitment)


def changes_of(amendment: Amendment | None) -> Changes | None:
    """Show what an amendment changes; None where nothing is amended."""
    if amendment is None:
        return None
    difference = amendment.difference.base
    return Changes(
        _different(_told(amendment.replaced), _told(amendment.proposed)),
        more=difference if difference.minor > 0 else None,
        less=Money(-difference.minor, difference.currency) if difference.minor < 0 else None,
    )


def changes_between(before: Commitment, after: Commitment) -> tuple[Change, ...]:
    """Show what two ways to say a commitment differ in."""
    return _different(_told(before), _told(after))


def changes_since(dossier: Dossier, former: Former | None) -> tuple[Change, ...]:
    """Show what is not any more as it was when somebody looked last, or when approval was first asked for."""
    now = as_asked(dossier).commitment
    if former is None or now is None:
        return ()
    before, after = _told(former.content), _told(now)
    if former.file_names:
        before["Attachments"] = Line("Attachments", told=", ".join(former.file_names))
    if not former.knows_comment:
        after.pop("Why", None)
    supplier = dossier.purchase.supplier
    if former.draft_supplier is not None and former.draft_supplier != supplier.name:
        before["Supplier"] = Line(marked("Supplier"), told=former.draft_supplier)
        after["Supplier"] = Line("Supplier", told=supplier.name)
    return _different(before, after)


def _different(before: dict[str, Line], after: dict[str, Line]) -> tuple[Change, ...]:
    lines = (Change(name, before.get(name), after.get(name)) for name in before | after)
    return tuple(each for each in lines if each.before != each.after)


def _told(content: Commitment | Content) -> dict[str, Line]:
    """Tell all that can change of a commitment, by name."""
    amount = content.total.base
    lines = [Line(marked("Amount before tax"), money=amount.excluding)]
    if amount.taxes:
        lines.append(Line(marked("Amount with tax"), money=amount.including))
    if isinstance(content.terms, Subscription):
        lines.append(Line(marked("Before tax, each period"), money=content.amount.base.excluding))
    lines += lines_of(content)
    if content.comment:
        lines.append(Line(marked("Why"), told=content.comment))
    if content.attachments:
        lines.append(Line(marked("Attachments"), told=", ".join(each.file.name for each in content.attachments)))
    return {line.name: line for line in lines}
