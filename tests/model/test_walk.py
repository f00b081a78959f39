"""The walk through small policies: it goes through all there are, finds nothing, and would find a defect."""

from dataclasses import replace
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from emplette.domain.approvals import Verdict
from model.__main__ import last_line
from model.laws import Fault, Wrong, faults_of, faults_of_decision
from model.moves import State, asked, decided
from model.proof import defects, findings_with
from model.sameness import key_of
from model.walk import Finding, Tally, Walk
from model.worlds import OUTSIDER, World, large_world, small_worlds
from tests.torture.test_defects import copy_files
from torture.proof import SOURCE, put_into

WORLDS = list(small_worlds())


def world(words: str, owner: int = OUTSIDER) -> World:
    return next(one for one in WORLDS if one.name == f"{words}; user {owner} buys")


def begun(words: str, owner: int = OUTSIDER) -> State:
    return asked(world(words, owner), 0)


def approved(state: State, *people: int) -> State:
    for person in people:
        state = decided(state, state.shown, person, Verdict.APPROVED, None)
    return state


def wrongs(state: State) -> list[Wrong]:
    return [fault.wrong for fault in faults_of(state)]


def test_each_small_policy_is_walked_through_once() -> None:
    assert len({one.name for one in WORLDS}) == len(WORLDS)
    one_step = [one for one in WORLDS if len(list(one.policy.steps)) == 1 and one.owner == OUTSIDER]
    # One person, whom the owner may represent or not; any of two (where one denial denies or not) or both; and so on.
    assert len(one_step) == 2 + (2 + 1) + (2 + 2 + 1)


def test_in_a_few_of_them_nothing_is_found_and_every_state_is_counted() -> None:
    walk = Walk()
    walk.through([world("Step 1: any of user 1, user 2"), world("Step 1: user 1", 1)], 1)
    tally = walk.tally
    assert tally.findings == []
    assert (tally.worlds, tally.refused) == (2, 1)
    assert tally.states > tally.decisions > tally.unstated > 5


def test_by_dice_the_same_is_walked_through_again() -> None:
    def walked() -> tuple[int, int]:
        walk, dice = Walk(), Random(3)  # noqa: S311  nothing secret is drawn
        walk.by_dice((large_world(dice, number) for number in range(15)), 6, dice, until=monotonic() + 600)
        assert walk.tally.findings == []
        return walk.tally.states, walk.tally.decisions

    assert walked() == walked()


def test_what_differs_only_by_names_is_the_same() -> None:
    words = "Step 1: all of user 1, user 2"
    one, other = approved(begun(words), 1), approved(begun(words), 2)
    assert key_of(world(words), one) == key_of(world(words), other)
    assert key_of(world(words), one) != key_of(world(words), begun(words))


def test_a_step_that_was_passed_with_too_few_is_found() -> None:
    state = approved(begun("Step 1: all of user 1, user 2"), 1, 2)
    assert wrongs(state) == []
    request = replace(state.request, decisions=state.request.decisions[:1])
    short = replace(state, dossier=replace(state.dossier, request=request))
    assert wrongs(short) == [Wrong.BROKEN]
    assert wrongs(replace(short, own_to=frozenset({1, OUTSIDER}))) == [Wrong.SELF_APPROVED]


def test_a_decision_of_ones_own_and_one_of_nobody_who_is_asked_are_found() -> None:
    state = begun("Step 1: user 1")
    assert [fault.wrong for fault in faults_of_decision(replace(state, own_to=frozenset({1})), 1)] == [
        Wrong.SELF_APPROVED
    ]
    assert [fault.wrong for fault in faults_of_decision(state, 2)] == [Wrong.BROKEN]
    assert list(faults_of_decision(state, 1)) == []


def test_an_amendment_says_what_holds_when_it_is_approved_and_nobody_approves_one_that_is_outdated() -> None:
    policy = world("Step 1: any of user 1, user 2")
    state = asked(policy.amending, 0)
    done = approved(state, 1)
    assert (wrongs(state), wrongs(done)) == ([], [])
    early = replace(done.dossier, commitment=state.dossier.commitment)
    assert wrongs(replace(done, dossier=early)) == [Wrong.UNSHOWN, Wrong.BROKEN]
    assert wrongs(replace(done, outdated=True)) == [Wrong.UNSHOWN]
    walk = Walk()
    walk.through([policy.amending], 1)
    assert walk.tally.findings == []


def test_the_last_line_counts_what_was_found_by_kind() -> None:
    tally = Tally(worlds=2, states=9, decisions=4, unstated=3)
    tally.findings.append(Finding("a company", Fault(Wrong.STUCK, "waits for nobody"), ("user 1 leaves",)))
    assert last_line(tally) == (
        "model: policies=2 states=9 decisions=4 unstated=3 stuck=1 self-approved=0 unshown=0 broken=0"
    )
    assert str(tally.findings[0]) == "stuck: waits for nobody. a company: user 1 leaves"


@pytest.mark.parametrize("patch", defects(), ids=lambda patch: patch.stem)
def test_a_defect_can_be_put_into_the_rules_as_they_are(patch: Path, tmp_path: Path) -> None:
    copy_files(patch, tmp_path)
    put_into(patch, tmp_path)
    (changed,) = list((tmp_path / "src").rglob("*.py"))
    text = changed.read_text("utf-8")
    assert text != (SOURCE / changed.relative_to(tmp_path / "src")).read_text("utf-8")
    compile(text, changed.name, "exec")


@pytest.mark.long
@pytest.mark.parametrize("patch", defects(), ids=lambda patch: patch.stem)
def test_a_defect_in_the_rules_is_found(patch: Path) -> None:
    assert findings_with(patch) != []
