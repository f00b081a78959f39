"""The two companies of every schedule: their people, their policies and the keys that call for them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OWNER: Final = 35
SUPPLIER: Final = 6
_PERMISSIONS: Final = {"shop": "purchases:all,view:all,manage", "form": "purchases:all,view:all,manage"}
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
    )
}
APPROVERS: Final = ("manager", "finance", "director")


@dataclass(frozen=True, slots=True)
class Company:
    """One company: ``steps`` is its policy, the people of each step, of whom one is enough."""

    number: int
    account: str
    steps: tuple[frozenset[int], ...]

    @property
    def host(self) -> str:
        """The name that it answers under."""
        return f"{self.account}.torture.test"

    def sql(self) -> str:
        """Write the statements that make it."""
        rules = ",".join(
            f'{{"name":"Step {number}","anyOf":{sorted(people)}}}' for number, people in enumerate(self.steps, 1)
        )
        keys = ",\n".join(self._key(caller) for caller in CALLERS.values())
        text = (Path(__file__).parent / "company.sql").read_text("utf-8")
        values = {"n": self.number, "account": self.account, "host": self.host, "rules": rules, "keys": keys}
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        return text

    def _key(self, caller: Caller) -> str:
        secret_hash = hashlib.sha256(caller.secret(self.account).encode()).hexdigest()
        permissions = _PERMISSIONS.get(caller.name, _OF_AUDITOR if caller.name == "auditor" else _OF_APPROVERS)
        person = "NULL" if caller.person is None else caller.person
        return (
            f"({self.number}, {caller.number}, decode('{secret_hash}', 'hex'), '{caller.name}', 'it@example.com', "
            f"'{{{permissions}}}', {caller.user}, {person}, {caller.approves_by_itself}, 201, now())"
        )


COMPANIES: Final[Mapping[str, Company]] = {
    company.account: company
    for company in (
        Company(1, "north", (frozenset({36, 37}),)),
        Company(2, "south", (frozenset({36, 38}), frozenset({37}))),
    )
}
