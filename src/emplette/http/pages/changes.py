"""What an amendment changes, as pages show it: each thing as it is approved, and as it shall be."""

from dataclasses import dataclass

from emplette.domain.amendments import Amendment
from emplette.domain.commitments import Content, Subscription
from emplette.domain.money import Money
from emplette.http.pages.shown import Line, lines_of
from emplette.http.pages.translations import marked


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an amendment changes; what is not said on one of the sides is None there."""

    name: str
    before: Line | None
    after: Line | None


@dataclass(frozen=True, slots=True)
class Changes:
    """All that an amendment changes, and what the whole costs more or less than before, without taxes."""

    lines: tuple[Change, ...]
    more: Money | None
    less: Money | None


def changes_of(amendment: Amendment | None) -> Changes | None:
    """Show what an amendment changes; None where nothing is amended."""
    if amendment is None:
        return None
    before, after = _told(amendment.replaced), _told(amendment.proposed)
    lines = (Change(name, before.get(name), after.get(name)) for name in before | after)
    difference = amendment.difference.base
    return Changes(
        tuple(each for each in lines if each.before != each.after),
        more=difference if difference.minor > 0 else None,
        less=Money(-difference.minor, difference.currency) if difference.minor < 0 else None,
    )


def _told(content: Content) -> dict[str, Line]:
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
