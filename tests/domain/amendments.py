"""An amendment of the guide's example, taken as far as a test needs it."""

from collections.abc import Sequence
from typing import Final

from emplette.domain import amending
from emplette.domain.amendments import Amendment
from emplette.domain.approvals import Step, Verdict
from emplette.domain.attachments import Hanging
from emplette.domain.commitments import CommitmentDraft
from emplette.domain.dossiers import Dossier, Move
from emplette.domain.money import DualAmount
from emplette.domain.people import User
from emplette.domain.reviewing import Ruling, Submission
from tests.fixtures.dossiers import HEAD, IN_FRANCS, OWNER, approved, caller, draft, stamp, step

REQUEST_ID: Final = 32


def dearer() -> DualAmount:
    """Ask for twice as much."""
    return IN_FRANCS.times(2)


def amendment_of(
    dossier: Dossier,
    said: CommitmentDraft | None = None,
    amount: DualAmount | None = None,
    hung: Sequence[Hanging] = (),
) -> Amendment:
    """Say what the commitment shall say: without anything else, that it costs twice as much."""
    return amending.amendment_of(dossier, said or draft(), amount or dearer(), hung, request_id=REQUEST_ID)


def proposing(
    dossier: Dossier, amendment: Amendment, *steps: Step, rule: str | None = "Rule", hung: Sequence[Hanging] = ()
) -> Move:
    """Ask for approval of an amendment; without steps it passes by the rule, or by the key that asks."""
    submission = Submission(REQUEST_ID, 0, "klmnopqrst", None if rule is None else 1, steps, rule)
    return amending.propose(dossier, amendment, submission, who=caller(OWNER), by=stamp(OWNER, minutes=5), hung=hung)


def proposed(dossier: Dossier | None = None, *steps: Step) -> Dossier:
    """Have an amendment wait: for these people, or without steps for the head."""
    before = dossier or approved()
    return proposing(before, amendment_of(before), *(steps or (step(1, HEAD),))).after


def ruling_on(dossier: Dossier, verdict: Verdict, person: User = HEAD) -> Move:
    """Have somebody decide on the amendment."""
    ruling = Ruling(verdict, "Because", None)
    return amending.decide(dossier, ruling, who=caller(person), by=stamp(person, minutes=6))


def amended(dossier: Dossier | None = None) -> Dossier:
    """Have the head approve the amendment."""
    return ruling_on(dossier or proposed(), Verdict.APPROVED).after
