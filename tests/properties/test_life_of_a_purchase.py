"""Whatever happens to a purchase in whatever order: it, its commitment, its request and its order agree."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any, Final

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from emplette.domain import drafting, reviewing
from emplette.domain.approvals import NotAsked, OwnRequest, Request, RequestState, Verdict
from emplette.domain.attachments import Hanging
from emplette.domain.commitments import LIVE, CommitmentState, Terms
from emplette.domain.currencies import EUR
from emplette.domain.dossiers import Dossier, Move, actions
from emplette.domain.errors import Conflict, Forbidden, NotFound, Refusal
from emplette.domain.money import Conversion, DualAmount, Money, TaxedAmount, TaxLine
from emplette.domain.people import Stamp, User
from emplette.domain.purchases import PurchaseAction, PurchaseState, PurchaseType, TypeContradicted
from emplette.domain.reviewing import Ruling, Submission
from emplette.domain.suppliers import Supplier
from emplette.storage.commands import Author, Command, _item
from emplette.storage.idempotency import as_it_was
from emplette.storage.rows import DossierRows
from emplette.storage.writing import rows_of
from tests.fixtures.behind import comparable
from tests.fixtures.dossiers import (
    AMAZON,
    CHF,
    DRAFTED,
    HEAD,
    KEY,
    ONCE,
    OWNER,
    PURCHASE,
    SECOND,
    STRANGER,
    TODAY,
    YEARLY,
    attachment,
    caller,
    draft,
    stamp,
    step,
)
from tests.fixtures.states import states_of
from torture.documents import TOGETHER

TENANT: Final = 7
PEOPLE: Final = [OWNER, HEAD, SECOND, STRANGER]
STEPS: Final = [
    (),
    (step(1, HEAD),),
    (step(1, HEAD), step(2, SECOND, OWNER)),
    (step(1, SECOND), step(2, HEAD), step(3, SECOND)),
    (step(1, HEAD, SECOND, needed=2), step(2, STRANGER)),
]
RATES: Final = [Conversion.none(EUR), Conversion(Decimal("0.951234567890"), date(2025, 4, 14), CHF)]
FILES: Final = range(51, 55)
MOVES_BEFORE_CLOSING: Final = 8
OFTEN: Final = {PurchaseAction.APPROVE, PurchaseAction.LIST_SUPPLIER}
RARE: Final = {PurchaseAction.CLOSE, PurchaseAction.LIST_SUPPLIER}
BESIDE: Final = {PurchaseAction.AMEND}
"""What goes by a second request beside the first: a life here has one. tests/domain/test_amending.py tries it."""

people = st.sampled_from(PEOPLE)
comments = st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
coins = st.integers(0, 10**9).map(lambda minor: Money(minor, EUR))
taxes = st.lists(st.builds(TaxLine, st.integers(1, 99), coins), max_size=3)
files = st.lists(st.sampled_from(FILES), max_size=3, unique=True)
amounts = st.builds(TaxedAmount, coins, taxes.map(tuple))
terms: st.SearchStrategy[Terms] = st.sampled_from([ONCE, YEARLY])
_from_json = msgspec.json.Decoder(float_hook=Decimal).decode

Make = Callable[[], Move]


class LifeOfAPurchase(RuleBasedStateMachine):
    """Tries moves at random; each is either refused for a good reason or done as a whole."""

    def __init__(self) -> None:
        super().__init__()
        self.ids = count(100)
        self.minutes = count(1)
        self.dossier = Dossier(PURCHASE)
        self.commitments: dict[int, CommitmentState] = {}
        self.approved_commitments: set[int] = set()
        self.told: list[dict[str, Any]] = []
        self.holders: dict[int, int | None] = dict.fromkeys(FILES)

    @initialize(
        supplier=st.sampled_from([AMAZON, DRAFTED]),
        declared=st.sampled_from([None, None, *PurchaseType]),
        author=st.sampled_from([KEY, KEY, STRANGER]),
    )
    def write_down(self, supplier: Supplier, declared: PurchaseType | None, author: User) -> None:
        by = Stamp(PURCHASE.created.at, author)
        purchase = replace(PURCHASE, supplier=supplier, declared_type=declared, created=by, modified=by)
        self.dossier = Dossier(purchase)
        self.told = [{"facts": {"purchase": msgspec.to_builtins(self.rows.purchase)}, "texts": None}]

    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """Do what leads on: early lives are not cut short, and suppliers are listed once somebody may have approved."""
        dossier, put_off = self.dossier, {PurchaseAction.REVISE}
        if dossier.purchase.version < MOVES_BEFORE_CLOSING:
            put_off.add(PurchaseAction.CLOSE)
        if dossier.request is None or not dossier.request.decisions:
            put_off.add(PurchaseAction.LIST_SUPPLIER)
        possible = [action for action in actions(dossier) if action not in BESIDE]
        onward = [action for action in possible if action not in put_off] or possible
        if onward:
            often = [action for action in onward if action in OFTEN] * 3
            self.attempt(data.draw(st.sampled_from(onward + often)), data)

    @rule(data=st.data(), action=st.sampled_from([one for one in PurchaseAction if one not in RARE | BESIDE]))
    def try_anything(self, data: st.DataObject, action: PurchaseAction) -> None:
        self.attempt(action, data)

    @rule(terms=terms, amount=amounts, rate=st.sampled_from(RATES), person=people, files=files)
    def revise_commitment(
        self, terms: Terms, amount: TaxedAmount, rate: Conversion, person: User, files: list[int]
    ) -> None:
        before = self.dossier
        hung = self.hung(files, before.purchase.commitment_id or 0)
        possible = states_of(before) == ("Created", "Created", None, None)
        wanted, dual = draft(terms, amount), DualAmount.of(amount, rate)
        move = refused_or(lambda: drafting.revise_commitment(before, wanted, dual, by=self.by(person), hung=hung))
        if isinstance(move, Refusal):
            assert not possible or isinstance(move, TypeContradicted)
        else:
            assert possible
            self.make(move)

    def attempt(self, action: PurchaseAction, data: st.DataObject) -> None:
        """Make a move, and hold its being refused or not against what the dossier says can be done."""
        make: Make = getattr(self, f"_{action.lower()}")(data)
        possible = action in actions(self.dossier)
        move = refused_or(make)
        if isinstance(move, Refusal):
            assert not possible or isinstance(move, (TypeContradicted, NotAsked, OwnRequest)), move
        else:
            assert possible
            self.make(move)

    def make(self, move: Move) -> None:
        """Keep what the database would: the dossier, the states of all its commitments, the events."""
        before, self.dossier = self.dossier, move.after
        assert self.dossier.purchase.version == before.purchase.version + 1
        documents = (self.dossier.purchase, self.dossier.commitment, self.dossier.request, self.dossier.order)
        names = ("purchase", "commitment", "request", "order")
        ids = {name: document.id for name, document in zip(names, documents, strict=True) if document is not None}
        assert all(ids[happening.object_type] == happening.object_id for happening in move.happenings)
        commitment = self.dossier.commitment
        if commitment is not None:
            self.commitments[commitment.id] = commitment.state
            if commitment.state is CommitmentState.PROVISIONED:
                self.approved_commitments.add(commitment.id)
        for hanging in move.hangings:
            assert self.holders[hanging.attachment.id] == hanging.had != hanging.attachment.commitment_id
            self.holders[hanging.attachment.id] = hanging.attachment.commitment_id
        self.tell(before, move)

    def hung(self, files: Sequence[int], onto: int) -> tuple[Hanging, ...]:
        """Hang attachments onto a commitment; whoever has them is one that ended, or it."""
        return tuple(Hanging(replace(attachment(file), commitment_id=onto), self.holders[file]) for file in files)

    def tell(self, before: Dossier, move: Move) -> None:
        author = Author(caller(), self.dossier.purchase.modified.at, call_id=None)
        today = author.at.date()
        command = Command(
            before, self.dossier, move.happenings, author, None, move.happenings[0], today, hangings=move.hangings
        )
        events = _from_json(str(_item(TENANT, command)[1].content))["events"]
        self.told += [{"facts": event["facts"], "texts": event["texts"]} for event in events]

    @property
    def rows(self) -> DossierRows:
        return rows_of(TENANT, self.dossier)

    def by(self, person: User) -> Stamp:
        return stamp(person, minutes=next(self.minutes))

    def _commit(self, data: st.DataObject) -> Make:
        amount = data.draw(amounts)
        wanted = draft(data.draw(terms), amount, comment=data.draw(comments))
        dual = DualAmount.of(amount, data.draw(st.sampled_from(RATES)))
        number, chosen = next(self.ids), data.draw(files)

        def make() -> Move:
            hung, by = self.hung(chosen, number), self.by(KEY)
            return drafting.commit(self.dossier, wanted, dual, commitment_id=number, by=by, hung=hung)

        return make

    def _revise(self, data: st.DataObject) -> Make:
        commitment, anew = self.dossier.commitment, None
        if commitment is not None and commitment.is_live:
            anew = DualAmount.of(commitment.amount.base, data.draw(st.sampled_from(RATES)))
        revised = replace(self.dossier.purchase, title=data.draw(st.text("ab", min_size=1)), owner=data.draw(people))
        by = self.by(data.draw(st.sampled_from([KEY, OWNER])))
        return lambda: drafting.revise_purchase(self.dossier, revised, anew, by=by)

    def _listsupplier(self, _: st.DataObject) -> Make:
        return lambda: drafting.list_supplier(self.dossier, AMAZON, by=self.by(KEY))

    def _submit(self, data: st.DataObject) -> Make:
        steps = data.draw(st.sampled_from(STEPS))
        submission = Submission(next(self.ids), next(self.ids), "abcdefghij", 1 if steps else None, steps)
        who = caller(OWNER) if steps else caller()
        return lambda: reviewing.submit(self.dossier, submission, who=who, by=self.by(OWNER))

    def _approve(self, data: st.DataObject) -> Make:
        return self._decide(Verdict.APPROVED, data)

    def _deny(self, data: st.DataObject) -> Make:
        return self._decide(Verdict.DENIED, data)

    def _decide(self, verdict: Verdict, data: st.DataObject) -> Make:
        request = self.dossier.request
        may = [] if request is None else [person for person in PEOPLE if may_decide(request, person)]
        person = data.draw(st.sampled_from(may or PEOPLE) if data.draw(st.integers(0, 3)) else people)
        ruling = Ruling(verdict, data.draw(comments), None)

        def make() -> Move:
            by = self.by(person)
            move = reviewing.decide(self.dossier, ruling, who=caller(person), order_id=next(self.ids), by=by)
            assert person in may
            return move

        return make

    def _cancel(self, data: st.DataObject) -> Make:
        comment = data.draw(comments)
        return lambda: reviewing.cancel(self.dossier, comment, by=self.by(KEY))

    def _close(self, data: st.DataObject) -> Make:
        comment = data.draw(comments)
        return lambda: drafting.close(self.dossier, on=TODAY, comment=comment, today=TODAY, by=self.by(KEY))

    @invariant()
    def the_states_go_together(self) -> None:
        assert states_of(self.dossier) in TOGETHER

    @invariant()
    def one_commitment_lives_and_it_is_the_purchases_own(self) -> None:
        living = [number for number, state in self.commitments.items() if state in LIVE]
        commitment = self.dossier.commitment
        assert self.dossier.purchase.commitment_id == (None if commitment is None else commitment.id)
        assert living == ([commitment.id] if commitment is not None and commitment.is_live else [])
        if commitment is not None and commitment.is_live:
            assert self.dossier.purchase.type is commitment.terms.purchase_type

    @invariant()
    def what_hangs_on_a_live_commitment_is_its_own_and_all_that_is(self) -> None:
        commitment = self.dossier.commitment
        if commitment is not None and commitment.is_live:
            its_own = {number for number, holder in self.holders.items() if holder == commitment.id}
            assert {one.id for one in commitment.attachments} == its_own

    @invariant()
    def an_order_exists_when_the_commitment_was_approved_and_only_then(self) -> None:
        commitment, order = self.dossier.commitment, self.dossier.order
        was_approved = commitment is not None and commitment.id in self.approved_commitments
        assert (order is not None) is was_approved
        if order is not None and commitment is not None:
            assert (order.id, order.commitment_id) == (commitment.order_id, commitment.id)

    @invariant()
    def what_is_approved_was_approved_in_every_step_as_it_is(self) -> None:
        request = self.dossier.request
        if request is None or request.state is not RequestState.APPROVED:
            return
        approvals = [
            made
            for made in request.decisions
            if (made.verdict, made.content_hash) == (Verdict.APPROVED, request.content_hash)
        ]
        for one in request.steps:
            # Who has approved this very content in a step before is not asked once more.
            agreed = {made.by.id for made in approvals if made.step <= one.number}
            assert len(agreed & {approver.user.id for approver in one.approvers}) >= one.needed

    @invariant()
    def nothing_of_a_closed_purchase_can_be_done(self) -> None:
        if self.dossier.purchase.state is PurchaseState.CLOSED:
            assert actions(self.dossier) == []

    @invariant()
    def the_events_laid_over_each_other_are_the_purchase_as_it_is(self) -> None:
        assert comparable(as_it_was(self.told)) == comparable(self.rows)


def refused_or(make: Make) -> Move | Refusal:
    """Make a move, or say why not."""
    try:
        return make()
    except (Conflict, NotFound, Forbidden) as refusal:
        return refusal


def may_decide(request: Request, person: User) -> bool:
    """Say anew, in other words than the rules do, who may decide."""
    asked = {one.user.id for step in request.steps if step.number == request.step for one in step.approvers}
    current = (request.step, request.content_hash)
    said = {made.by.id for made in request.decisions if (made.step, made.content_hash) == current}
    return request.state is RequestState.PENDING and person.id in asked - said - request.requesters


TestLifeOfAPurchase = LifeOfAPurchase.TestCase
TestLifeOfAPurchase.settings = settings(max_examples=120, stateful_step_count=30)
