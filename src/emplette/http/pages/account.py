"""One's own account: the password, where one has signed in, and the second factor."""

from typing import Final

import segno

from emplette.domain.errors import Invalid
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.pages.declaring import page
from emplette.http.pages.sign_in import forget_session
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services import second_factors, sign_in

ACCOUNT: Final = "/account"


@page(GET, ACCOUNT)
async def show_account(visit: Visit) -> Response:
    """Show one's own account."""
    return await _account(visit)


@page(POST, "/account/password")
async def change_password(visit: Visit) -> Response:
    """Change one's own password; all one's other sessions end."""
    new = visit.form.exactly("password")
    if new != visit.form.exactly("again"):
        return await _account(visit, faults={"again": [marked("Must be the same twice.")]})
    try:
        await visit.reception.desk.change_password(visit.work, current=visit.form.exactly("current"), new=new)
    except Invalid as refusal:
        return await _account(visit, faults=refusal.faults)
    return visit.go(ACCOUNT, said="password-changed")


@page(POST, "/account/sessions/{session_id}/end")
async def end_session(visit: Visit, session_id: int) -> Response:
    """End one of one's own sessions."""
    await sign_in.end_own_session(visit.work, session_id)
    forget_session(visit)
    return visit.go(ACCOUNT, said="session-ended")


@page(POST, "/account/second-factor")
async def begin_second_factor(visit: Visit) -> Response:
    """Make what codes are made of, and show it as a picture."""
    await second_factors.begin_setting(visit.work)
    return visit.go(f"{ACCOUNT}#second-factor")


@page(POST, "/account/second-factor/confirmation")
async def confirm_second_factor(visit: Visit) -> Response:
    """Let codes count from now on, and show those for paper: this once."""
    try:
        papers = await second_factors.confirm(visit.work, visit.form["code"])
    except Invalid as refusal:
        return await _account(visit, faults=refusal.faults)
    return visit.show("recovery-codes.html", papers=papers)


@page(POST, "/account/second-factor/removal")
async def remove_second_factor(visit: Visit) -> Response:
    """Ask for no codes any more; the password has to be shown for that."""
    try:
        await visit.reception.desk.check_own(visit.work, visit.form.exactly("current"))
    except Invalid as refusal:
        return await _account(visit, faults={"removal": refusal.faults["current"]})
    await second_factors.remove(visit.work, visit.who.user.id)
    return visit.go(ACCOUNT, said="second-factor-removed")


async def _account(visit: Visit, *, faults: dict[str, list[str]] | None = None) -> Response:
    factor = await second_factors.read_own(visit.work)
    return visit.show(
        "account.html",
        sessions=await sign_in.list_sessions(visit.work),
        factor=factor,
        picture=segno.make(factor.address, error="m").svg_data_uri(scale=5, border=2) if factor.address else "",
        faults=faults,
    )
