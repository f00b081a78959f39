"""One purchase: where it stands, what can be done next, its money, its course, who did and said what."""

from functools import partial
from secrets import token_hex
from typing import Final

from emplette.domain.comments import named_in
from emplette.domain.commitments import CommitmentState
from emplette.domain.currencies import CURRENCIES
from emplette.domain.dossiers import Dossier, actions, amounts
from emplette.domain.errors import Conflict, Faults, Invalid, Refusal
from emplette.domain.people import Permission, User
from emplette.domain.purchases import PurchaseAction
from emplette.domain.reviewing import RequestExists
from emplette.domain.subscriptions import SubscriptionNotFound
from emplette.domain.suppliers import SupplierState
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.contract.statuses import OK, status_of
from emplette.http.pages.budget_bars import shares_shown
from emplette.http.pages.choosing import Choice
from emplette.http.pages.declaring import page
from emplette.http.pages.histories import history_of
from emplette.http.pages.money_bars import money_bar
from emplette.http.pages.numbers import id_in
from emplette.http.pages.outcomes import Outcome, outcome_of_purchase
from emplette.http.pages.schedules import Course, course_of
from emplette.http.pages.shown import brief, lines_of
from emplette.http.pages.steps import steps_of
from emplette.http.pages.telling import telling
from emplette.http.pages.translations import marked
from emplette.http.pages.typed import comment_in
from emplette.http.pages.visits import Visit
from emplette.http.pages.whole_lists import every
from emplette.services.approvals import cancel_request, submit_commitment
from emplette.services.comments import people_to_mention, write_comment
from emplette.services.commitments import offers_change, read_commitment
from emplette.services.outlooks import outlooks_of
from emplette.services.prospects import prospect_of
from emplette.services.purchases import close_purchase, list_supplier, read_purchase
from emplette.services.subscriptions import let_run, read_subscription, renew, stop
from emplette.services.suppliers import list_suppliers

SEERS: Final = (Permission.PURCHASES, Permission.VIEW, Permission.APPROVE)
_ACTORS: Final = (Permission.PURCHASES,)
_NOBODY_CALLED_SO: Final = marked("Nobody who may see this purchase, or more than one, is called so: %(names)s.")


@page(GET, "/purchases/{purchase_id}", needs=SEERS)
async def show_purchase(visit: Visit, purchase_id: int) -> Response:
    """Show a purchase: where it stands, what can be done next, its money, who did and said what."""
    return await _show(visit, await read_purchase(visit.work, purchase_id))


@page(POST, "/purchases/{purchase_id}/request", needs=_ACTORS)
async def ask_for_approval(visit: Visit, purchase_id: int) -> Response:
    """Ask for approval of a draft."""
    dossier = await read_purchase(visit.work, purchase_id)
    if dossier.commitment is None:
        return visit.go(f"/ask?draft={purchase_id}")
    try:
        done = await submit_commitment(visit.work, dossier.commitment.id)
    except RequestExists as refusal:
        return await _too_late(visit, purchase_id, refusal)
    except Refusal as refusal:
        told = (await telling(visit, [refusal.detail]))(refusal.detail)
        return await _show(visit, dossier, status=status_of(type(refusal)), faults={"$": [told]})
    return visit.go(f"/purchases/{purchase_id}", said="asked" if done.dossier.order is None else "asked-approved")


@page(POST, "/purchases/{purchase_id}/withdrawal", needs=_ACTORS)
async def withdraw(visit: Visit, purchase_id: int) -> Response:
    """Take the request back, and the order with it."""
    dossier, faults = await read_purchase(visit.work, purchase_id), Faults()
    comment = comment_in(visit.form, faults)
    if faults:
        return await _show(visit, dossier, faults=faults.as_dict())
    if dossier.request is not None:
        try:
            await cancel_request(visit.work, dossier.request.id, comment=comment)
        except Conflict as refusal:
            return await _too_late(visit, purchase_id, refusal)
    return visit.go(f"/purchases/{purchase_id}", said="withdrawn")


@page(POST, "/purchases/{purchase_id}/closing", needs=_ACTORS)
async def close(visit: Visit, purchase_id: int) -> Response:
    """Close the purchase."""
    try:
        await close_purchase(visit.work, purchase_id, on=None, comment=None)
    except Conflict as refusal:
        return await _too_late(visit, purchase_id, refusal)
    return visit.go(f"/purchases/{purchase_id}", said="closed")


@page(POST, "/purchases/{purchase_id}/supplier", needs=(Permission.MANAGE,))
async def name_supplier(visit: Visit, purchase_id: int) -> Response:
    """Put a listed supplier in the place of the one that was only written down."""
    chosen = id_in(visit.form["supplier"])
    if chosen is None:
        raise Invalid.field("supplier", "Choose one of the list.")
    await list_supplier(visit.work, purchase_id, chosen)
    return visit.go(f"/purchases/{purchase_id}", said="changed")


@page(POST, "/purchases/{purchase_id}/comments", needs=SEERS)
async def comment(visit: Visit, purchase_id: int) -> Response:
    """Say something about the purchase; whoever is named with an at sign is written to."""
    dossier = await read_purchase(visit.work, purchase_id)
    text = visit.form["text"]
    named = named_in(text, await people_to_mention(visit.work, dossier))
    if named.unknown:
        fault = visit.say(_NOBODY_CALLED_SO, names=", ".join(named.unknown))
        return await _show(visit, dossier, faults={"text": [fault]})
    try:
        done = await write_comment(visit.work, purchase_id, text=text, mentioned_ids=named.ids)
    except Invalid as invalid:
        return await _show(visit, dossier, faults=invalid.faults)
    return visit.go(f"/purchases/{purchase_id}#comment-{done.entry.id}", said="said")


@page(POST, "/purchases/{purchase_id}/renewal", needs=_ACTORS)
async def renew_subscription(visit: Visit, purchase_id: int) -> Response:
    """Begin the renewal of the subscription, and go on to the new purchase: it can be changed before it is sent."""
    seen = await renew(visit.work, await _commitment_id(visit, purchase_id))
    act = seen.standing.last_act
    if act is None or act.renewal_id is None:
        return visit.go(f"/purchases/{purchase_id}")
    renewal = await read_commitment(visit.work, act.renewal_id)
    return visit.go(f"/purchases/{renewal.purchase.id}", said="renewed")


@page(POST, "/purchases/{purchase_id}/stop", needs=_ACTORS)
async def stop_subscription(visit: Visit, purchase_id: int) -> Response:
    """Decide that the subscription is stopped."""
    await stop(visit.work, await _commitment_id(visit, purchase_id))
    return visit.go(f"/purchases/{purchase_id}", said="stopped")


@page(POST, "/purchases/{purchase_id}/continuation", needs=_ACTORS)
async def let_subscription_run(visit: Visit, purchase_id: int) -> Response:
    """Decide that the subscription runs to its end."""
    await let_run(visit.work, await _commitment_id(visit, purchase_id))
    return visit.go(f"/purchases/{purchase_id}", said="let-run")


async def _commitment_id(visit: Visit, purchase_id: int) -> int:
    dossier = await read_purchase(visit.work, purchase_id)
    if dossier.commitment is None:
        raise SubscriptionNotFound
    return dossier.commitment.id


async def _too_late(visit: Visit, purchase_id: int, refusal: Conflict) -> Response:
    """Show the purchase as it is, with what was done before the visitor came with the like."""
    dossier = await read_purchase(visit.work, purchase_id)
    outcome = outcome_of_purchase(dossier, visit.who.user.id)
    if outcome is None:
        raise refusal
    return await _show(visit, dossier, status=status_of(type(refusal)), outcome=outcome)


async def _show(
    visit: Visit,
    dossier: Dossier,
    *,
    status: int = OK,
    faults: dict[str, list[str]] | None = None,
    outcome: Outcome | None = None,
) -> Response:
    purchase, commitment, request = dossier.purchase, dossier.commitment, dossier.request
    mine = visit.who.reaches(Permission.PURCHASES, purchase.people, purchase.cost_center.id)
    place = purchase.establishment
    reference = CURRENCIES[visit.tenant.currency if place is None else place.currency]
    course = await _course(visit, dossier)
    return visit.show(
        "purchases/purchase.html",
        status=status,
        one=brief(dossier),
        purchase=purchase,
        commitment=commitment,
        request=request,
        amended_by=None if dossier.pending_amendment is None else dossier.pending_amendment.request_id,
        order=dossier.order,
        steps=[] if request is None else await steps_of(visit, request),
        prospect=await prospect_of(visit.work, dossier),
        lines=[] if commitment is None else lines_of(commitment),
        bar=money_bar(amounts(dossier, reference)),
        budgets=shares_shown(await outlooks_of(visit.work, dossier)),
        course=course,
        renewal=await _renewal(visit, course),
        changes=visit.may(Permission.PURCHASES) and await offers_change(visit.work, dossier),
        can={str(action) for action in actions(dossier)} if mine else set(),
        decides=course.can if mine and course is not None else frozenset(),
        may_ask=visit.may(Permission.PURCHASES),
        suppliers=await _suppliers(visit, dossier),
        history=await history_of(visit, dossier),
        is_latest="earlier" not in visit.query,
        people=_names(await people_to_mention(visit.work, dossier)),
        faults=faults,
        outcome=outcome,
        typed=visit.form["text"] if faults else "",
        why=visit.form["comment"] if faults else "",
        once=token_hex(16),
    )


async def _course(visit: Visit, dossier: Dossier) -> Course | None:
    commitment = dossier.commitment
    seen = None
    if commitment is not None and commitment.state is CommitmentState.PROVISIONED:
        try:
            seen = await read_subscription(visit.work, commitment.id)
        except SubscriptionNotFound:
            return None
    return course_of(commitment, seen, visit.work.today)


async def _renewal(visit: Visit, course: Course | None) -> int | None:
    """Find the purchase as which a subscription goes on."""
    if course is None or course.renewal_id is None:
        return None
    return (await read_commitment(visit.work, course.renewal_id)).purchase.id


async def _suppliers(visit: Visit, dossier: Dossier) -> list[Choice]:
    """Offer the listed suppliers to whoever may name one instead of one that was only written down."""
    if PurchaseAction.LIST_SUPPLIER not in actions(dossier) or not visit.may(Permission.MANAGE):
        return []
    listed = await every(partial(list_suppliers, visit.work, states=[SupplierState.ACTIVE], terms=""))
    return [Choice(str(each.id), each.name) for each in listed]


def _names(people: list[User]) -> list[str]:
    return [person.name for person in people]
