"""People, the keys that act for them, and what each may do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from emplette.domain.errors import Forbidden
from emplette.domain.working_days import WorkCalendar

_A_DAY: Final = timedelta(days=1)


class UserKind(StrEnum):
    """A person, or the row that stands for an API key in histories."""

    PERSON = "Person"
    KEY = "Key"


class Permission(StrEnum):
    """What a key, or later a role, may do."""

    PURCHASES = "purchases"
    VIEW = "view"
    APPROVE = "approve"
    MANAGE = "manage"
    PAY = "pay"
    CONFIGURE = "configure"


class Scope(StrEnum):
    """Whose purchases a permission reaches: one's own, those of the people one leads, or all."""

    OWN = "own"
    SUPERVISED = "supervised"
    ALL = "all"


SCOPED = (Permission.PURCHASES, Permission.VIEW)
DEFAULT_PERMISSIONS = ("purchases:all", "view:all", "manage")


class PermissionUnknown(Forbidden):
    """There is no such permission."""

    code = "permission.unknown"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who owns, writes or decides: a person, or a key's own row.

    ``person_id`` of a key's row is the person that the key is bound to.
    """

    id: int
    first_name: str
    last_name: str
    kind: UserKind = UserKind.PERSON
    left_on: date | None = None
    person_id: int | None = None

    @property
    def name(self) -> str:
        """The whole name, as it is shown."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def identities(self) -> frozenset[int]:
        """Every user this is: a bound key is also its person."""
        return frozenset({self.id} if self.person_id is None else {self.id, self.person_id})

    def is_active(self, on: date) -> bool:
        """Tell whether the user has not left by that day."""
        return self.left_on is None or on < self.left_on


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something was done, and by whom."""

    at: datetime
    by: User


@dataclass(frozen=True, slots=True)
class Tenant:
    """One company's account. ``ahead`` is how far its clock is ahead of the world's: moved in trials, else not at all.

    Its clock says when things are done and what day it is. Whoever lets somebody in, until when, looks at the world's.
    ``calendar`` says on which days it works.
    """

    id: int
    account: str
    name: str
    time_zone: ZoneInfo
    currency: str
    country: str
    ahead: timedelta = timedelta(0)
    calendar: WorkCalendar = field(default_factory=WorkCalendar)

    def now(self, world: datetime) -> datetime:
        """What the company's clock says at a moment of the world's."""
        return world + self.ahead

    def today(self, now: datetime) -> date:
        """The day it is where the company is."""
        return now.astimezone(self.time_zone).date()

    def moments_of(self, first: date | None, last: date | None) -> tuple[datetime | None, datetime | None]:
        """Say between which moments days lie where the company is; None where none bounds them."""
        begins = None if first is None or first == date.min else datetime.combine(first, time(), self.time_zone)
        ends = None if last is None or last == date.max else datetime.combine(last + _A_DAY, time(), self.time_zone)
        return begins, ends


@dataclass(frozen=True, slots=True)
class Circle:
    """A part of a company: what these people own or wrote, and what is charged to these cost centers."""

    people: frozenset[int] = frozenset()
    cost_centers: frozenset[int] = frozenset()

    def __or__(self, other: "Circle") -> "Circle":
        return Circle(self.people | other.people, self.cost_centers | other.cost_centers)


@dataclass(frozen=True, slots=True)
class Visible:
    """What a caller may list who may not list everything.

    What ``people`` own or wrote, what is charged to ``cost_centers``, and what ``asked_id``, if it is anybody, is asked
    to approve, or those are for whom they stand in.
    """

    people: frozenset[int]
    asked_id: int | None
    cost_centers: frozenset[int] = frozenset()
    stands_in_for: frozenset[int] = frozenset()

    @property
    def asked(self) -> frozenset[int]:
        """Whoever's requests they may list since these are asked: their own, and those for whom they stand in."""
        return frozenset() if self.asked_id is None else self.stands_in_for | {self.asked_id}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling: an API key and the person it is bound to, if any; or a person who has signed in.

    ``user`` is the author of what is done: the key's own row, or the person; ``person`` is who decides. ``supervised``
    holds the people that the person leads, directly or through others, and ``circles`` what a permission reaches beyond
    its scope; in the place of ``stands_in_for``, who are away today, the person may decide. ``session_id`` is that of a
    person who has signed in, who has no key: ``key_id`` is below 0 then.
    """

    user: User
    key_id: int
    key_name: str
    permissions: Mapping[Permission, Scope]
    auto_approve: bool
    created_status: int = 200
    person: User | None = None
    supervised: frozenset[int] = field(default_factory=frozenset)
    circles: Mapping[Permission, Circle] = field(default_factory=dict)
    session_id: int | None = None
    stands_in_for: frozenset[int] = frozenset()

    @property
    def api_key_id(self) -> int | None:
        """The number of the key through which things are done; None for a person who has signed in, and for us."""
        return self.key_id if self.key_id > 0 else None

    def reaches(self, permission: Permission, people: Collection[int], cost_center_id: int | None = None) -> bool:
        """Tell whether the permission covers something of these people (its owner and its author).

        Args:
            permission: the permission.
            people: whose it is.
            cost_center_id: what it is charged to, if that is known.
        """
        scope = self.permissions.get(permission)
        if scope is None:
            return False
        if scope is Scope.ALL:
            return True
        mine = self.user.identities
        circle = self.circles.get(permission, _NOBODY)
        covered = (mine | self.supervised if scope is Scope.SUPERVISED else mine) | circle.people
        return not covered.isdisjoint(people) or cost_center_id in circle.cost_centers

    def sees(self, people: Collection[int], cost_center_id: int | None = None) -> bool:
        """Tell whether something of these people may be seen: by looking, or because one may act on it."""
        return any(self.reaches(permission, people, cost_center_id) for permission in SCOPED)

    @property
    def follows(self) -> bool:
        """Whether they may read all that happens: who configures, and who may view everything."""
        return Permission.CONFIGURE in self.permissions or self.permissions.get(Permission.VIEW) is Scope.ALL

    def is_asked(self, asked: Collection[int]) -> bool:
        """Tell whether the caller, or somebody for whom they stand in, is asked to approve something: they see it."""
        if self.person is None or Permission.APPROVE not in self.permissions:
            return False
        return self.person.id in asked or not self.stands_in_for.isdisjoint(asked)

    @property
    def visible(self) -> Visible | None:
        """What the caller may list of purchases and all under them; None stands for everything."""
        held = {self.permissions.get(permission) for permission in (Permission.VIEW, Permission.PURCHASES)}
        if Scope.ALL in held:
            return None
        people = self.user.identities if held != {None} else frozenset()
        if Scope.SUPERVISED in held:
            people |= self.supervised
        beyond = self.circles.get(Permission.VIEW, _NOBODY) | self.circles.get(Permission.PURCHASES, _NOBODY)
        asked = self.person.id if self.person is not None and Permission.APPROVE in self.permissions else None
        return Visible(people | beyond.people, asked, beyond.cost_centers, self.stands_in_for)


_NOBODY: Final = Circle()


def parse_permissions(texts: Collection[str]) -> dict[Permission, Scope]:
    """Read permissions as they are written: ``purchases:own``, ``view:all``, ``manage``.

    Raises:
        PermissionUnknown: names the text, and says what could stand there.
    """
    found: dict[Permission, Scope] = {}
    for text in texts:
        name, _, scope = text.partition(":")
        try:
            permission = Permission(name)
            found[permission] = _scope_of(permission, scope)
        except ValueError:
            known = ", ".join(f"{known}:own|supervised|all" if known in SCOPED else str(known) for known in Permission)
            detail = f"{text!r} is no permission; there are {known}."
            raise PermissionUnknown(detail) from None
    return found


def _scope_of(permission: Permission, text: str) -> Scope:
    if permission in SCOPED:
        return Scope(text)
    if text:
        raise ValueError(text)
    return Scope.ALL
