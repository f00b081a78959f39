"""A schedule: who wants what, when, and what is done to the server meanwhile; all of it follows from one seed."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final

from torture.companies import APPROVERS, COMPANIES
from torture.history import Kind


class FaultKind(StrEnum):
    """What is done to the server, or to the clients."""

    KILL_WORKER = "kill -9 a worker"
    KILL_JOB_WORKER = "kill -9 the job worker"
    KILL_SUPERVISOR = "kill -9 the supervisor"
    KILL_BACKEND = "kill -9 a backend"
    KILL_DAEMON = "kill -9 a background process of the database"
    KILL_POSTMASTER = "kill -9 the postmaster"
    KILL_ALL = "kill -9 everything"
    HELD_COMMITS = "kill -9 a backend while commits are held back"
    END_BACKENDS = "end all backends"
    PAUSE_WORKER = "pause a worker"
    PAUSE_SUPERVISOR = "pause the supervisor"
    PAUSE_BACKEND = "pause a backend"
    PAUSE_POSTMASTER = "pause the postmaster"
    PAUSE_DAEMON = "pause a background process of the database"
    FULL_DISK = "fill the data folder"
    CLOCK = "jump the clocks of the clients"
    DAYS = "move a company's clock on by days"
    LEAVE = "have somebody leave"


KILLS: Final = (
    FaultKind.KILL_WORKER,
    FaultKind.KILL_JOB_WORKER,
    FaultKind.KILL_SUPERVISOR,
    FaultKind.KILL_BACKEND,
    FaultKind.KILL_DAEMON,
    FaultKind.KILL_POSTMASTER,
    FaultKind.KILL_ALL,
    FaultKind.HELD_COMMITS,
)
_OTHERS: Final = (
    FaultKind.END_BACKENDS,
    FaultKind.PAUSE_WORKER,
    FaultKind.PAUSE_SUPERVISOR,
    FaultKind.PAUSE_BACKEND,
    FaultKind.PAUSE_POSTMASTER,
    FaultKind.PAUSE_DAEMON,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One of them: so many seconds after the beginning, of the ``pick``-th of those there are, for some seconds."""

    at: float
    kind: FaultKind
    pick: float
    lasts: float


class Break(StrEnum):
    """How a client hangs up."""

    NEVER = "never"
    HALF_SENT = "when half of the call is sent"
    UNREAD = "when the call is sent"


@dataclass(frozen=True, slots=True)
class Intent:
    """What a client wants next.

    ``pause`` and ``patience`` are seconds; ``pick`` is which of the known purchases it is about, the newest near 1;
    ``twins`` is how often the same is called at once; ``dice`` decides what the call says.
    """

    kind: Kind
    pause: float
    pick: float
    keyed: bool
    twins: int
    retries: int
    patience: float
    breaks: Break
    versioned: bool
    dice: float


@dataclass(frozen=True, slots=True)
class Script:
    """One client: which company it is of, with which key it calls, and what it wants, one after the other."""

    company: str
    caller: str
    intents: tuple[Intent, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """How schedules are: so many clients a company, with so many intents each, pauses of so many seconds at most.

    ``kinds`` are the faults to choose from, beside a kill in any case; ``focus`` is how much clients crowd on the
    newest purchases: 1 is not at all. ``creating`` is the share of intents that are new purchases in any case, and
    ``in_turn`` of the others that which takes one step of a purchase's way after the other: little time leads far so.
    ``keyed`` is the share that has keys.
    """

    clients: int = 15
    intents: int = 13
    pause: float = 0.35
    focus: float = 4.0
    faults: tuple[int, int] = (3, 6)
    kinds: tuple[FaultKind, ...] = (*KILLS, *_OTHERS)
    kills: tuple[FaultKind, ...] = KILLS
    may_fill: bool = True
    until: float = 7.0
    creating: float = 0.0
    in_turn: float = 0.0
    keyed: float = 0.6


WHOLE: Final = Shape()
SHORT: Final = Shape(clients=6, intents=10, pause=0.2, faults=(1, 2), may_fill=False, until=2.0)
# Many calls about few purchases, from both workers, while backends are killed: what a defect needs to show itself.
AIMED: Final = Shape(
    clients=12,
    intents=18,
    pause=0.08,
    focus=12.0,
    faults=(3, 3),
    kinds=(FaultKind.HELD_COMMITS, FaultKind.KILL_BACKEND),
    kills=(FaultKind.HELD_COMMITS,),
    may_fill=False,
    until=3.0,
    creating=0.3,
    in_turn=0.7,
    keyed=0.85,
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a seed says."""

    seed: int
    scripts: tuple[Script, ...]
    faults: tuple[Fault, ...]

    @property
    def fills_disk(self) -> bool:
        """Whether the data folder will be full for a while."""
        return any(fault.kind is FaultKind.FULL_DISK for fault in self.faults)


def schedule_of(seed: int, shape: Shape = WHOLE) -> Schedule:
    """Make the schedule of a seed: the same one whenever it is asked."""
    dice = Random(seed)  # noqa: S311  nothing secret is drawn
    scripts = [
        Script(company, caller, tuple(_intent(dice, caller, shape, number) for number in range(shape.intents)))
        for company in COMPANIES
        for caller in _callers(shape.clients)
    ]
    kinds = [dice.choice(shape.kills), *dice.choices(shape.kinds, k=dice.randint(*shape.faults) - 1)]
    if shape.may_fill and dice.random() < _FILLED:
        kinds.append(FaultKind.FULL_DISK)
    if shape.may_fill:
        kinds.append(FaultKind.CLOCK)
        kinds += [kind for kind in (FaultKind.DAYS, FaultKind.LEAVE) if dice.random() < _HAPPENS]
    dice.shuffle(kinds)
    share = shape.until / len(kinds)
    faults = [
        Fault(dice.uniform(0.3, 1) * share + number * share, kind, dice.random(), dice.uniform(0.1, _lasts(kind)))
        for number, kind in enumerate(kinds)
    ]
    return Schedule(seed, tuple(scripts), tuple(faults))


_FILLED: Final = 0.3
_HAPPENS: Final = 0.6
_BUYS: Final = {
    Kind.CREATE: 22,
    Kind.REVISE: 10,
    Kind.LIST_SUPPLIER: 4,
    Kind.COMMIT: 22,
    Kind.REVISE_COMMITMENT: 10,
    Kind.SUBMIT: 24,
    Kind.CANCEL: 5,
    Kind.CLOSE: 3,
    Kind.AMEND: 10,
    Kind.REASSIGN: 5,
    Kind.ADD_SUPPLIER: 2,
    Kind.GO_AWAY: 4,
    Kind.COME_BACK: 4,
    Kind.READ_PURCHASE: 6,
    Kind.READ_COMMITMENT: 1,
    Kind.READ_REQUEST: 1,
}
_DECIDES: Final = {
    Kind.APPROVE: 40,
    Kind.DENY: 8,
    Kind.REVISE_COMMITMENT: 5,
    Kind.READ_REQUEST: 8,
    Kind.CREATE: 3,
    Kind.COMMIT: 3,
    Kind.SUBMIT: 2,
}

# The way of a purchase, as buyers and as approvers go it.
_WAYS: Final = (
    (Kind.COMMIT, Kind.SUBMIT, Kind.AMEND, Kind.COMMIT, Kind.SUBMIT, Kind.REVISE_COMMITMENT),
    (Kind.APPROVE,),
)


def _lasts(kind: FaultKind) -> float:
    """How long something lasts at most, in seconds."""
    return {FaultKind.HELD_COMMITS: 0.4, FaultKind.FULL_DISK: 2.5, FaultKind.PAUSE_WORKER: 6.0}.get(kind, 1.5)


def _callers(count: int) -> list[str]:
    """List who calls for a company: every third one approves, and of four buyers three have to ask people."""
    buyers, approvers = ["shop", "form", "form", "form"], list(APPROVERS)
    return [
        approvers[number // 3 % len(approvers)] if number % 3 == 2 else buyers[number % len(buyers)]  # noqa: PLR2004
        for number in range(count)
    ]


def _intent(dice: Random, caller: str, shape: Shape, number: int) -> Intent:
    weights = _DECIDES if caller in APPROVERS else _BUYS
    (kind,) = dice.choices(list(weights), weights=list(weights.values()))
    if caller not in APPROVERS and (number == 0 or (shape.creating and dice.random() < shape.creating)):
        kind = Kind.CREATE
    elif shape.in_turn and dice.random() < shape.in_turn:
        way = _WAYS[caller in APPROVERS]
        kind = way[number % len(way)]
    hangs_up = dice.random()
    return Intent(
        kind=kind,
        pause=dice.uniform(0, shape.pause),
        pick=dice.random() ** (1 / shape.focus),
        keyed=dice.random() < shape.keyed,
        twins=dice.choice((1, 1, 1, 2, 3)),
        retries=dice.choice((0, 1, 3, 6)),
        patience=dice.choice((0.05, 0.5, 2.0, 8.0, 8.0)),
        breaks=Break.HALF_SENT if hangs_up < 0.03 else Break.UNREAD if hangs_up < 0.08 else Break.NEVER,  # noqa: PLR2004
        versioned=dice.random() < 0.15,  # noqa: PLR2004
        dice=dice.random(),
    )
