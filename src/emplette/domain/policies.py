"""The approval policy of a company, as data: rules in order, the first that matches counts.

A rule says for which purchases it is, and who is asked then, in which order; or that they pass at once, or never.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from emplette.domain.approvals import Pick, Waiting
from emplette.domain.budgets import BudgetState
from emplette.domain.conditions import AnyOf, Condition, Facts, Field, SupplierTrait
from emplette.domain.errors import Conflict
from emplette.domain.people import Permission


class RefusedByPolicy(Conflict):
    """The company's policy does not let this be bought."""

    code = "policy.refused"


class HowMany(StrEnum):
    """How many of a step's people must approve."""

    ANY = "any"
    ALL = "all"
    AT_LEAST = "atLeast"


@dataclass(frozen=True, slots=True)
class Picked:
    """Whom a step asks: somebody by name, or by what they are to the purchase."""

    pick: Pick
    user_id: int | None = None
    permission: Permission | None = None

    def words(self) -> str:
        """Say it, as the file does."""
        if self.pick is Pick.NAMED:
            return f"user {self.user_id}"
        return f"holdersOf {self.permission}" if self.pick is Pick.HOLDERS else str(self.pick)


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """One step: whom it asks, and how many of them must approve.

    ``distinct``: who approved an earlier step does not count. Without ``one_denial``, a step is denied only when too
    few are left. ``own_too``: people may decide on what they own or wrote. ``goes_up_to`` are asked when too few are
    left.
    """

    name: str
    asks: tuple[Picked, ...]
    how_many: HowMany = HowMany.ANY
    needed: int = 1
    distinct: bool = False
    one_denial: bool = True
    own_too: bool = False
    goes_up_to: tuple[Picked, ...] = ()
    waiting: Waiting = field(default_factory=Waiting)
    path: str = field(default="", compare=False)
    """Where its people stand in the file."""

    def words(self) -> str:
        """Say whom it asks."""
        how = {HowMany.ANY: "any of ", HowMany.ALL: "all of ", HowMany.AT_LEAST: f"{self.needed} of "}[self.how_many]
        return f"{self.name}: {how if len(self.asks) > 1 else ''}{', '.join(one.words() for one in self.asks)}"


@dataclass(frozen=True, slots=True)
class Rule:
    """For which purchases, and what then: steps, or ``at_once``, or a ``refusal`` with these words.

    ``several_at_once``: requests that go by it may be approved together with others, without each being opened.
    """

    name: str
    conditions: tuple[Condition, ...] = ()
    steps: tuple[PolicyStep, ...] = ()
    at_once: bool = False
    refusal: str | None = None
    several_at_once: bool = False
    path: str = field(default="", compare=False)
    """Where it stands in the file."""
    tests: tuple[Callable[[Facts], bool], ...] = field(init=False, repr=False, compare=False)
    """The conditions as they are tried: those that cost least first."""

    def __post_init__(self) -> None:
        """Put the conditions in the order in which they are tried."""
        by_cost = sorted(self.conditions, key=lambda condition: not isinstance(condition, AnyOf))
        object.__setattr__(self, "tests", tuple(condition.holds for condition in by_cost))

    def outcome(self) -> str:
        """Say what becomes of what it is for."""
        if self.refusal is not None:
            return f"refused: {self.refusal}"
        return "approved at once" if self.at_once else "; ".join(step.words() for step in self.steps)

    def condition_on(self, looked_at: Field) -> Condition | None:
        """Find what the rule asks of one fact; None when it asks nothing."""
        return next((one for one in self.conditions if one.looks_at is looked_at), None)


class Changer(StrEnum):
    """Who may change a commitment under review, beside users by their ids."""

    OWNER = "owner"
    REQUESTERS = "requesters"
    APPROVERS = "approvers"


@dataclass(frozen=True, slots=True)
class Changes:
    """Who may change a commitment under review, and at which step the request begins anew: None is the first."""

    by: frozenset[Changer | int] = frozenset()
    begins_at: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Who approves what, in which order; a request stays bound to the version it started with.

    ``currency`` is what its amounts are in; None stands for the counter currency of each commitment. ``otherwise`` is
    for what no rule is for; without one, that is refused.
    """

    version: int
    rules: tuple[Rule, ...]
    otherwise: Rule | None = None
    currency: str | None = None
    states_hash: bool = False
    changes: Changes = field(default_factory=Changes)

    def rule_for(self, facts: Facts) -> Rule:
        """Find the first rule that is for a purchase with these facts.

        Raises:
            RefusedByPolicy: there is none.
        """
        for rule in self.rules:
            for test in rule.tests:
                if not test(facts):
                    break
            else:
                return rule
        if self.otherwise is None:
            detail = "No rule of the company's policy is for this purchase, and it does not say what else counts."
            raise RefusedByPolicy(detail)
        return self.otherwise

    @property
    def outcomes(self) -> tuple[Rule, ...]:
        """All rules, that for everything else last."""
        return self.rules if self.otherwise is None else (*self.rules, self.otherwise)

    def lets_several(self, rule: str | None) -> bool:
        """Tell whether requests by the rule of this name may be approved several at once."""
        called = [one for one in self.outcomes if one.name == rule]
        return bool(called) and all(one.several_at_once for one in called)

    @property
    def steps(self) -> Iterator[PolicyStep]:
        """All steps of all rules."""
        return (step for rule in self.outcomes for step in rule.steps)

    @property
    def people(self) -> frozenset[int]:
        """Everybody whom it names."""
        picked = (one for step in self.steps for one in (*step.asks, *step.goes_up_to))
        return frozenset(one.user_id for one in picked if one.user_id is not None)

    @property
    def places(self) -> Mapping[Field, frozenset[int]]:
        """The ids that its conditions name, by what they are of."""
        named: dict[Field, frozenset[int]] = {}
        for condition in (condition for rule in self.rules for condition in rule.conditions):
            if isinstance(condition, AnyOf):
                ids = frozenset(value for value in condition.values if isinstance(value, int))
                named[condition.looks_at] = named.get(condition.looks_at, frozenset()) | ids
        return named

    def looks_at(self, *values: SupplierTrait | BudgetState) -> bool:
        """Tell whether any condition looks at one of these, which must be looked up before it can be answered."""
        return any(
            isinstance(condition, AnyOf) and not condition.values.isdisjoint(values)
            for rule in self.rules
            for condition in rule.conditions
        )
