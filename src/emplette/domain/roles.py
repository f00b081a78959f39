"""Roles: what people may do, and how far that reaches: a department with all below it, a cost center, the company."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from emplette.domain.errors import Conflict, Faults, NotFound
from emplette.domain.people import Circle, Permission, Principal, Scope, User
from emplette.domain.registers import FIRST_VERSION, Known, Reference


class RoleGrantNotFound(NotFound):
    """There is no such role of anybody."""

    code = "role.not_found"


class RoleHeld(Conflict):
    """The person has that role already."""

    code = "role.held"


class OwnAdministration(Conflict):
    """Nobody ends their own role of administrator: another administrator does, so that there always is one."""

    code = "role.own_administration"


class LastAdministrator(Conflict):
    """A company keeps an administrator who is not about to leave: give somebody else that role first."""

    code = "role.last_administrator"


class Role(StrEnum):
    """What somebody is to the company's purchases, beyond what everybody is."""

    VIEWER = "viewer"
    PURCHASER = "purchaser"
    SUPERVISOR = "supervisor"
    APPROVER = "approver"
    ACCOUNTANT = "accountant"
    PAYER = "payer"
    ADMINISTRATOR = "administrator"


EVERYBODY: Final[Mapping[Permission, Scope]] = MappingProxyType(
    {Permission.PURCHASES: Scope.OWN, Permission.VIEW: Scope.OWN, Permission.APPROVE: Scope.ALL}
)
"""What everybody may who signs in: buy, see what is theirs, and decide what a policy asks them for."""

GRANTED: Final[Mapping[Role, Mapping[Permission, Scope]]] = MappingProxyType(
    {
        Role.VIEWER: {Permission.VIEW: Scope.ALL},
        Role.PURCHASER: {Permission.VIEW: Scope.ALL, Permission.PURCHASES: Scope.ALL},
        Role.SUPERVISOR: {Permission.VIEW: Scope.SUPERVISED, Permission.PURCHASES: Scope.SUPERVISED},
        Role.APPROVER: {Permission.APPROVE: Scope.ALL},
        Role.ACCOUNTANT: {Permission.VIEW: Scope.ALL, Permission.MANAGE: Scope.ALL},
        Role.PAYER: {Permission.VIEW: Scope.ALL, Permission.PAY: Scope.ALL},
        Role.ADMINISTRATOR: {Permission.VIEW: Scope.ALL, Permission.MANAGE: Scope.ALL, Permission.CONFIGURE: Scope.ALL},
    }
)
"""What each role adds. What reaches all, reaches a part only where the role was given for a part."""

IN_PARTS: Final = (Role.VIEWER, Role.PURCHASER, Role.APPROVER)
"""The roles that can be given for a part of the company; of the others there is no part."""

_WIDER: Final = {Scope.OWN: 0, Scope.SUPERVISED: 1, Scope.ALL: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGrant:
    """That somebody has a role: for a department and all below it, for a cost center, or for the whole company."""

    id: int
    user_id: int
    role: Role
    granted_at: datetime
    department_id: int | None = None
    cost_center_id: int | None = None
    ended_at: datetime | None = None
    version: int = FIRST_VERSION

    @property
    def is_partial(self) -> bool:
        """Tell whether it reaches a part of the company only."""
        return self.department_id is not None or self.cost_center_id is not None

    def ended(self, at: datetime, by: User, administrators: Collection[int]) -> "RoleGrant":
        """End it; one that has ended stays so.

        Args:
            at: when.
            by: who ends it.
            administrators: the administrators who are not going to leave.

        Raises:
            OwnAdministration: it is what somebody who ends it administrates by.
            LastAdministrator: nobody who stays would be left to administrate.
        """
        if self.ended_at is not None:
            return self
        if self.role is Role.ADMINISTRATOR and self.user_id in by.identities:
            raise OwnAdministration
        if self.role is Role.ADMINISTRATOR and leaves_nobody([self.user_id], administrators):
            raise LastAdministrator
        return replace(self, ended_at=at, version=self.version + 1)

    def references(self) -> list[Reference]:
        """Whom and what it refers to."""
        named = (
            ("userId", "users", self.user_id),
            ("departmentId", "departments", self.department_id),
            ("costCenterId", "cost_centers", self.cost_center_id),
        )
        return [Reference(path, register, number) for path, register, number in named if number is not None]


def who_stay(held: Iterable[RoleGrant], known: Known) -> set[int]:
    """List those of some roles' holders who administrate, and of whom no last day is known."""
    return {
        one.user_id
        for one in held
        if one.role is Role.ADMINISTRATOR and one.ended_at is None and known.users[one.user_id].left_on is None
    }


def leaves_nobody(going: Collection[int], administrators: Collection[int]) -> bool:
    """Tell whether all the administrators who were to stay are among those who go."""
    return bool(administrators) and set(administrators) <= set(going)


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody has, and whom it reaches; without a circle it reaches everybody."""

    role: Role
    circle: Circle | None = None


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do: how far at least, and in which circles beyond that."""

    permissions: Mapping[Permission, Scope]
    circles: Mapping[Permission, Circle]


def rights_of(held: Collection[Held]) -> Rights:
    """Add up what the roles of a person allow, and what everybody may."""
    permissions, circles = dict(EVERYBODY), dict[Permission, Circle]()
    for one in held:
        for permission, scope in GRANTED[one.role].items():
            if one.circle is None or permission is Permission.APPROVE:
                permissions[permission] = max(permissions.get(permission, Scope.OWN), scope, key=_WIDER.__getitem__)
            else:
                permissions.setdefault(permission, Scope.OWN)
                circles[permission] = circles.get(permission, Circle()) | one.circle
    return Rights(permissions, circles)


def signed_in(
    person: User,
    held: Collection[Held],
    *,
    supervised: frozenset[int],
    stands_in_for: frozenset[int],
    session_id: int | None = None,
) -> Principal:
    """Say who a person is who acts without a key: with what their roles allow, and never approving by themselves."""
    rights = rights_of(held)
    return Principal(
        user=person,
        key_id=-person.id,
        key_name="",
        permissions=rights.permissions,
        auto_approve=False,
        person=person,
        supervised=supervised,
        stands_in_for=stands_in_for,
        circles=rights.circles,
        session_id=session_id,
    )


def note_faults(grant: RoleGrant, faults: Faults) -> None:
    """Say everything that is wrong with a role, whomever it is given to."""
    if grant.department_id is not None and grant.cost_center_id is not None:
        faults.add("costCenterId", "Must be absent where a department is named: a role reaches one or the other.")
    if grant.is_partial and grant.role not in IN_PARTS:
        known = ", ".join(IN_PARTS)
        faults.add("role", f"Can be given for the whole company only; for a part of it there are {known}.")
