"""People on the pages: who they are, what they may do, where they have signed in, and letting them in."""

from collections.abc import Mapping
from secrets import token_hex
from typing import Final

from emplette.domain.errors import Invalid
from emplette.domain.people import Permission
from emplette.domain.roles import IN_PARTS, LastAdministrator, OwnAdministration, Role, RoleHeld
from emplette.domain.sign_in import NoMailAddress, SessionNotFound
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.pages.choosing import Choice, choices
from emplette.http.pages.declaring import page
from emplette.http.pages.numbers import id_in
from emplette.http.pages.sign_in import forget_session
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services import people, roles, second_factors, sign_in
from emplette.services.cost_centers import list_cost_centers
from emplette.services.invitations import Invitation, invite
from emplette.services.organisation import list_departments
from emplette.services.roles import RoleDraft
from emplette.storage.lists import Slice

PEOPLE: Final = "/settings/people"
ROLES: Final = {
    Role.VIEWER: (marked("Viewer"), marked("sees purchases")),
    Role.PURCHASER: (marked("Purchaser"), marked("sees purchases and acts on them")),
    Role.SUPERVISOR: (marked("Supervisor"), marked("sees and acts on the purchases of their team")),
    Role.APPROVER: (marked("Approver"), marked("can be asked where a policy asks whoever may approve")),
    Role.ACCOUNTANT: (
        marked("Accountant"),
        marked("sees everything; keeps suppliers, kinds of expense, cost centers"),
    ),
    Role.PAYER: (marked("Payer"), marked("sees everything, pays")),
    Role.ADMINISTRATOR: (marked("Administrator"), marked("sees everything, changes settings")),
}
"""What a role is called, and what it lets somebody do, in words."""
_CONFIGURE: Final = (Permission.CONFIGURE,)
_ALL: Final = Slice(1000)
_A_PAGE: Final = 100


@page(GET, PEOPLE, needs=_CONFIGURE)
async def show_people(visit: Visit) -> Response:
    """List the people of the company, or those of some words."""
    work, query = visit.work, visit.query
    found = await people.find_people(work, query["q"], after=id_in(query["after"]) or 0, limit=_A_PAGE)
    shown = [person.id for person in found.items]
    held: dict[int, list[str]] = {}
    for grant in (await roles.list_roles(work, _ALL, user_ids=shown)).items if shown else ():
        held.setdefault(grant.user_id, []).append(visit.say(ROLES[grant.role][0]))
    return visit.show(
        "settings/people.html",
        people=found.items,
        names=await people.names_of(work, {person.manager_id for person in found.items if person.manager_id}),
        held=held,
        q=query["q"],
        further=query.but(after=str(found.next)) if found.next else "",
        is_first="after" not in query,
    )


@page(GET, "/settings/people/{user_id}", needs=_CONFIGURE)
async def show_person(visit: Visit, user_id: int) -> Response:
    """Show a person: roles, sessions, and how to let them in."""
    return await _person(visit, user_id)


@page(POST, "/settings/people/{user_id}/link", needs=_CONFIGURE)
async def invite_person(visit: Visit, user_id: int) -> Response:
    """Make a link by which a person chooses a password, and mail it to them or show it: this once."""
    by_mail = visit.form["by"] == "mail"
    try:
        invitation = await invite(visit.work, user_id, base_url=visit.call.base_url, by_mail=by_mail)
    except NoMailAddress:
        return await _person(visit, user_id, faults={"link": [marked("Nobody without a mail address can sign in.")]})
    except Invalid:
        return await _person(visit, user_id, faults={"link": [marked("Whoever has left is let in no more.")]})
    if invitation.mailed_to:
        return visit.go(f"{PEOPLE}/{user_id}", said="invited")
    return await _person(visit, user_id, invitation=invitation)


@page(POST, "/settings/people/{user_id}/roles", needs=_CONFIGURE)
async def grant_role(visit: Visit, user_id: int) -> Response:
    """Give a person a role, for the whole company or a part of it."""
    form = visit.form
    kind, _, number = form["reach"].partition("-")
    part = id_in(number)
    if form["role"] not in set(Role):
        return await _person(visit, user_id, faults={"role": [marked("Choose one of the list.")]})
    draft = RoleDraft(
        user_id,
        Role(form["role"]),
        department_id=part if kind == "department" else None,
        cost_center_id=part if kind == "center" else None,
    )
    try:
        await roles.grant_role(visit.work, draft)
    except RoleHeld:
        return await _person(visit, user_id, faults={"role": [marked("They have it already.")]})
    except Invalid as refusal:
        return await _person(
            visit, user_id, faults={"reach": [each for said in refusal.faults.values() for each in said]}
        )
    return visit.go(f"{PEOPLE}/{user_id}", said="changed")


@page(POST, "/settings/people/{user_id}/roles/{role_grant_id}/end", needs=_CONFIGURE)
async def end_role(visit: Visit, user_id: int, role_grant_id: int) -> Response:
    """End a role of a person."""
    try:
        await roles.end_role(visit.work, role_grant_id)
    except (OwnAdministration, LastAdministrator) as refusal:
        return await _person(visit, user_id, faults={"held": [refusal.title()]})
    return visit.go(f"{PEOPLE}/{user_id}", said="changed")


@page(POST, "/settings/people/{user_id}/sessions/end", needs=_CONFIGURE)
async def end_sessions(visit: Visit, user_id: int) -> Response:
    """End one session of a person; all of them where none is named."""
    if "session" not in visit.form:
        await sign_in.end_sessions(visit.work, user_id)
    else:
        session_id = id_in(visit.form["session"])
        if session_id is None or not await sign_in.end_sessions(visit.work, user_id, session_id):
            raise SessionNotFound
    forget_session(visit)
    return visit.go(f"{PEOPLE}/{user_id}", said="sessions-ended")


@page(POST, "/settings/people/{user_id}/second-factor/removal", needs=_CONFIGURE)
async def remove_second_factor(visit: Visit, user_id: int) -> Response:
    """Ask a person for no codes any more, because telephone and paper are lost."""
    await second_factors.remove(visit.work, user_id)
    return visit.go(f"{PEOPLE}/{user_id}", said="changed")


async def _person(
    visit: Visit,
    user_id: int,
    *,
    invitation: Invitation | None = None,
    faults: Mapping[str, list[str]] | None = None,
) -> Response:
    work = visit.work
    found = await people.read_user(work, user_id)
    held = await roles.list_roles(work, _ALL, user_ids=[user_id])
    departments, centers = await list_departments(work, {}, _ALL), await list_cost_centers(work, _ALL)
    reaches = [
        Choice("", visit.say(marked("The whole company"))),
        *(Choice(f"department-{one.id}", one.name) for one in departments.items),
        *(Choice(f"center-{one.id}", f"{one.code} {one.name}") for one in centers.items),
    ]
    return visit.show(
        "settings/person.html",
        person=found.entry,
        known=found.known,
        held=held.items,
        names=held.known,
        said_roles=ROLES,
        roles=choices(visit, {role: name for role, (name, _) in ROLES.items()}),
        in_parts=IN_PARTS,
        reaches=reaches,
        sessions=await sign_in.list_sessions(work, user_id),
        invitation=invitation,
        mails=work.shelf.mailer is not None,
        said=visit.form,
        faults=faults,
        once=token_hex(16),
    )
