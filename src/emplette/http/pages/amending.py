"""Changing what was approved: the form that proposes an amendment, and the one for a price that follows an index."""

import re
from dataclasses import replace
from decimal import Decimal
from secrets import token_hex
from typing import Final

from emplette.domain.dossiers import Dossier, actions, commitment_of
from emplette.domain.errors import Faults, Refusal
from emplette.domain.people import Permission
from emplette.domain.price_rises import PriceRise
from emplette.domain.purchases import PurchaseAction
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.contract.statuses import OK, status_of
from emplette.http.pages.declaring import page
from emplette.http.pages.revising import Reading, as_faults, fields_of, offered, rates_of, renewed
from emplette.http.pages.shown import brief
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Values, Visit
from emplette.services.amendments import propose_amendment, propose_price_rise
from emplette.services.commands import Done
from emplette.services.purchases import read_purchase
from emplette.services.work import Work

_NEEDS: Final = (Permission.PURCHASES,)
_NUMBER: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
_NO_NUMBER: Final = marked("Must be a number, such as 103.5.")


@page(GET, "/purchases/{purchase_id}/amendment", needs=_NEEDS)
async def show_amendment(visit: Visit, purchase_id: int) -> Response:
    """Show what was approved as a form to change it."""
    dossier = await read_purchase(visit.work, purchase_id)
    if PurchaseAction.AMEND not in actions(dossier):
        return visit.go(f"/purchases/{purchase_id}")
    return await _show(visit, dossier, Values(fields_of(dossier)))


@page(POST, "/purchases/{purchase_id}/amendment", needs=_NEEDS)
async def amend(visit: Visit, purchase_id: int) -> Response:
    """Propose what the form says: until it is approved, all stays as it is."""
    dossier = await read_purchase(visit.work, purchase_id)
    commitment, faults = commitment_of(dossier), Faults()
    draft = Reading(visit.form, commitment, await rates_of(visit, dossier), faults).draft()
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
    status, form = status_of(type(refusal)), renewed(visit.form, dossier)
    return await _show(visit, dossier, _with(dossier, form), status=status, faults=as_faults(refusal))


def _number(form: Values, name: str, faults: Faults) -> Decimal | None:
    """Read where an index stands, with a point or a comma before the decimals."""
    text = form[name].replace(",", ".")
    if not _NUMBER.fullmatch(text):
        faults.add(name, _NO_NUMBER)
        return None
    return Decimal(text)


def _with(dossier: Dossier, form: Values) -> Values:
    """Lay what was typed into the form about an index over what was approved, which the other form holds."""
    if "amount" in form:
        return form
    return Values([*form.pairs, *(pair for pair in fields_of(dossier) if pair[0] not in form)])


async def _show(
    visit: Visit, dossier: Dossier, form: Values, *, status: int = OK, faults: Faults | None = None
) -> Response:
    commitment = commitment_of(dossier)
    return visit.show(
        "purchases/amendment.html",
        status=status,
        one=brief(dossier),
        faults={} if faults is None else faults.as_dict(),
        periods=commitment.terms.periods_count,
        price=commitment.amount.base.excluding,
        once=token_hex(16),
        **await offered(visit, dossier, form),
    )
