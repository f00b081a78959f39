"""Ask: one page on which somebody says what they need, and sees who will decide before anybody is asked."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from secrets import token_hex
from typing import Any, Final, TypeVar

from emplette.domain.attachments import MOST_ATTACHMENTS
from emplette.domain.commitments import CommitmentState
from emplette.domain.cost_centers import CostCenterState
from emplette.domain.dossiers import Dossier
from emplette.domain.errors import Conflict, Faults, Invalid, Refusal
from emplette.domain.files import LARGEST_FILE
from emplette.domain.natures import NatureState
from emplette.domain.people import Permission
from emplette.domain.purchases import PurchaseState
from emplette.domain.suppliers import ListedSupplier, SupplierState
from emplette.domain.taxes import ApplicableRate
from emplette.domain.territories import TERRITORIES
from emplette.domain.text import folded
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.contract.statuses import OK, REFUSED, status_of
from emplette.http.pages.asking import Asked, Known, field_of, read_asked
from emplette.http.pages.budget_bars import shares_shown
from emplette.http.pages.choosing import Choice
from emplette.http.pages.declaring import page
from emplette.http.pages.numbers import id_in
from emplette.http.pages.refilling import as_it_was, fields_of
from emplette.http.pages.revising import files_shown
from emplette.http.pages.shown import METHODS, UNITS, Brief, brief, newest
from emplette.http.pages.telling import telling
from emplette.http.pages.translations import marked
from emplette.http.pages.trouble import detail_of
from emplette.http.pages.visits import ASKED_COOKIE, Values, Visit, cookie
from emplette.http.pages.whole_lists import every
from emplette.services.approval_plans import plan_draft
from emplette.services.approvals import submit_commitment
from emplette.services.commands import Done
from emplette.services.commitments import create_commitment, revise_commitment
from emplette.services.cost_centers import list_cost_centers
from emplette.services.files import Received, upload_file
from emplette.services.natures import list_natures
from emplette.services.organisation import read_establishment
from emplette.services.people import read_user
from emplette.services.purchases import create_purchase, list_purchases, read_purchase, revise_purchase
from emplette.services.suggestions import suggest
from emplette.services.suppliers import list_suppliers
from emplette.services.taxes import list_rates
from emplette.services.work import IdempotencyKey, Work
from emplette.storage.lists import Filters, Slice

_NEEDS: Final = (Permission.PURCHASES,)
_FEW: Final = Slice(8)
_MOST_PAST: Final = 3
_A_DAY: Final = 24 * 3600
_SENT: Final = marked("This draft was sent meanwhile, from elsewhere. What you typed since is only here.")

T = TypeVar("T")


@page(GET, "/ask", needs=_NEEDS)
async def show_ask(visit: Visit) -> Response:
    """Show the form: empty, as a draft was left, or as an earlier purchase was."""
    form = Values([("on", visit.work.today.isoformat()), *await _suggested(visit, None)])
    for word, keeps in (("draft", True), ("from", False)):
        number = id_in(visit.query[word])
        if number is not None:
            dossier = await read_purchase(visit.work, number)
            if keeps and dossier.purchase.state is not PurchaseState.CREATED:
                return visit.go(f"/purchases/{number}")
            form = Values(fields_of(dossier, await _rates(visit), today=visit.work.today, keeps=keeps))
    return await _show(visit, form)


@page(POST, "/ask", needs=_NEEDS)
async def ask(visit: Visit) -> Response:
    """Write down what is asked for; unless it shall only be kept, ask for approval as well."""
    form, faults = visit.form, Faults()
    known = await _known(visit, form)
    if form["then"] == "look":
        missing = [pair for pair in await _suggested(visit, known) if not form[pair[0]]]
        filled = Values([*missing, *form.pairs], form.language)
        return await _show(visit, filled, beside=await _beside(visit, filled, known))
    asked = await _read(visit, form, known, faults)
    if asked is None:
        return await _show(visit, form, faults=faults.as_dict())
    written = _Written(visit.work, form["once"])
    try:
        await written.purchase(id_in(form["purchase"]), asked)
        await written.commitment(asked)
        if form["then"] != "keep":
            await written.request()
    except Invalid as invalid:
        return await _show(visit, written.kept(form), faults=_by_field(invalid))
    except Refusal as refusal:
        if written.dossier is None and form["purchase"] and isinstance(refusal, Conflict):
            faults.add("$", _SENT)
            return await _show(visit, form, status=status_of(type(refusal)), faults=faults.as_dict())
        if written.dossier is None:
            raise
        faults.add("$", (await telling(visit, [refusal.detail]))(refusal.detail))
        return await _show(visit, written.kept(form), status=status_of(type(refusal)), faults=faults.as_dict())
    # The browser forgets what was typed when it hears that this form has been taken.
    kept = [cookie(ASKED_COOKIE, form["once"], seconds=_A_DAY, secure=visit.is_secure, readable=True)]
    to = f"/purchases/{written.number}"
    return visit.go(to, said=_outcome(written.dossier, form), cookies=kept if form["once"].isalnum() else [])


@page(POST, "/ask/beside", needs=_NEEDS)
async def look_beside(visit: Visit) -> Response:
    """Show beside the form what it comes to, who would decide, and what was bought from that supplier before."""
    known = await _known(visit, visit.form)
    return visit.show("ask/beside.html", **await _beside(visit, visit.form, known))


@page(GET, "/ask/suppliers", needs=_NEEDS)
async def suggest_suppliers(visit: Visit) -> Response:
    """Suggest suppliers whose names begin as what is being typed."""
    terms = visit.query["supplier"]
    found = await list_suppliers(visit.work, _FEW, states=[SupplierState.ACTIVE], terms=terms)
    return visit.show("ask/suppliers.html", suppliers=[entry.name for entry in found.items])


@page(POST, "/ask/files", needs=_NEEDS, upload=True)
async def receive_file(visit: Visit) -> Response:
    """Receive a file that shall hang on what is asked for."""
    upload = visit.upload
    if upload is None:
        raise Invalid.field("files", "Is missing.")
    received = Received(upload.name, upload.path, upload.size, upload.sha256)
    try:
        done = await upload_file(visit.work, received)
    except Invalid as invalid:
        refused = next(iter(invalid.faults.values()))[0]
        return visit.show("ask/file.html", status=REFUSED, file=None, name=upload.name, refused=refused)
    return visit.show("ask/file.html", file=done.file, name=done.file.name, refused="")


class _Written:
    """What a form has led to so far: each step takes effect once, however often the form is sent."""

    def __init__(self, work: Work, once: str) -> None:
        self._work = work
        self._once = once if once.isascii() and once.isalnum() else ""
        self.dossier: Dossier | None = None

    @property
    def number(self) -> int:
        """The purchase that was written."""
        return 0 if self.dossier is None else self.dossier.purchase.id

    async def purchase(self, draft: int | None, asked: Asked) -> None:
        """Write down what is wanted, or write a draft anew."""
        if draft is not None:
            await self._do("purchase", lambda work: revise_purchase(work, draft, asked.purchase))
        else:
            await self._do("purchase", lambda work: create_purchase(work, asked.purchase))

    async def commitment(self, asked: Asked) -> None:
        """Write down what it costs."""
        there = None if self.dossier is None else self.dossier.commitment
        if there is not None and there.state is CommitmentState.CREATED:
            await self._do("commitment", lambda work: revise_commitment(work, there.id, asked.commitment))
        else:
            await self._do("commitment", lambda work: create_commitment(work, self.number, asked.commitment))

    async def request(self) -> None:
        """Ask for approval."""
        there = None if self.dossier is None else self.dossier.commitment
        if there is None:
            raise AssertionError
        await self._do("request", lambda work: submit_commitment(work, there.id))

    def kept(self, form: Values) -> Values:
        """Keep what was typed, and the purchase that exists by now."""
        if self.dossier is None:
            return form
        others = (pair for pair in form.pairs if pair[0] != "purchase")
        return Values([*others, ("purchase", str(self.number))], form.language)

    async def _do(self, what: str, do: Callable[[Work], Awaitable[Done]]) -> None:
        given = self._work.idempotency
        key = None
        if self._once and given is not None:
            key = IdempotencyKey(f"{self._once}{what}", given.scope, given.body_hash)
        self.dossier = (await do(replace(self._work, idempotency=key))).dossier


async def _beside(visit: Visit, form: Values, known: Known) -> dict[str, Any]:
    """Work out what stands beside the form, as far as it is filled in."""
    asked = await _read(visit, form, known, Faults())
    planned, trouble = None, ""
    if asked is not None:
        try:
            planned = await plan_draft(visit.work, asked.purchase, asked.commitment)
        except Refusal as refusal:
            trouble = detail_of(refusal)
    plan = None if planned is None else planned.plan
    reasons = [] if plan is None else [asked.reason for step in plan.steps for asked in step.approvers]
    return {
        "tell": await telling(visit, [trouble, *reasons]),
        "plan": plan,
        "budgets": None if planned is None else shares_shown(planned.outlooks),
        "trouble": trouble,
        "total": None if asked is None else asked.commitment.amount.times(asked.commitment.terms.periods_count),
        "is_new": bool(form["supplier"]) and known.supplier_id is None,
        "past": await _past(visit, known.supplier_id),
        "suggested": dict(await _suggested(visit, known)),
    }


async def _read(visit: Visit, form: Values, known: Known, faults: Faults) -> Asked | None:
    """Read the form; what it does not show of a draft stays as it was."""
    asked, draft = read_asked(form, known, faults), id_in(form["purchase"])
    if asked is None or draft is None:
        return asked
    return as_it_was(await read_purchase(visit.work, draft), known.rates, form, asked)


async def _suggested(visit: Visit, known: Known | None) -> list[tuple[str, str]]:
    """Suggest what the fields would hold as they did last time: of the supplier, or of the visitor alone."""
    found = await suggest(visit.work, supplier_id=None if known is None else known.supplier_id)
    said = {
        "nature": found.nature_id,
        "cost_center": found.cost_center_id,
        "rate": found.rate_type_id,
        "currency": found.currency,
        "method": found.payment_method,
    }
    return [(name, str(value)) for name, value in said.items() if value is not None]


async def _show(
    visit: Visit,
    form: Values,
    *,
    status: int = OK,
    faults: dict[str, list[str]] | None = None,
    beside: dict[str, Any] | None = None,
) -> Response:
    natures = await every(partial(list_natures, visit.work))
    centers = await every(partial(list_cost_centers, visit.work))
    rates = await _rates(visit)
    return visit.show(
        "ask/form.html",
        status=status,
        form=form,
        faults=faults,
        once=token_hex(16),
        natures=[Choice(str(each.id), each.name) for each in natures if each.state is NatureState.ENABLED],
        cost_centers=[
            Choice(str(each.id), f"{each.code} · {each.name}")
            for each in centers
            if each.state is CostCenterState.ENABLED
        ],
        rates=[_choice_of_rate(visit, each) for each in rates],
        territories=[Choice(code, place.name) for code, place in TERRITORIES.items()],
        units=[Choice(str(unit), visit.say(words[1], count="").strip()) for unit, words in UNITS.items()],
        methods=[Choice(str(method), visit.say(label)) for method, label in METHODS.items()],
        country=visit.tenant.country,
        currency=visit.tenant.currency,
        files=await files_shown(visit, form),
        most_files=MOST_ATTACHMENTS,
        largest_file=LARGEST_FILE,
        **(beside or {}),
    )


async def _known(visit: Visit, form: Values) -> Known:
    person = visit.who.person or visit.who.user
    supplier = await _supplier(visit, form["supplier"])
    rates = await _rates(visit)
    return Known(person.id, None if supplier is None else supplier.id, tuple(rates))


async def _supplier(visit: Visit, name: str) -> ListedSupplier | None:
    """Find the listed supplier of a name, however it is written."""
    if not name:
        return None
    found = await list_suppliers(visit.work, _FEW, states=[SupplierState.ACTIVE], terms=name)
    return next((entry for entry in found.items if folded(entry.name) == folded(name)), None)


async def _rates(visit: Visit) -> list[ApplicableRate]:
    """List the rates of tax where the visitor's establishment is."""
    person = visit.who.person or visit.who.user
    entry = (await read_user(visit.work, person.id)).entry
    territory = visit.tenant.country
    if entry.establishment_id is not None:
        territory = (await read_establishment(visit.work, entry.establishment_id)).entry.territory_id
    return await list_rates(visit.work, territory_id=territory, on=visit.work.today)


async def _past(visit: Visit, supplier_id: int | None) -> list[Brief]:
    if supplier_id is None:
        return []
    bought = Filters({"supplierId": [supplier_id], "state": [PurchaseState.ONGOING, PurchaseState.CLOSED]})
    found = await list_purchases(visit.work, bought, newest(_MOST_PAST))
    return [brief(each) for each in reversed(found.items)]


def _choice_of_rate(visit: Visit, known: ApplicableRate) -> Choice:
    kind = known.rate.rate_type
    return Choice(str(kind.id), f"{visit.look.number(known.rate.percentage * 100)} % · {kind.name}")


def _by_field(invalid: Invalid) -> dict[str, list[str]]:
    """Lay faults that were found further in beside the fields of the form."""
    faults = Faults()
    for path, messages in invalid.faults.items():
        for message in messages:
            faults.add(field_of(path), message)
    return faults.as_dict()


def _outcome(dossier: Dossier | None, form: Values) -> str:
    if form["then"] == "keep":
        return "kept"
    return "asked-approved" if dossier is not None and dossier.order is not None else "asked"
