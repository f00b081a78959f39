"""Deciding by a link that came by mail, without signing in.

Opening the link shows what is to be decided; only a button decides. The secret in the address is what no other site
knows, so the form carries nothing else to be known by.
"""

from secrets import token_hex
from typing import Final

from emplette.domain.amending import as_asked
from emplette.domain.approvals import Verdict
from emplette.domain.errors import Faults, Invalid
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.contract.statuses import CONFLICT, OK
from emplette.http.pages.changes import changes_of, changes_since
from emplette.http.pages.declaring import page
from emplette.http.pages.outcomes import outcome_of
from emplette.http.pages.shown import brief, lines_of
from emplette.http.pages.translations import marked
from emplette.http.pages.typed import comment_in
from emplette.http.pages.visits import Visit
from emplette.services.approvals import decide_request
from emplette.services.decision_links import Offer, Standing, look_at, principal_of, use_up
from emplette.services.former import asked_before

_NOT_ANY_MORE: Final = {
    Standing.USED: marked("This link was used: it decides once."),
    Standing.OVER: marked("This link is too old to decide. Sign in to do so."),
    Standing.CHANGED: marked("What is to be approved was changed after this mail was written. Look at it anew."),
    Standing.DECIDED: marked("This request does not wait for you any more."),
}
_DONE: Final = frozenset({Standing.USED, Standing.DECIDED})
_NO_COMMENT: Final = marked("Say why: whoever asked has to know what to change.")


@page(GET, "/decisions/{secret}", public=True)
async def show_decision(visit: Visit, secret: str) -> Response:
    """Show what a link decides; looking decides nothing."""
    return await _show(visit, await _offer(visit, secret), secret)


@page(POST, "/decisions/{secret}/approval", public=True)
async def approve_by_link(visit: Visit, secret: str) -> Response:
    """Approve what the mail was about."""
    return await _decide(visit, secret, Verdict.APPROVED)


@page(POST, "/decisions/{secret}/denial", public=True)
async def deny_by_link(visit: Visit, secret: str) -> Response:
    """Deny what the mail was about, and say why."""
    return await _decide(visit, secret, Verdict.DENIED)


async def _decide(visit: Visit, secret: str, verdict: Verdict) -> Response:
    offer = await _offer(visit, secret)
    if verdict is Verdict.DENIED and offer.standing is Standing.GOOD and not visit.form["comment"]:
        return await _show(visit, offer, secret, faults={"comment": [_NO_COMMENT]})
    faults = Faults()
    comment = comment_in(visit.form, faults)
    if faults:
        return await _show(visit, offer, secret, faults=faults.as_dict())
    who = await principal_of(visit.reception.database.session(), visit.tenant, offer)
    work = visit.reception.work(visit.tenant, who, visit.call)
    link = offer.link
    try:
        stood = await use_up(
            work,
            secret,
            offer,
            lambda: decide_request(work, link.request_id, verdict, comment=comment, content_hash=link.content_hash),
        )
    except Invalid as invalid:
        return await _show(visit, offer, secret, faults=invalid.faults)
    if stood is not Standing.GOOD:
        return await _show(visit, await _offer(visit, secret), secret, status=CONFLICT)
    said = "approved" if verdict is Verdict.APPROVED else "denied"
    return visit.go(f"/decisions/{secret}", said=said)


async def _offer(visit: Visit, secret: str) -> Offer:
    return await look_at(visit.reception.database.session(), visit.tenant, secret, now=visit.tenant.now(visit.look.now))


async def _show(
    visit: Visit, offer: Offer, secret: str, *, status: int = OK, faults: dict[str, list[str]] | None = None
) -> Response:
    dossier = offer.dossier
    request, commitment = dossier.request, as_asked(dossier).commitment
    if request is None or commitment is None:
        raise AssertionError
    db, person = visit.reception.database.session(), offer.link.person
    former = await asked_before(db, visit.tenant.id, dossier, person.id)
    return visit.show(
        "decision.html",
        status=status,
        one=brief(dossier, as_request=True),
        purchase=dossier.purchase,
        commitment=commitment,
        changes=changes_of(dossier.asks_for),
        since=changes_since(dossier, former),
        has_decided=any(made.by.id == person.id for made in request.decisions),
        request=request,
        lines=lines_of(commitment),
        decides=offer.standing is Standing.GOOD,
        trouble=_NOT_ANY_MORE.get(offer.standing, ""),
        outcome=outcome_of(request, person.id) if offer.standing in _DONE else None,
        person=person.name,
        at=f"/decisions/{secret}",
        faults=faults,
        comment=visit.form["comment"],
        once=token_hex(16),
    )
