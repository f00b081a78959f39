"""The clients: they do what their scripts say, with what they know of their company, and write down what came of it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count, permutations
from typing import Any, Final

import httpx2
import msgspec

from torture.companies import COMPANIES, OWNER, SUPPLIER
from torture.history import API, ASIDE, PUTS, READS, History, Kind, Operation, Page
from torture.schedules import Intent, Script
from torture.wire import Door

_FARTHEST_JUMP: Final = 300
"""Days that a clock jumps at most."""
_RETRY_PAUSE: Final = 0.25
_RATHER_THE_FIRST: Final = 0.2
"""How often a commitment's own request is meant, where there is an amendment."""
_RATHER_WHAT_WAITS: Final = 0.8
_LOOKS: Final = 5
_LOOK_AGAIN: Final = 0.2
"""Whoever finds nothing that they could do looks again so often, after so many seconds."""
_ABOUT_REQUESTS: Final = frozenset({Kind.APPROVE, Kind.DENY, Kind.REASSIGN, Kind.REVISE_COMMITMENT, Kind.AMEND})


@dataclass(slots=True)
class Known:
    """A purchase as the clients of its company know it: numbers, version, and by request the hash that they read."""

    id: int
    version: int = 1
    commitment: int | None = None
    type: str = ""
    request: int | None = None
    amendment: int | None = None
    waits: bool = False
    shown: dict[int, tuple[int, str]] = field(default_factory=dict)

    def subject_of(self, kind: Kind, dice: float) -> int | None:
        """Which number of it an operation names; of its two requests, what the dice say."""
        if kind in {Kind.REVISE_COMMITMENT, Kind.SUBMIT, Kind.READ_COMMITMENT, Kind.AMEND}:
            return self.commitment
        if kind in {Kind.APPROVE, Kind.DENY, Kind.CANCEL, Kind.READ_REQUEST, Kind.REASSIGN}:
            return self.request if self.amendment is None or dice < _RATHER_THE_FIRST else self.amendment
        return self.id


@dataclass(slots=True)
class Board:
    """What the clients of one company tell each other."""

    purchases: dict[int, Known] = field(default_factory=dict)
    absences: list[int] = field(default_factory=list)
    entered: int = 0

    def pick(self, kind: Kind, pick: float, dice: float) -> Known | None:
        """Choose a purchase that an operation can be about, the newest for a pick near 1; rather one that waits for it.

        What waits for a decision is decided, given to others and changed; what does not is amended.
        """
        known = [purchase for purchase in self.purchases.values() if purchase.subject_of(kind, 0) is not None]
        if kind in _ABOUT_REQUESTS and dice < _RATHER_WHAT_WAITS:
            wanted = kind is not Kind.AMEND
            known = [purchase for purchase in known if purchase.request and purchase.waits is wanted]
        return known[int(pick * len(known))] if known else None

    def lets(self, kind: Kind) -> bool:
        """Tell whether there is something to take back, or room for another absence; which is then counted."""
        if kind is Kind.GO_AWAY:
            self.entered += 1
            return self.entered <= _MOST_AWAY
        return kind is not Kind.COME_BACK or bool(self.absences)

    def learn(self, operation: Operation, told: Mapping[str, Any]) -> None:
        """Take from an answer what others can go on with."""
        if operation.kind is Kind.GO_AWAY and told["id"] not in self.absences:
            self.absences.append(told["id"])
        if operation.kind in ASIDE:
            return
        number = told.get("purchase", {}).get("id") or told.get("purchaseId") or told["id"]
        known = self.purchases.setdefault(number, Known(number))
        known.version = max(known.version, told.get("version", 1))
        if operation.kind is Kind.COMMIT:
            known.commitment, known.type = told["id"], told["type"]
            known.request = known.amendment = None
        if operation.kind is Kind.SUBMIT:
            known.request = told["id"]
        if operation.kind is Kind.AMEND:
            known.amendment = told["id"]
        if "contentHash" in told:
            known.waits = told["state"] == "Pending"
            known.shown[told["id"]] = told["version"], told["contentHash"]


@dataclass(slots=True)
class Clock:
    """What the clients of a schedule take for the time; it jumps, and the server's does not."""

    ahead: timedelta = timedelta()
    jumped: asyncio.Event = field(default_factory=asyncio.Event)

    def now(self) -> datetime:
        """The moment, as they see it."""
        return datetime.now(UTC) + self.ahead

    def jump(self, pick: float) -> None:
        """Go forth or back by days; whoever waits for an answer finds that time is over when it goes forth."""
        days = round((pick - 0.5) * 2 * _FARTHEST_JUMP)
        # Never to a day that begins or ends while the schedule runs.
        self.ahead = timedelta(days=days + (3 if days >= 0 else -3))
        if days >= 0:
            self.jumped.set()
            self.jumped = asyncio.Event()


class Client:
    """One of them."""

    def __init__(self, script: Script, door: Door, board: Board, history: History, clock: Clock) -> None:
        self._script = script
        self._door = door
        self._board = board
        self._history = history
        self._clock = clock
        self._company = COMPANIES[script.company]

    async def play(self, numbers: "count[int]") -> None:
        """Do everything that the script says."""
        async with httpx2.AsyncClient(trust_env=False, timeout=None) as line:
            for intent in self._script.intents:
                await asyncio.sleep(intent.pause)
                for _ in range(_LOOKS):
                    operation = self._operation(intent, numbers)
                    if operation is not None:
                        await self._carry_out(line, self._history.begin(operation), intent)
                        break
                    await asyncio.sleep(_LOOK_AGAIN)

    def _operation(self, intent: Intent, numbers: "count[int]") -> Operation | None:
        kind = intent.kind
        known = None
        if kind is not Kind.CREATE and kind not in ASIDE:
            known = self._board.pick(kind, intent.pick, intent.dice)
            if known is None:
                return None
        if not self._board.lets(kind):
            return None
        number = next(numbers)
        mark = f"{self._script.company} {number}"
        subject = None if known is None else known.subject_of(kind, intent.dice)
        if kind is Kind.COME_BACK:
            subject = self._board.absences[int(intent.pick * len(self._board.absences))]
        shows = kind in {Kind.APPROVE, Kind.DENY} and intent.versioned
        shown = known.shown.get(subject or 0) if known is not None and shows else None
        is_for_version = intent.versioned or kind is Kind.AMEND
        # Taking an absence back is done once, and answered alike for ever after: it needs no key.
        takes_key = kind not in READS | PUTS and kind is not Kind.COME_BACK
        return Operation(
            number=number,
            company=self._script.company,
            caller=self._script.caller,
            kind=kind,
            purchase=None if known is None else known.id,
            subject=subject,
            mark=mark,
            said=self._said(kind, mark, intent.dice, known, shown),
            key=f"{self._clock.now():%Y%m%d%H%M%S}-{number}" if intent.keyed and takes_key else None,
            if_match=known.version if known is not None and kind not in READS and is_for_version else None,
            shown=None if shown is None else shown[0],
        )

    def _said(  # noqa: PLR0911  one a kind
        self, kind: Kind, mark: str, dice: float, known: Known | None, shown: tuple[int, str] | None
    ) -> dict[str, Any]:
        today = self._clock.now().date()
        match kind:
            case Kind.CREATE | Kind.REVISE:
                return purchase_of(mark, is_draft=dice >= 0.7)  # noqa: PLR2004
            case Kind.LIST_SUPPLIER:
                return {"id": SUPPLIER}
            case Kind.COMMIT | Kind.REVISE_COMMITMENT | Kind.AMEND:
                of_type = known.type if known is not None and kind is Kind.AMEND else ""
                return _terms(mark, today.isoformat(), dice, of_type=of_type)
            case Kind.REASSIGN:
                away, to = _PAIRS[int(dice * len(_PAIRS))]
                return {"fromUserId": away, "toUserId": to, "reason": mark}
            case Kind.APPROVE | Kind.DENY:
                return {"comment": mark} | ({} if shown is None else {"contentHash": shown[1]})
            case Kind.CANCEL:
                return {"comment": mark}
            case Kind.CLOSE:
                return {"comment": mark, "date": today.isoformat()}
            case Kind.GO_AWAY:
                away, deputy = _PAIRS[int(dice * len(_PAIRS))]
                around = {"startDate": str(_DAY - timedelta(days=2)), "endDate": str(_DAY + timedelta(days=20))}
                return {"userId": away, "deputyId": deputy} | around
            case Kind.ADD_SUPPLIER:
                return {"name": mark, "territoryId": "FR"}
            case _:
                return {}

    async def _carry_out(self, line: httpx2.AsyncClient, operation: Operation, intent: Intent) -> None:
        """Call, as often as the intent says: at once, and again while nobody can tell what became of it."""
        may_repeat = operation.key is not None or operation.kind is not Kind.CREATE or intent.dice < 0.2  # noqa: PLR2004
        twins = intent.twins if may_repeat and operation.kind not in {Kind.ADD_SUPPLIER, Kind.GO_AWAY} else 1
        for attempt in range(1 + (intent.retries if may_repeat else 0)):
            calls = await asyncio.gather(*(self._door.call(line, operation, intent, self._clock) for _ in range(twins)))
            for call in calls:
                if call.succeeded:
                    self._board.learn(operation, call.told)
            if any(call.is_final for call in calls):
                return
            twins = 1
            await asyncio.sleep(_RETRY_PAUSE * (attempt + 1))


async def follow(door: Door, company: str, history: History) -> None:
    """Read the log of a company as an integrator does: page after page, from where the last one ended, for ever."""
    after = "0"
    async with httpx2.AsyncClient(trust_env=False, timeout=4.0) as line:
        while True:
            with suppress(httpx2.HTTPError, msgspec.DecodeError):
                address = f"{door.url}{API}/events?after={after}&wait=1"
                answer = await line.get(address, headers=door.headers_of(company, "auditor"))
                if answer.status_code == httpx2.codes.OK:
                    told = msgspec.json.decode(answer.content)
                    history.pages.append(Page(company, tuple(told["items"])))
                    after = told["next"]
                    continue
            await asyncio.sleep(_RETRY_PAUSE)


def purchase_of(mark: str, *, is_draft: bool = False) -> dict[str, Any]:
    """Say a purchase, of the supplier that is listed or of one that is not yet."""
    supplier = {"name": "Corner shop", "territoryId": "FR"} if is_draft else {"id": SUPPLIER}
    return {"title": mark, "ownerId": OWNER, "natureId": 1, "costCenterId": 3, "supplier": supplier}


def _terms(mark: str, day: str, dice: float, *, of_type: str = "") -> dict[str, Any]:
    cents = int(dice * 1_000_000)
    is_once = of_type == _ONCE if of_type else bool(cents % 3)
    value = Decimal(cents).scaleb(-2)
    tax = Decimal(cents // 5).scaleb(-2)
    taxes = [{"rateTypeId": _RATE_TYPE, "value": tax, "currency": "EUR"}] if cents % 2 else []
    amount = {"excludingTaxes": {"value": value, "currency": "EUR"}, "taxes": taxes}
    if is_once:
        return {
            "type": _ONCE,
            "costDate": day,
            "invoiceDate": day,
            "amountIncludingTaxes": amount,
            "comment": mark,
        }
    return {
        "type": "SubscriptionCommitment",
        "startDate": day,
        "firstInvoiceDate": day,
        "invoicingFrequency": {"value": 1, "unit": "Month"},
        "subscriptionDuration": {"value": 1 + cents % 24, "unit": "Month"},
        "amountIncludingTaxesPerPeriod": amount,
        "comment": mark,
    }


_RATE_TYPE: Final = 45
_ONCE: Final = "OneTimeCommitment"
_PAIRS: Final = tuple(permutations((36, 37, 38, 39), 2))
"""Whose place is given away, and to whom; who is away, and for whom somebody decides meanwhile."""
_DAY: Final = datetime.now(UTC).date()
_MOST_AWAY: Final = 5
"""More absences in one company and schedule could be there in too many ways at once."""
