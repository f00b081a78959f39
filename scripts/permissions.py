"""Who may do what: the rules, said a second time and apart from the code, for every operation of the contract.

What needs which permission comes from the contract; whose things a permission reaches is said here, operation by
operation. `write_permissions` makes docs/permissions.md of it, and tests/security plays every cell against the real
thing: what is not allowed here must be refused there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from emplette.domain.people import DEFAULT_PERMISSIONS, SCOPED, Permission, Scope, parse_permissions
from emplette.http.app import API
from emplette.http.contract import Registry
from emplette.http.contract.registry import Operation

Held = Mapping[Permission, Scope]


class Reach(Enum):
    """Whose things an operation is about; each says it for people."""

    COMPANY = "what all in the company share"
    NEW = "something new, the caller's own"
    LISTED = "purchases and what hangs on them, as far as they may be seen"
    SEEN = "a purchase that may be seen"
    ACTED_ON = "a purchase that may be acted on"
    NAMED = "a purchase that may be acted on, named in the body"
    MANAGED = "a purchase that may be seen, by whoever manages suppliers"
    DECIDED = "a request that asks the key's person"
    OWN_CALENDAR = "the calendar of the key's person"
    DECIDED_EACH = "requests, each of them answered by itself, for the key's person"
    FILED = "a file that was uploaded by the caller or hangs on what may be seen"
    FREE_FILE = "a file that was uploaded by the caller, named in the body"
    WEBHOOK = "a webhook of the company"
    SUMMED = "what is spent on purchases, as far as they may be seen"
    LOG = "everything that happens"
    CONFIGURED = "any request, by who configures the company"
    NEW_ABSENCE = "a new absence of the key's person; of anybody, for who configures the company"
    ABSENCE = "an absence of the key's person; of anybody, for who configures the company"


class Verdict(StrEnum):
    """What comes of a call: it is allowed, or the refusal that it gets, by its code."""

    ALLOWED = "allowed"
    MISSING = "permission.missing"
    SCOPE = "permission.scope"
    UNSEEN = "not_found"
    UNNAMED = "request.invalid"
    UNLISTED = "left out of the list"
    NO_PERSON = "approval.person_needed"
    NOT_ASKED = "approval.not_asked"
    NOT_THEIRS = "absence.not_yours"
    OWN_REQUEST = "approval.own_request"
    NO_CALENDAR = "calendar_feed.person_needed"


@dataclass(frozen=True, slots=True)
class Role:
    """Whom a key acts for, and what they have to do with the purchase that a call is about."""

    name: str
    person: int | None = None
    owns: bool = False
    wrote: bool = False
    leads: bool = False
    is_asked: bool = False

    @property
    def is_own(self) -> bool:
        """Whether the purchase is theirs: one's own is what one owns or wrote."""
        return self.owns or self.wrote


ROLES = (
    Role("the owner", 35, owns=True),
    Role("the approver, who leads the owner", 36, leads=True, is_asked=True),
    Role("who wrote it and asked for approval", 39, wrote=True),
    Role("who leads the one who wrote it", 37, leads=True),
    Role("a stranger in the company", 40),
    Role("a program that acts for nobody"),
)

SINGLE = (
    *(f"{permission}:{scope}" for permission in SCOPED for scope in Scope),
    "approve",
    "manage",
    "pay",
    "configure",
)
EVERYTHING = ("purchases:all", "view:all", "approve", "manage", "pay", "configure")
SETS: Sequence[tuple[str, ...]] = (
    (),
    *((each,) for each in SINGLE),
    ("view:all", "purchases:own"),
    DEFAULT_PERMISSIONS,
    EVERYTHING,
)
"""The permissions that keys are tried with, beside all but those that an operation needs."""

REACH: Mapping[str, Reach] = {
    **dict.fromkeys(["read_subscription", "read_schedule"], Reach.SEEN),
    **dict.fromkeys(["renew_subscription", "stop_subscription", "let_subscription_run"], Reach.ACTED_ON),
    "list_subscriptions": Reach.LISTED,
    **dict.fromkeys(["create_purchase", "upload_file", "plan_approval"], Reach.NEW),
    **dict.fromkeys(["list_purchases", "list_requests", "list_orders"], Reach.LISTED),
    **dict.fromkeys(
        ["read_purchase", "read_commitment", "read_request", "read_request_plan", "read_order", "read_order_pdf"],
        Reach.SEEN,
    ),
    **dict.fromkeys(
        ["revise_purchase", "close_purchase", "create_purchase_commitment", "revise_commitment"], Reach.ACTED_ON
    ),
    **dict.fromkeys(["create_request", "cancel_request", "create_amendment", "create_price_rise"], Reach.ACTED_ON),
    **dict.fromkeys(["list_amendments", "list_comments", "create_comment"], Reach.SEEN),
    "create_commitment": Reach.NAMED,
    "list_purchase_supplier": Reach.MANAGED,
    **dict.fromkeys(["approve_request", "deny_request"], Reach.DECIDED),
    "approve_requests": Reach.DECIDED_EACH,
    **dict.fromkeys(["read_calendar_link", "change_calendar_link"], Reach.OWN_CALENDAR),
    **dict.fromkeys(["read_overview", "list_spending"], Reach.SUMMED),
    **dict.fromkeys(["read_working_days", "change_working_days"], Reach.COMPANY),
    "list_absences": Reach.COMPANY,
    "reassign_request": Reach.CONFIGURED,
    "create_absence": Reach.NEW_ABSENCE,
    "end_absence": Reach.ABSENCE,
    **dict.fromkeys(["read_file", "display_file", "display_page", "read_attachment"], Reach.FILED),
    "create_attachment": Reach.FREE_FILE,
    "list_events": Reach.LOG,
    **dict.fromkeys(["list_webhooks", "create_webhook"], Reach.COMPANY),
    "list_webhook_deliveries": Reach.WEBHOOK,
    **{f"{verb}_webhook": Reach.WEBHOOK for verb in ("read", "change", "delete", "rotate", "ping", "resume", "replay")},
    **{
        f"{verb}_{noun}": Reach.COMPANY
        for noun, verbs in {
            "nature": ("read", "create", "change"),
            "natures": ("list",),
            "supplier": ("read", "create", "change"),
            "suppliers": ("list",),
            "cost_center": ("read", "change"),
            "cost_centers": ("list", "import"),
            "vat_rates": ("list",),
            "budget": ("read", "create", "correct", "carry_over"),
            "budgets": ("list",),
            "budget_entries": ("list",),
            "territory": ("read",),
        }.items()
        for verb in verbs
    },
    **{
        name: Reach.COMPANY
        for noun in ("establishment", "legal_unit", "department", "axis", "axis_section", "user")
        for name in (f"read_{noun}", f"list_{'axe' if noun == 'axis' else noun}s")
    },
}
"""Whose things each operation is about. One that is not here has no rule, and a test fails."""


def operations() -> list[Operation]:
    """List the operations that need a key."""
    return [each for each in Registry(API) if not each.public]


def sets_for(made: Operation) -> Iterator[tuple[str, ...]]:
    """List the permissions that an operation is tried with."""
    yield from SETS
    yield tuple(text for text in EVERYTHING if Permission(text.partition(":")[0]) not in made.needs)


def verdict(made: Operation, texts: Sequence[str], role: Role) -> Verdict:
    """Say what comes of a call, by the rules."""
    held = parse_permissions(texts)
    if made.needs and not any(need in held for need in made.needs):
        return Verdict.MISSING
    sees = _reaches(held, Permission.VIEW, role) or _reaches(held, Permission.PURCHASES, role)
    return _RULES[REACH[made.name]](held, role, sees or (Permission.APPROVE in held and role.is_asked))


def _everything(held: Held, role: Role, sees: bool) -> Verdict:  # noqa: ARG001, FBT001  one of the rules
    may = held.get(Permission.VIEW) is Scope.ALL or Permission.CONFIGURE in held
    return Verdict.ALLOWED if may else Verdict.MISSING


def _for_a_person(held: Held, role: Role, sees: bool) -> Verdict:  # noqa: ARG001, FBT001  one of the rules
    return Verdict.NO_PERSON if role.person is None else Verdict.ALLOWED


def _calendar(held: Held, role: Role, sees: bool) -> Verdict:  # noqa: ARG001, FBT001  one of the rules
    return Verdict.NO_CALENDAR if role.person is None else Verdict.ALLOWED


def _absence(held: Held, role: Role, sees: bool) -> Verdict:  # noqa: ARG001, FBT001  one of the rules
    return Verdict.ALLOWED if role.is_asked or Permission.CONFIGURE in held else Verdict.NOT_THEIRS


def _file(held: Held, role: Role, sees: bool) -> Verdict:  # noqa: ARG001, FBT001  one of the rules
    return Verdict.ALLOWED if sees or role.wrote else Verdict.UNSEEN


def _free_file(held: Held, role: Role, sees: bool) -> Verdict:  # noqa: ARG001, FBT001  one of the rules
    sees_all = Scope.ALL in {held.get(Permission.VIEW), held.get(Permission.PURCHASES)}
    return Verdict.ALLOWED if sees_all or role.wrote else Verdict.UNNAMED


def _acting(unseen: Verdict) -> "Rule":
    def rule(held: Held, role: Role, sees: bool) -> Verdict:  # noqa: FBT001  one of the rules
        if not sees:
            return unseen
        return Verdict.ALLOWED if _reaches(held, Permission.PURCHASES, role) else Verdict.SCOPE

    return rule


def _decision(held: Held, role: Role, sees: bool) -> Verdict:  # noqa: ARG001, FBT001  one of the rules
    if role.person is None:
        return Verdict.NO_PERSON
    if not sees:
        return Verdict.UNSEEN
    if role.is_own:
        return Verdict.OWN_REQUEST
    return Verdict.ALLOWED if role.is_asked else Verdict.NOT_ASKED


Rule = Callable[[Held, Role, bool], Verdict]
"""Says of a key with one of the permissions needed what comes of a call, and is told whether it sees the purchase."""

_RULES: Mapping[Reach, Rule] = {
    Reach.COMPANY: lambda *_: Verdict.ALLOWED,
    Reach.NEW: lambda *_: Verdict.ALLOWED,
    Reach.WEBHOOK: lambda *_: Verdict.ALLOWED,
    Reach.LISTED: lambda _held, _role, sees: Verdict.ALLOWED if sees else Verdict.UNLISTED,
    Reach.SEEN: lambda _held, _role, sees: Verdict.ALLOWED if sees else Verdict.UNSEEN,
    Reach.MANAGED: lambda _held, _role, sees: Verdict.ALLOWED if sees else Verdict.UNSEEN,
    Reach.ACTED_ON: _acting(Verdict.UNSEEN),
    Reach.NAMED: _acting(Verdict.UNNAMED),
    Reach.DECIDED: _decision,
    Reach.DECIDED_EACH: _for_a_person,
    Reach.OWN_CALENDAR: _calendar,
    Reach.SUMMED: lambda *_: Verdict.ALLOWED,
    Reach.FILED: _file,
    Reach.FREE_FILE: _free_file,
    Reach.LOG: _everything,
    Reach.CONFIGURED: lambda *_: Verdict.ALLOWED,
    Reach.NEW_ABSENCE: _absence,
    Reach.ABSENCE: _absence,
}


def _reaches(held: Held, permission: Permission, role: Role) -> bool:
    match held.get(permission):
        case None:
            return False
        case Scope.ALL:
            return True
        case Scope.SUPERVISED:
            return role.is_own or role.leads
        case Scope.OWN:
            return role.is_own


class KeyIs(Enum):
    """What a key can be beside good, and how every operation answers: status and code."""

    ABSENT = ("not sent", 401, "key.missing")
    MALFORMED = ("not of the form", 401, "key.malformed")
    OF_ANOTHER_SCHEME = ("sent as Bearer", 401, "key.malformed")
    UNKNOWN = ("made up", 401, "key.unknown")
    REVOKED = ("revoked", 401, "key.revoked")
    EXPIRED = ("expired", 401, "key.expired")
    REPLACED = ("replaced, and its overlap over", 401, "key.expired")
    OF_ONE_WHO_LEFT = ("bound to somebody who left", 401, "key.revoked")
    A_RIVALS = ("another company's", 401, "key.unknown")
    AT_A_RIVALS_HOST = ("shown at another company's host", 401, "key.unknown")
    AT_NO_HOST = ("shown at a host that no company has", 404, "tenant.unknown_host")

    @property
    def words(self) -> str:
        """What it is, for people."""
        return str(self.value[0])

    @property
    def status(self) -> int:
        """How it is answered."""
        return int(self.value[1])

    @property
    def code(self) -> str:
        """What the problem says."""
        return str(self.value[2])


HIDDEN_FROM_RIVALS = frozenset(Reach) - {
    *(Reach.COMPANY, Reach.NEW, Reach.NEW_ABSENCE, Reach.LOG),
    *(Reach.DECIDED_EACH, Reach.OWN_CALENDAR, Reach.SUMMED),
}
"""What names a thing of one company: a key of another, with every permission, finds nothing there."""


def rival_verdict(made: Operation) -> Verdict:
    """Say how another company's key is answered at its own host for the ids of this one."""
    match REACH[made.name]:
        case Reach.LISTED:
            return Verdict.UNLISTED
        case Reach.NAMED | Reach.FREE_FILE:
            return Verdict.UNNAMED
        case _:
            return Verdict.UNSEEN


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cells there are, and what comes of them."""

    operations: int
    cells: int
    allowed: int

    @property
    def refused(self) -> int:
        """How many are refused."""
        return self.cells - self.allowed


def counts() -> Counts:
    """Count the cells of the matrix."""
    each = [counts_of(made) for made in operations()]
    return Counts(len(each), sum(one.cells for one in each), sum(one.allowed for one in each))


def counts_of(made: Operation) -> Counts:
    """Count the cells of one operation."""
    verdicts = [verdict(made, held, role) for held in sets_for(made) for role in ROLES]
    others = len(KeyIs) + (REACH[made.name] in HIDDEN_FROM_RIVALS)
    return Counts(1, len(verdicts) + others, verdicts.count(Verdict.ALLOWED))
