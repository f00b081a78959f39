"""What administrators do with roles: give one to somebody, end one, look at who has which."""

from collections.abc import Sequence
from dataclasses import dataclass

from emplette.domain.errors import Faults, Invalid
from emplette.domain.people import UserKind
from emplette.domain.registers import Known
from emplette.domain.roles import Role, RoleGrant, RoleGrantNotFound, RoleHeld, note_faults, who_stay
from emplette.services.registers import Written, write_entry
from emplette.services.work import Work
from emplette.storage import registers
from emplette.storage.changes import Change
from emplette.storage.lists import Slice
from emplette.storage.registers import EntryPage, Filters
from emplette.storage.roles import ROLE_GRANTS, find_held, find_with_administrators


@dataclass(frozen=True, slots=True)
class RoleDraft:
    """What somebody says of a role that they give: to whom, and for which part of the company, if not for all."""

    user_id: int
    role: Role
    department_id: int | None = None
    cost_center_id: int | None = None


async def list_roles(work: Work, piece: Slice, *, user_ids: Sequence[int] = ()) -> EntryPage[RoleGrant]:
    """List the roles that are held, in the order in which they were given."""
    filters = Filters({"is_ended": [False], "user_id": user_ids})
    return await registers.list_entries(work.db, work.tenant.id, ROLE_GRANTS, filters, piece)


async def grant_role(work: Work, draft: RoleDraft) -> Written[RoleGrant]:
    """Give somebody a role.

    Raises:
        Invalid: names everything that can't be.
        RoleHeld: they have it already.
        KeyReused: the idempotency key was used for another request.
    """
    grant = RoleGrant(
        id=await work.new_id("role_grant"),
        user_id=draft.user_id,
        role=draft.role,
        granted_at=work.now,
        department_id=draft.department_id,
        cost_center_id=draft.cost_center_id,
    )
    faults = Faults()
    note_faults(grant, faults)
    faults.raise_if_any()

    async def load() -> tuple[Sequence[RoleGrant], Known]:
        return await find_held(work.db, work.tenant.id, grant)

    def decide(held: Sequence[RoleGrant], known: Known) -> Change[RoleGrant]:
        user = known.users.get(grant.user_id)
        if user is not None and user.kind is not UserKind.PERSON:
            raise Invalid.field("userId", f"Is a key's user: there is no person {grant.user_id}.")
        if held:
            detail = f"It is their role {held[0].id}, given on {held[0].granted_at:%Y-%m-%d}."
            raise RoleHeld(detail, id=held[0].id)
        return Change(None, grant)

    return await write_entry(work, ROLE_GRANTS, load, decide)


async def end_role(work: Work, role_grant_id: int) -> Written[RoleGrant]:
    """End a role; one that has ended stays so.

    Raises:
        RoleGrantNotFound: there is none.
        OwnAdministration: it is the caller's own role of administrator.
        LastAdministrator: nobody who stays would be left to administrate.
        PreconditionFailed: it is not at a version that the caller accepts.
    """

    def decide(found: Sequence[RoleGrant], known: Known) -> Change[RoleGrant]:
        by_id = {one.id: one for one in found}
        if role_grant_id not in by_id:
            raise RoleGrantNotFound
        ended = by_id[role_grant_id].ended(work.now, work.who.user, who_stay(found, known))
        return Change(by_id[role_grant_id], ended)

    return await write_entry(
        work, ROLE_GRANTS, lambda: find_with_administrators(work.db, work.tenant.id, role_grant_id), decide
    )
