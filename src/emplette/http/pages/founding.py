"""Founding the first company in a browser: by the link that `emplette serve` shows while there is none.

The link is good while there is no company, and on this start of the server. It lets nobody into anything: it makes a
company and whoever may configure it, who then goes on as anybody who has signed in.
"""

from dataclasses import replace
from hmac import compare_digest
from typing import Final

from emplette.domain.errors import Invalid
from emplette.domain.founding import Founding, FoundingOver
from emplette.domain.territories import TERRITORIES
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.pages.choosing import Choice
from emplette.http.pages.declaring import page
from emplette.http.pages.sign_in import caller_of, go_in, with_form
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Values, Visit
from emplette.services.founding import found_company, is_to_be_founded

FOUNDING: Final = "/founding/{secret}"
_BEGINS_WITH: Final = Values([("country", "FR"), ("currency", "EUR"), ("timeZone", "Europe/Paris")])


@page(GET, FOUNDING, public=True, company=False)
async def show_founding(visit: Visit, secret: str) -> Response:
    """Ask what the company is called, and who may configure it."""
    await _check(visit, secret)
    return _ask(visit, _BEGINS_WITH)


@page(POST, FOUNDING, public=True, company=False)
async def found(visit: Visit, secret: str) -> Response:
    """Found the company, sign its founder in, and lead on to what else it needs."""
    await _check(visit, secret)
    caller = caller_of(visit)
    form, reception, password = visit.form, visit.reception, visit.form.exactly("password")
    if password != form.exactly("again"):
        return _ask(visit, form, faults={"again": [marked("Must be the same twice.")]})
    session = reception.database.session()
    try:
        tenant, founder = await found_company(
            session, _said(visit), password, passwords=reception.desk.passwords, now=visit.look.now
        )
    except Invalid as refusal:
        return _ask(visit, form, faults=refusal.faults)
    begun = await reception.desk.begin(session, tenant, founder, caller)
    return go_in(replace(visit, tenant=tenant), begun, "/set-up", said="founded")


async def _check(visit: Visit, secret: str) -> None:
    """See that the link is the right one, and that there is no company yet.

    Raises:
        FoundingOver: it is not, or there is.
    """
    right = visit.reception.setup_secret
    if not right or not compare_digest(secret.encode(), right.encode()):
        raise FoundingOver
    if not await is_to_be_founded(visit.reception.database.session()):
        raise FoundingOver


def _said(visit: Visit) -> Founding:
    form = visit.form
    return Founding(
        company=form["name"],
        host=visit.call.host,
        country=form["country"],
        currency=form["currency"].upper(),
        time_zone=form["timeZone"],
        first_name=form["firstName"],
        last_name=form["lastName"],
        email=form["mail"],
        language=visit.look.language,
    )


def _ask(visit: Visit, said: Values, *, faults: dict[str, list[str]] | None = None) -> Response:
    territories = [Choice(code, place.name) for code, place in TERRITORIES.items()]
    return with_form(
        visit,
        "founding.html",
        said=said,
        territories=sorted(territories, key=lambda each: each.label),
        faults=faults,
    )
