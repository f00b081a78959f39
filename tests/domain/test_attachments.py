"""Attachments: what is named, what is found, what changes hands, and who may read a file."""

from collections.abc import Collection
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emplette.domain import drafting
from emplette.domain.attachments import (
    Attachment,
    AttachmentExists,
    AttachmentInUse,
    Candidate,
    Found,
    Hanging,
    Holder,
    Name,
    Names,
    Readers,
    hang,
    let_go,
    made_of,
    note_missing,
    readable_by,
)
from emplette.domain.commitments import LIVE, CommitmentState
from emplette.domain.errors import Faults, Invalid
from emplette.domain.people import Permission, Scope, User, UserKind
from tests.fixtures.dossiers import (
    CREATED,
    HEAD,
    IN_FRANCS,
    KEY,
    NOON,
    OWNER,
    SECOND,
    attachment,
    caller,
    committed,
    denied,
    draft,
    hung,
    stamp,
    submitted,
)

OFFER, CONTRACT, PLAN = attachment(51), attachment(52, "contract.pdf"), attachment(53, "plan.pdf")
EVERYBODY = Readers(KEY.identities)


def candidate(one: Attachment, state: CommitmentState | None = None, *, is_file: bool = False) -> Candidate:
    """Find a file: an attachment with its holder, or one that is none yet."""
    holder = None
    if state is not None and one.commitment_id is not None:
        holder = Holder(one.commitment_id, state, is_live=state in LIVE)
    return Candidate(one.file, EVERYBODY, None if is_file else one, holder)


def found(*candidates: Candidate) -> Found:
    """Arrange what was found by both names."""
    by_file: dict[Name, Candidate] = {each.file.id: each for each in candidates}
    return by_file | {each.attachment.id: each for each in candidates if each.attachment is not None}


def named(*names: Name) -> Names:
    """Name them in one list."""
    return {f"attachmentIds[{index}]": name for index, name in enumerate(names)}


def has(one: Attachment, commitment_id: int | None) -> Attachment:
    return replace(one, commitment_id=commitment_id)


# Names --------------------------------------------------------------------------------------------------------


def test_what_is_not_there_is_named_by_what_it_was_called() -> None:
    faults = Faults()
    note_missing(named(51, 99, PLAN.file.id), found(candidate(OFFER)), faults)
    assert faults.as_dict() == {
        "attachmentIds[1]": ["There is no attachment 99."],
        "attachmentIds[2]": [f"There is no file {PLAN.file.id}."],
    }


@pytest.mark.parametrize("names", [[51, 51], [OFFER.file.id, OFFER.file.id], [51, OFFER.file.id]])
def test_a_file_is_named_once_by_whichever_of_its_names(names: list[Name]) -> None:
    faults = Faults()
    note_missing(named(*names), found(candidate(OFFER)), faults)
    assert faults.as_dict() == {"attachmentIds[1]": ["Names offer.pdf a second time."]}


# Hanging -------------------------------------------------------------------------------------------------------


def test_what_is_free_is_taken_and_a_file_becomes_an_attachment() -> None:
    dead = has(CONTRACT, 7)
    there = found(candidate(OFFER), candidate(dead, CommitmentState.DENIED), candidate(PLAN, is_file=True))
    at = stamp().at
    hangings = hang(named(52, PLAN.file.id, 51), there, onto=21, new_ids=iter([90]), at=at)
    assert hangings == (
        Hanging(has(CONTRACT, 21), had=7),
        Hanging(Attachment(90, PLAN.file, at, 21), had=None, is_new=True),
        Hanging(has(OFFER, 21), had=None),
    )
    assert all(hanging.is_change for hanging in hangings)


def test_what_hangs_there_already_stays() -> None:
    there = found(candidate(has(OFFER, 21), CommitmentState.CREATED))
    kept = hang(named(51), there, onto=21, new_ids=iter([]), at=NOON)
    assert kept == (Hanging(has(OFFER, 21), had=21),)
    assert not kept[0].is_change


@pytest.mark.parametrize("state", CommitmentState)
def test_only_what_a_live_commitment_has_is_in_use(state: CommitmentState) -> None:
    there = found(candidate(has(OFFER, 7), state))
    if state not in LIVE:
        assert hang(named(51), there, onto=21, new_ids=iter([]), at=NOON)[0].had == 7
        return
    with pytest.raises(AttachmentInUse) as refused:
        hang(named(51), there, onto=21, new_ids=iter([]), at=NOON)
    assert refused.value.facts == {"kind": "commitment", "id": 7, "state": state}
    assert "offer.pdf hangs on commitment 7" in refused.value.detail


def test_what_is_no_longer_named_is_let_go() -> None:
    before = [has(OFFER, 21), has(CONTRACT, 21)]
    assert let_go(before, [Hanging(has(CONTRACT, 21), had=21)]) == (Hanging(OFFER, had=21),)


# A file becomes an attachment ------------------------------------------------------------------------------------


def test_a_file_becomes_an_attachment_once() -> None:
    file_id = OFFER.file.id
    made = made_of(file_id, found(candidate(OFFER, is_file=True)), attachment_id=90, at=NOON)
    assert made == Attachment(90, OFFER.file, NOON)
    with pytest.raises(AttachmentExists) as refused:
        made_of(file_id, found(candidate(OFFER)), attachment_id=90, at=NOON)
    assert refused.value.facts == {"kind": "attachment", "id": 51}
    with pytest.raises(Invalid) as missing:
        made_of(file_id, {}, attachment_id=90, at=NOON)
    assert set(missing.value.faults) == {"fileId"}


# Who may read ----------------------------------------------------------------------------------------------------


def may_read(readers: Readers, person: User | None, *, scope: Scope = Scope.OWN, approves: bool = False) -> bool:
    who = caller(person)
    permissions = {Permission.VIEW: scope} | ({Permission.APPROVE: Scope.ALL} if approves else {})
    return readers.include(replace(who, permissions=permissions))


def test_whoever_uploaded_it_may_read_it_and_who_sees_all_and_nobody_else() -> None:
    readers = Readers(frozenset({KEY.id, OWNER.id}))
    assert may_read(readers, None)
    assert may_read(readers, OWNER)
    assert not may_read(readers, SECOND)
    assert not may_read(readers, SECOND, scope=Scope.SUPERVISED, approves=True)
    assert may_read(readers, SECOND, scope=Scope.ALL)


def test_whoever_sees_what_it_hangs_on_may_read_it() -> None:
    readers = Readers(KEY.identities, people=frozenset({OWNER.id}), asked=frozenset({HEAD.id}))
    assert may_read(readers, OWNER)
    assert not may_read(readers, SECOND)
    assert may_read(readers, SECOND, scope=Scope.ALL)
    assert may_read(readers, HEAD, approves=True)
    assert not may_read(readers, HEAD)
    key_alone = User(77, "Key", "", UserKind.KEY)
    assert not readers.include(replace(caller(user=key_alone), permissions={Permission.APPROVE: Scope.ALL}))


def test_what_may_not_be_read_is_not_there() -> None:
    there = found(candidate(OFFER))
    assert readable_by(caller(), there) == there
    assert readable_by(replace(caller(SECOND), permissions={}), there) == {}


# On commitments -----------------------------------------------------------------------------------------------------


def test_a_commitment_has_what_was_hung_on_it_as_far_as_it_goes() -> None:
    dossier = committed(attachments=[OFFER, CONTRACT])
    for after in (dossier, submitted(dossier), denied(submitted(dossier))):
        assert after.commitment is not None
        assert after.commitment.attachments == (has(OFFER, 21), has(CONTRACT, 21))


def test_creating_tells_what_changes_hands() -> None:
    hangings = hung(OFFER, CONTRACT)
    move = drafting.commit(CREATED, draft(), IN_FRANCS, commitment_id=21, by=stamp(), hung=hangings)
    assert move.hangings == hangings


def test_revising_tells_only_what_changes_hands() -> None:
    before = committed(attachments=[OFFER, CONTRACT])
    kept, taken = Hanging(has(CONTRACT, 21), had=21), Hanging(has(PLAN, 21), had=None)
    move = drafting.revise_commitment(before, draft(), IN_FRANCS, by=stamp(), hung=[taken, kept])
    assert move.hangings == (taken, Hanging(OFFER, had=21))
    assert move.after.commitment is not None
    assert move.after.commitment.attachments == (has(PLAN, 21), has(CONTRACT, 21))


# Whatever is named ---------------------------------------------------------------------------------------------------

_STATES: st.SearchStrategy[CommitmentState | None] = st.sampled_from([None, *CommitmentState])


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Candidate], list[Name]]:
    """Files of which some are attachments of this or another commitment; and three of them, by any of their names."""
    candidates = []
    for number in range(51, 57):
        state, is_file = draw(_STATES), draw(st.booleans())
        holder_id = draw(st.sampled_from([21, 22])) if state is CommitmentState.CREATED else 22
        one = has(attachment(number), None if state is None or is_file else holder_id)
        candidates.append(candidate(one, state, is_file=is_file))
    chosen = draw(st.lists(st.sampled_from(candidates), max_size=3, unique_by=lambda each: each.file.id))
    names: list[Name] = [
        each.file.id if each.attachment is None or draw(st.booleans()) else each.attachment.id for each in chosen
    ]
    return candidates, names


def _holders(hangings: Collection[Hanging]) -> dict[int, int | None]:
    return {hanging.attachment.id: hanging.attachment.commitment_id for hanging in hangings}


@given(situations())
def test_whatever_is_named_hangs_on_one_commitment_and_nothing_is_taken_from_a_live_one(
    situation: tuple[list[Candidate], list[Name]],
) -> None:
    candidates, names = situation
    there = found(*candidates)
    before = [each.attachment for each in candidates if each.attachment and each.attachment.commitment_id == 21]
    stolen = [name for name in names if (holder := there[name].holder) and holder.is_live and holder.id != 21]
    try:
        hangings = hang(named(*names), there, onto=21, new_ids=iter(range(90, 99)), at=NOON)
    except AttachmentInUse:
        assert stolen
        return
    assert not stolen
    assert [hanging.attachment.file.id for hanging in hangings] == [there[name].file.id for name in names]
    assert set(_holders(hangings).values()) <= {21}
    dropped = let_go(before, hangings)
    assert set(_holders(dropped).values()) <= {None}
    assert _holders(dropped).keys() & _holders(hangings).keys() == set()
    assert {one.id for one in before} <= _holders(dropped).keys() | _holders(hangings).keys()
