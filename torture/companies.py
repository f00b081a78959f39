"""The two companies of every schedule: their people, their policies and the keys that call for them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OWNER: Final = 35
SUPPLIER: Final = 6
_OF_BUYERS: Final = "purchases:all,view:all,manage,configure"
_OF_APPROVERS: Final = "approve,purchases:all,view:all"
_OF_AUDITOR: Final = "view:all,configure"


@dataclass(frozen=True, slots=True)
class Caller:
    """A key and who acts through it. ``user`` is the key's own number among the users."""

    name: str
    number: int
    user: int
    person: int | None = None
    approves_by_itself: bool = False

    @property
    def identities(self) -> frozenset[int]:
        """Everybody whom it stands for."""
        return frozenset({self.user} if self.person is None else {self.user, self.person})

    def secret(self, company: str) -> str:
        """The key itself."""
        return f"torture-{company}-{self.name}-key-known-to-all"


CALLERS: Final[Mapping[str, Caller]] = {
    caller.name: caller
    for caller in (
        Caller("shop", 1, 1001, approves_by_itself=True),
        Caller("form", 2, 1002),
        Caller("manager", 3, 1003, person=36),
        Caller("finance", 4, 1004, person=37),
        Caller("director", 5, 1005, person=38),
        Caller("auditor", 6, 1006),
        Caller("deputy", 7, 1007, person=39),
        Caller("head", 8, 1008, person=40),
    )
}
APPROVERS: Final = ("manager", "finance", "director", "deputy", "head")
"""Whom policies ask: 36, 37, 38; 39, who stands in for them; and 40, to whom goes up what waits or has nobody left."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A step of a policy: its people, and how many must approve; all of them, unless that is said."""

    people: tuple[int, ...]
    needed: int | None = None
    distinct: bool = False

    def said(self, number: int) -> dict[str, object]:
        """Say it as a policy does."""
        named: dict[str, object] = {"name": f"Step {number}", "distinct": self.distinct}
        if self.needed is None:
            return named | {"all": self.people}
        return named | {"atLeast": self.needed, "of": self.people}


@dataclass(frozen=True, slots=True)
class Company:
    """One company: ``steps`` is its policy, ``absences`` are who is away, each with a deputy.

    ``changed_by`` are those who may change what is under review; then the step ``begins_again_at`` is asked first. To
    those of ``goes_up_to`` it goes up. ``left`` are those who have left by now.
    """

    number: int
    account: str
    steps: tuple[Rule, ...]
    absences: tuple[tuple[int, int], ...]
    changed_by: tuple[str | int, ...]
    begins_again_at: int = 1
    goes_up_to: tuple[int, ...] = (40,)
    left: frozenset[int] = frozenset()

    @property
    def host(self) -> str:
        """The name that it answers under."""
        return f"{self.account}.torture.test"

    def sql(self) -> str:
        """Write the statements that make it."""
        rules = json.dumps(self._policy())
        absences = ",\n".join(
            f"({self.number}, {number}, {away}, {deputy}, current_date - 30, current_date + 30, now())"
            for number, (away, deputy) in enumerate(self.absences, 1)
        )
        keys = ",\n".join(self._key(caller) for caller in CALLERS.values())
        text = (Path(__file__).parent / "company.sql").read_text("utf-8")
        values = {"n": self.number, "account": self.account, "host": self.host, "rules": rules, "keys": keys}
        values["absences"] = absences
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        return text

    def _policy(self) -> dict[str, object]:
        changes = {"by": self.changed_by, "beginsAgainAt": f"Step {self.begins_again_at}"}
        return {
            "steps": [rule.said(number) for number, rule in enumerate(self.steps, 1)],
            "changesUnderReview": changes,
            "goesUpTo": self.goes_up_to,
            "reminders": {"after": [1], "escalateAfter": 2},
        }

    def _key(self, caller: Caller) -> str:
        secret_hash = hashlib.sha256(caller.secret(self.account).encode()).hexdigest()
        permissions = {"shop": _OF_BUYERS, "form": _OF_BUYERS, "auditor": _OF_AUDITOR}.get(caller.name, _OF_APPROVERS)
        person = "NULL" if caller.person is None else caller.person
        return (
            f"({self.number}, {caller.number}, decode('{secret_hash}', 'hex'), '{caller.name}', 'it@example.com', "
            f"'{{{permissions}}}', {caller.user}, {person}, {caller.approves_by_itself}, 201, now())"
        )


COMPANIES: Final[Mapping[str, Company]] = {
    company.account: company
    for company in (
        Company(1, "north", (Rule((36, 37, 38), needed=2),), ((37, 39),), changed_by=("requesters",)),
        Company(
            2,
            "south",
            (Rule((36, 38)), Rule((37, 38), needed=1, distinct=True)),
            ((38, 37), (37, 39)),
            changed_by=("approvers", 1002),
            begins_again_at=2,
        ),
    )
}
