"""What is walked through: small companies with small policies, all there are up to renaming, and larger ones by dice.

People have numbers and no more. Whoever buys is one of those whom the policy can ask, or somebody beside them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations, product
from random import Random
from typing import Final

from emplette.domain.approvals import Pick
from emplette.domain.charts import Charge, Chart, Holding, Unit
from emplette.domain.conditions import AnyOf, Field, SupplierTrait
from emplette.domain.people import Permission, User
from emplette.domain.policies import Changer, Changes, HowMany, Picked, Policy, PolicyStep, Rule
from model.purchases import COST_CENTER, DEPARTMENT, FEW

ASKED: Final = (1, 2, 3)
"""Whom small policies can ask."""
OUTSIDER: Final = 4
"""Who buys where none of those asked does."""
ABOVE: Final = 15
"""The department above the one that buys."""
MAY_CHANGE: Final[frozenset[Changer | int]] = frozenset({Changer.OWNER, Changer.APPROVERS})


@dataclass(frozen=True, slots=True)
class World:
    """A company with its policy, who buys, and who wrote it beside them.

    ``amends`` when it is about an amendment of what they bought.
    """

    name: str
    policy: Policy
    chart: Chart
    owner: int
    writers: frozenset[int] = frozenset()
    amends: bool = False

    @property
    def amending(self) -> "World":
        """The same, where what was bought is amended."""
        return replace(self, name=f"{self.name}, and amends it", amends=True)

    @property
    def has_one_step(self) -> bool:
        """Whether its policy has one step."""
        return len(list(self.policy.steps)) == 1

    @property
    def is_tiny(self) -> bool:
        """Whether its policy has one step, or names two people at most."""
        return self.has_one_step or 0 < len(self.policy.people) < len(ASKED)


@dataclass(frozen=True, slots=True, order=True)
class Shape:
    """A step by what matters of it: who is asked, how many are needed, and its four words."""

    people: tuple[int, ...]
    needed: int
    distinct: bool
    one_denial: bool
    own_too: bool

    def renamed(self, names: Sequence[int]) -> "Shape":
        """Call people otherwise: person n by the n-th of these names."""
        people = tuple(sorted(names[one] for one in self.people))
        return Shape(people, self.needed, self.distinct, self.one_denial, self.own_too)

    @property
    def flags(self) -> str:
        """Say its words."""
        said = {"distinct": self.distinct, "one denial does not deny": not self.one_denial, "own too": self.own_too}
        return "".join(f", {word}" for word, is_so in said.items() if is_so)

    def step(self, number: int) -> PolicyStep:
        """Write it as a policy does."""
        how, needed = HowMany.AT_LEAST, self.needed
        if self.needed in {1, len(self.people)}:
            how, needed = HowMany.ANY if self.needed == 1 else HowMany.ALL, 1
        asks = tuple(Picked(Pick.NAMED, one) for one in self.people)
        return PolicyStep(
            f"Step {number}", asks, how, needed, self.distinct, one_denial=self.one_denial, own_too=self.own_too
        )


def small_worlds() -> Iterator[World]:
    """Walk all companies of at most three people who can be asked, with policies of at most two steps, up to renaming.

    Words that change nothing are not said, such as that one denial does not deny where it does anyway. That people may
    decide on their own is said where the owner is asked, or may stand in for the only one who is. Who leads whom is
    chosen when somebody leaves; see `moves`.
    """
    for owner in (OUTSIDER, ASKED[0]):
        chart = company_of((*ASKED, OUTSIDER) if owner == OUTSIDER else ASKED)
        for shapes in _up_to_renaming(owner):
            yield World(_name(shapes, owner), _policy(shapes), chart, owner)
    yield from _with_roles()


def _up_to_renaming(owner: int) -> Iterator[tuple[Shape, ...]]:
    names = [(0, *names, OUTSIDER) for names in permutations(ASKED) if owner == OUTSIDER or names[0] == owner]
    first = list(_shapes(owner, later=False))
    for shapes in ((), *product(_shapes(owner, later=True))):
        for begins in first:
            steps = (begins, *shapes)
            if all(steps <= tuple(step.renamed(one) for step in steps) for one in names):
                yield steps


def _shapes(owner: int, *, later: bool) -> Iterator[Shape]:
    """List the steps there are; the first one comes before nobody, so its people can't be distinct ones."""
    for count in range(1, len(ASKED) + 1):
        for people in combinations(ASKED, count):
            for needed in range(1, count + 1):
                one_denials = (True,) if needed == count else (True, False)
                own_toos = (False, True) if owner in people or count == 1 else (False,)
                for distinct, one_denial, own_too in product((False, True)[: 1 + later], one_denials, own_toos):
                    yield Shape(people, needed, distinct, one_denial, own_too)


def _policy(shapes: Sequence[Shape]) -> Policy:
    steps = tuple(shape.step(number) for number, shape in enumerate(shapes, start=1))
    return Policy(1, (), Rule("Everything", steps=steps), changes=Changes(MAY_CHANGE))


def _name(shapes: Sequence[Shape], owner: int) -> str:
    words = "; ".join(f"{shape.step(number).words()}{shape.flags}" for number, shape in enumerate(shapes, start=1))
    return f"{words}; user {owner} buys"


def _with_roles() -> Iterator[World]:
    """Walk all policies of two steps that ask people by what they are, in a company where one leads the next."""
    chart = led_company()
    steps = [*_by_role(distinct=False)], [*_by_role(distinct=False), *_by_role(distinct=True)]
    for one, other in product(*steps):
        for owner in (3, OUTSIDER):
            policy = Policy(1, (), Rule("Everything", steps=(one, other)), changes=Changes(MAY_CHANGE, other.name))
            words = "; ".join(
                step.words() + (", goes up to user 1" if step.goes_up_to else "") for step in (one, other)
            )
            yield World(f"{words}; user {owner} buys", policy, chart, owner)


def _by_role(*, distinct: bool) -> Iterator[PolicyStep]:
    name = "Distinct" if distinct else "Role"
    for pick in Pick:
        if pick is not Pick.NAMED:
            asks = Picked(pick, permission=Permission.PAY if pick is Pick.HOLDERS else None)
            yield PolicyStep(f"{name} {pick}", (asks,), distinct=distinct)
            yield PolicyStep(f"{name} {pick}", (asks,), distinct=distinct, goes_up_to=(Picked(Pick.NAMED, 1),))


def company_of(people: Sequence[int], managers: dict[int, int] | None = None) -> Chart:
    """Make a company in which nobody leads anybody, unless that is said."""
    users = {one: User(one, "Person", str(one)) for one in people}
    return Chart(people=users, managers=managers or {}, cost_centers={COST_CENTER: Charge("C")})


def led_company() -> Chart:
    """Make one in which 1 leads all, 2 leads 3, and 3 the one who buys; 2 and 3 hold a permission there."""
    return Chart(
        people=company_of((*ASKED, OUTSIDER)).people,
        managers={2: 1, 3: 2, OUTSIDER: 3},
        departments={1: ABOVE, 2: ABOVE, 3: DEPARTMENT, OUTSIDER: DEPARTMENT},
        units={DEPARTMENT: Unit("Buying", 3, ABOVE), ABOVE: Unit("Company", 2)},
        cost_centers={COST_CENTER: Charge("C", 2)},
        holdings=(Holding(2, Permission.PAY), Holding(3, Permission.PAY, department_id=DEPARTMENT)),
    )


def large_world(dice: Random, number: int) -> World:
    """Make a company of up to six people and a policy of up to four steps in two rules, by dice."""
    people = range(1, dice.randint(2, 6) + 1)
    chart = Chart(
        people=company_of(people).people,
        managers={one: dice.choice(people) for one in people if dice.random() < 0.6},  # noqa: PLR2004
        departments=dict.fromkeys(people, DEPARTMENT),
        units={
            DEPARTMENT: Unit("Buying", dice.choice((None, *people)), ABOVE),
            ABOVE: Unit("Company", dice.choice((None, *people))),
        },
        cost_centers={COST_CENTER: Charge("C", dice.choice((None, *people)))},
        holdings=tuple(Holding(one, Permission.PAY) for one in people if dice.random() < 0.4),  # noqa: PLR2004
    )
    rules = [
        Rule(name, steps=tuple(_step(dice, people, name, n) for n in range(1, dice.randint(1, 4) + 1)))
        for name in ("Small", "Large")
    ]
    begins_at = dice.choice((None, *(step.name for rule in rules for step in rule.steps)))
    some: frozenset[Changer | int] = frozenset({Changer.REQUESTERS, dice.choice(people)})
    may_change = dice.choice([frozenset[Changer | int](), MAY_CHANGE, some])
    small = Rule("Small", (FEW,), rules[0].steps)
    known = Rule("Known", (AnyOf(Field.SUPPLIER, frozenset({SupplierTrait.LISTED})),), at_once=True)
    before = dice.choice([(small,), (small,), (known, small)])
    policy = Policy(1, before, rules[1], changes=Changes(may_change, begins_at))
    writers = frozenset(one for one in people if dice.random() < 0.2)  # noqa: PLR2004
    owner = dice.choice(people)
    words = "; or else ".join(rule.outcome() for rule in policy.outcomes)
    world = World(f"Company {number}: {words}; user {owner} buys", policy, chart, owner, writers)
    return world.amending if dice.random() < 0.3 else world  # noqa: PLR2004


def _step(dice: Random, people: Sequence[int], rule: str, number: int) -> PolicyStep:
    picks = [Picked(Pick.NAMED, dice.choice(people)) for _ in range(dice.randint(1, 3))]
    if dice.random() < 0.4:  # noqa: PLR2004
        pick = dice.choice([pick for pick in Pick if pick is not Pick.NAMED])
        picks.append(Picked(pick, permission=Permission.PAY if pick is Pick.HOLDERS else None))
    return PolicyStep(
        f"{rule} {number}",
        tuple(dict.fromkeys(picks)),
        dice.choice(list(HowMany)),
        dice.randint(1, 3),
        distinct=dice.random() < 0.4,  # noqa: PLR2004
        one_denial=dice.random() < 0.7,  # noqa: PLR2004
        own_too=dice.random() < 0.2,  # noqa: PLR2004
        goes_up_to=tuple(Picked(Pick.NAMED, dice.choice(people)) for _ in range(dice.randint(0, 1))),
    )
