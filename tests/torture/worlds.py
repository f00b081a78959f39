"""Made-up worlds: what a server would have written and answered that does everything right, to be spoilt afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from torture import answers
from torture.checks import Evidence
from torture.companies import CALLERS, COMPANIES, OWNER, SUPPLIER, Company
from torture.documents import Bargain, Life, Refused, Request, Setting
from torture.history import API, Call, End, History, Kind, Operation
from torture.model import after, by_itself
from torture.rows import Tables

NORTH = COMPANIES["north"]
TERMS = {
    "type": "OneTimeCommitment",
    "amountIncludingTaxes": {
        "excludingTaxes": {"value": Decimal("120.05"), "currency": "EUR"},
        "taxes": [{"rateTypeId": 45, "value": Decimal("24.01"), "currency": "EUR"}],
    },
}
SUBSCRIPTION = {
    "type": "SubscriptionCommitment",
    "subscriptionDuration": {"value": 1, "unit": "Month"},
    "amountIncludingTaxesPerPeriod": TERMS["amountIncludingTaxes"],
}
PURCHASE = {"ownerId": OWNER, "natureId": 1, "costCenterId": 3, "supplier": {"id": SUPPLIER}}
MORE = TERMS | {
    "amountIncludingTaxes": {"excludingTaxes": {"value": Decimal("200.00"), "currency": "EUR"}, "taxes": []}
}
_SAID: Mapping[Kind, Mapping[str, Any]] = {
    Kind.CREATE: PURCHASE,
    Kind.REVISE: PURCHASE,
    Kind.COMMIT: TERMS,
    Kind.AMEND: MORE,
    Kind.REVISE_COMMITMENT: MORE,
    Kind.REASSIGN: {"fromUserId": 38, "toUserId": 39},
}
_LOCATED = {Kind.CREATE: "purchases", Kind.COMMIT: "commitments", Kind.SUBMIT: "requests", Kind.AMEND: "requests"}
_OF_COMMITMENTS = {Kind.SUBMIT, Kind.REVISE_COMMITMENT, Kind.READ_COMMITMENT, Kind.AMEND}


@dataclass
class World:
    """One company, and what was done there; every call takes a second."""

    history: History = field(default_factory=History)
    lives: dict[int, Life] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    keys: list[dict[str, Any]] = field(default_factory=list)
    absences: list[dict[str, Any]] = field(default_factory=list)
    ahead: int = 0
    company: Company = NORTH
    now: float = 0.0
    drawn: int = 100

    def ask(
        self, kind: Kind, caller: str = "shop", *, of: Life | None = None, key: str | None = None, **said: object
    ) -> Operation:
        """Write down what somebody wants of a purchase."""
        number = len(self.history.operations) + 1
        bargain = None if of is None else of.bargain
        subject = None if of is None else of.id
        if bargain is not None and kind in _OF_COMMITMENTS:
            subject = bargain.id
        if bargain is not None and bargain.requests and kind in {Kind.APPROVE, Kind.DENY, Kind.CANCEL, Kind.REASSIGN}:
            subject = bargain.requests[-1].id
        body: dict[str, Any] = {**_SAID.get(kind, {}), **said}
        mark = f"north {number}"
        version = of.version if of is not None and kind is Kind.AMEND else None
        return self.history.begin(
            Operation(number, "north", caller, kind, None if of is None else of.id, subject, mark, body, key, version)
        )

    def call(self, operation: Operation) -> Call:
        """Begin a call."""
        call = Call(f"north-{operation.number}-{len(operation.calls)}", began=self.now, ended=self.now + 1)
        operation.calls.append(call)
        self.now += 1
        return call

    def happen(self, operation: Operation, call: Call) -> Life:
        """Let a call take effect, whatever whoever made it hears of it."""
        new = {kind: self.drawn + number for number, kind in enumerate(("purchase", "commitment", "request", "order"))}
        self.drawn += 10
        before = None if operation.purchase is None else self.lives[operation.purchase]
        life = after(before, operation, Setting(self.company, CALLERS[operation.caller], new))
        assert isinstance(life, Life), life
        self.lives[life.id] = life
        for kind in life.log:
            self.tell(call.id, kind, life, request=operation.subject)
        if operation.key is not None:
            self.keys.append({"key": operation.key, "object_id": 0, "purchase_id": life.id, "version": life.version})
        return life

    def tell(self, call_id: str | None, kind: str, life: Life, *, request: int | None = None) -> None:
        """Write an event: of the request that the call names, or of the one that it made."""
        bargain = life.bargain
        numbers = {"purchase": life.id}
        if bargain is not None:
            numbers["commitment"] = bargain.id
            asked = bargain.request_of(request) or (bargain.requests[-1] if bargain.requests else None)
            numbers |= {} if asked is None else {"request": asked.id}
            numbers |= {} if bargain.order is None else {"order": bargain.order[0]}
        about = kind.partition(".")[0]
        self.events.append(
            {
                "event_id": 1000 + len(self.events),
                "call_id": call_id,
                "type": kind,
                "object_type": about,
                "object_id": numbers[about],
                "purchase_id": life.id,
                "version": life.version,
            }
        )

    def go_away(self, away: int, deputy: int) -> Operation:
        """Have somebody enter an absence."""
        return self._absence(Kind.GO_AWAY, {"userId": away, "deputyId": deputy}, 1)

    def come_back(self) -> Operation:
        """Have them take it back."""
        return self._absence(Kind.COME_BACK, {}, 2)

    def _absence(self, kind: Kind, said: Mapping[str, Any], version: int) -> Operation:
        operation = self.ask(kind, "form", **said)
        operation.subject = None if version == 1 else 700
        call = self.call(operation)
        self.events.append(
            {"event_id": 1000 + len(self.events), "call_id": call.id, "type": "absence.told", "object_type": "absence"}
            | {"object_id": 700, "purchase_id": None, "version": version}
        )
        if version == 1:
            self.absences.append({"absence_id": 700, "user_id": said["userId"], "deputy_id": said["deputyId"]})
        self.absences[0]["version"] = version
        call.end, call.status = End.ANSWERED, 201
        call.told = {"id": 700, "version": version, "user": {"id": self.absences[0]["user_id"]}}
        return operation

    def happen_by_itself(self, what: str, life: Life) -> Life:
        """Let the server ask others about the request of a purchase."""
        assert life.bargain is not None
        assert life.bargain.request is not None
        asked = by_itself(life, what, life.bargain.request.id, self.company)
        assert asked is not None
        self.lives[life.id] = asked
        self.tell(None, what, asked)
        return asked

    def remind(self, commitment: int, ahead: int) -> None:
        """Let the server tell of a subscription that ends soon, by itself."""
        self.events.append(
            {
                "event_id": 1000 + len(self.events),
                "call_id": None,
                "type": "subscription.end_due",
                "object_type": "subscription",
                "object_id": commitment,
                "purchase_id": None,
                "version": None,
                "facts": {"reminder": {"days_ahead": ahead}},
            }
        )

    def answer(self, operation: Operation, call: Call, life: Life, *, is_replay: bool = False) -> Call:
        """Answer a call with a purchase as it is."""
        told = answers.expected(operation, life)
        body = nested(told)
        call.end, call.status, call.is_replay = End.ANSWERED, 201 if operation.method == "POST" else 200, is_replay
        call.told, call.etag = body, f'"{life.id}.{life.version}"'
        call.answer = msgspec.json.encode(body)
        if operation.kind in _LOCATED:
            call.location = f"{API}/{_LOCATED[operation.kind]}/{body['id']}"
        return call

    def do(
        self, kind: Kind, caller: str = "shop", *, of: Life | None = None, key: str | None = None, **said: object
    ) -> Life:
        """Have somebody do something, and be told."""
        operation = self.ask(kind, caller, of=of, key=key, **said)
        call = self.call(operation)
        life = self.happen(operation, call)
        self.answer(operation, call, life)
        return life

    def read(self, life: Life) -> Call:
        """Have somebody read a purchase, and find it as it was at a version."""
        operation = self.ask(Kind.READ_PURCHASE, of=life)
        return self.answer(operation, self.call(operation), life)

    def refuse(self, operation: Operation, refused: Refused, status: int = 409) -> Call:
        """Refuse a call."""
        call = self.call(operation)
        call.end, call.status = End.ANSWERED, status
        call.told = {"code": refused.code, "id": refused.id, "state": refused.state}
        return call

    def evidence(self) -> Evidence:
        """Write down what would be there."""
        tables = self._tables()
        return Evidence(
            {"north": tables},
            {"north": feed_of(tables)},
            datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("Europe/Paris")),
        )

    def _tables(self) -> Tables:
        bargains = [(life, bargain) for life in self.lives.values() for bargain in life.bargains]
        asked = [(bargain, request) for _, bargain in bargains for request in bargain.requests]
        entries = [_entry(number, *hangs) for _, bargain in bargains for number, hangs in bargain.hangs.items()]
        return Tables(
            purchases=[_purchase(life) for life in self.lives.values()],
            commitments=[_commitment(life, bargain) for life, bargain in bargains],
            commitment_taxes=[{"commitment_id": bargain.id, "tax_minor": bargain.terms.tax} for _, bargain in bargains],
            requests=[
                {
                    "request_id": request.id,
                    "commitment_id": bargain.id,
                    "kind": "Commitment" if request.proposes is None else "Amendment",
                    "state": request.state,
                    "step": request.step,
                }
                for bargain, request in asked
            ],
            request_decisions=[row for _, request in asked for row in _decisions(request)],
            orders=[_order(bargain.id, *bargain.order) for _, bargain in bargains if bargain.order is not None],
            suppliers=[],
            budgets=[_budget(entries)],
            budget_entries=entries,
            absences=self.absences,
            tenants=[{"clock_ahead_seconds": self.ahead}],
            events=self.events,
            sealed=[
                {"position": position, "event_id": event["event_id"], "hash": bytes([position % 256])}
                for position, event in enumerate(self.events, 1)
            ],
            unsealed=[],
            idempotency_keys=self.keys,
            chains=[{"position": len(self.events)}],
        )


def _purchase(life: Life) -> dict[str, Any]:
    return {
        "purchase_id": life.id,
        "version": life.version,
        "state": life.state,
        "title": life.title,
        "supplier_id": None if life.drafted else SUPPLIER,
        "commitment_id": None if life.bargain is None else life.bargain.id,
    }


def _commitment(life: Life, bargain: Bargain) -> dict[str, Any]:
    return {
        "commitment_id": bargain.id,
        "purchase_id": life.id,
        "type": bargain.terms.type,
        "state": bargain.state,
        "comment": bargain.terms.mark,
        "excluding_minor": bargain.terms.cents,
        "periods_count": bargain.terms.periods,
        "request_id": None if bargain.request is None else bargain.request.id,
        "order_id": None if bargain.order is None else bargain.order[0],
    }


def _decisions(request: Request) -> list[dict[str, Any]]:
    return [
        {
            "request_id": request.id,
            "position": position,
            "step": made.step,
            "user_id": made.person,
            "verdict": made.verdict,
            "comment": made.mark,
            "in_place_of": made.in_place_of,
        }
        for position, made in enumerate(request.decisions)
    ]


def _entry(request: int, state: str, amount: int) -> dict[str, Any]:
    held = 0 if state == "Freed" else amount
    return {"budget_id": 1, "request_id": request, "state": state, "amount_minor": amount, "held_minor": held}


def _budget(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Make the one budget, of a million, that everything falls into."""
    held = {
        name: sum(entry["held_minor"] for entry in entries if entry["state"] == name)
        for name in ("Reserved", "Committed")
    }
    numbers = {"amount": 1_000_000, "overrun": 0, "spent": 0} | {name.lower(): value for name, value in held.items()}
    numbers["free"] = 1_000_000 - sum(held.values())
    return {"budget_id": 1, "kind": "Hard"} | {f"{name}_minor": value for name, value in numbers.items()}


def _order(commitment: int, number: int, state: str) -> dict[str, Any]:
    return {"order_id": number, "number": f"PO-{number}", "commitment_id": commitment, "state": state}


def feed_of(tables: Tables) -> list[Mapping[str, Any]]:
    """Tell the log as the API would."""
    events = {event["event_id"]: event for event in tables.events}
    return [
        {
            "position": seal["position"],
            "id": seal["event_id"],
            "hash": seal["hash"].hex(),
            "type": events[seal["event_id"]]["type"],
            "callId": events[seal["event_id"]]["call_id"],
        }
        for seal in tables.sealed
        if seal["event_id"] in events
    ]


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Make JSON of paths and values."""
    whole: dict[str, Any] = {}
    for path, value in flat.items():
        *folders, name = path.split(".")
        place = whole
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = value
    return whole
