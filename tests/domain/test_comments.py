"""What people say about purchases: whom a text names, and what a comment can't be."""

from datetime import UTC, datetime

import pytest

from emplette.domain.comments import MOST_MENTIONED, Comment, named_in, note_faults
from emplette.domain.errors import Faults
from emplette.domain.people import User

OLIVE, ALMA, ALMA_TOO = User(35, "Olive", "O'Hara"), User(36, "Alma", "Approver"), User(37, "Alma", "Zoé")
PEOPLE = (OLIVE, ALMA, ALMA_TOO, User(38, "", "Nameless"))


def comment(text: str = "Fine", *mentioned: int) -> Comment:
    at = datetime(2026, 11, 22, 5, tzinfo=UTC)
    return Comment(id=1, purchase_id=7, author_id=35, written_at=at, text=text, mentioned_ids=mentioned)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("@Olive what do you think?", (35,)),
        ("(@olive o'hara) and @ALMA  approver, and @Olive again", (35, 36)),
        ("@Alma Zoe said so", (37,)),
        ("Write to alma@example.test or x.@Olive, or just @ nobody", ()),
        ("@Nameless", (38,)),
        ("Nobody at all", ()),
    ],
)
def test_a_text_names_people_by_their_whole_name_or_a_first_name_that_is_one_persons(
    text: str, ids: tuple[int, ...]
) -> None:
    assert named_in(text, PEOPLE).ids == ids
    assert named_in(text, PEOPLE).unknown == ()


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("@Noa, and @Noa", ("@Noa",)),
        ("@Alma", ("@Alma",)),
        ("@Alma Approvers", ("@Alma",)),
        ("@Olivera", ("@Olivera",)),
    ],
)
def test_a_name_that_is_nobodys_or_that_of_several_is_told(text: str, unknown: tuple[str, ...]) -> None:
    named = named_in(text, PEOPLE)
    assert (named.ids, named.unknown) == ((), unknown)


def test_a_comment_says_something_to_people_who_may_see_the_purchase() -> None:
    faults = Faults()
    note_faults(comment("Fine", 35, 36), faults, seers={35, 36})
    assert not faults
    note_faults(comment(" ", 35, 40), faults, seers={35, 36})
    assert faults.as_dict() == {
        "text": ["Must not be empty."],
        "mentionedIds[1]": ["There is no person 40 who may see this purchase."],
    }


def test_a_comment_mentions_no_crowd() -> None:
    faults, crowd = Faults(), range(1, MOST_MENTIONED + 2)
    note_faults(comment("All of you", *crowd), faults, seers=crowd)
    assert faults.as_dict() == {"mentionedIds": [f"At most {MOST_MENTIONED} people can be mentioned."]}


def test_a_comment_refers_to_who_said_it_and_whom_it_mentions() -> None:
    assert [(one.path, one.id) for one in comment("Fine", 36).references()] == [("$", 35), ("mentionedIds[0]", 36)]
