"""What stands in the place of a person, and how their name is found in what others wrote."""

import pytest

from emplette.domain.erasures import Pending, PersonPending, forgetting

ZOE = forgetting(35, (35, 1_000_000_001), first_name="Zoé", last_name="Zander", mail="zoe@example.test", also=["Zuzu"])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Chairs for Zoé Zander.", "Chairs for Erased person 35."),
        ("zoe  ZANDER's chairs", "Erased person 35's chairs"),
        ("Zander, Zoé and Zander Zoé", "Erased person 35 and Erased person 35"),
        ("Write to Zoe@Example.test, or zuzu", "Write to erased-person-35@erased.invalid, or Erased person 35"),
        ("Zoé alone, Zanders, azoé zander; zoe@example.testing", None),
    ],
)
def test_the_whole_name_is_found_however_it_is_written(text: str, left: str | None) -> None:
    assert ZOE.clean(text) == (text if left is None else left)


def test_every_text_in_json_is_cleaned() -> None:
    told = {"a": ["Zoé Zander", 1, None, {"b": "zuzu"}], "c": True}
    assert ZOE.cleaned(told) == {"a": ["Erased person 35", 1, None, {"b": "Erased person 35"}], "c": True}


def test_who_has_one_name_is_found_by_it_unless_it_is_too_short() -> None:
    assert forgetting(1, (1,), first_name="Madonna", last_name="", mail=None).clean("a madonna") == "a Erased person 1"
    assert forgetting(1, (1,), first_name="", last_name="Xi", mail=None).clean("Xi") == "Xi"


def test_who_was_erased_before_has_no_name_to_be_found_by() -> None:
    again = forgetting(35, (35,), first_name=ZOE.first_name, last_name=ZOE.last_name, mail=None)
    assert (again.names, again.mails, again.pattern) == ((), (), "")
    assert again.clean("Erased person 35") == "Erased person 35"


def test_it_is_said_what_waits() -> None:
    Pending().refuse()
    with pytest.raises(PersonPending, match=r"request 7 waits for their decision; step 'Head' of the policy in force"):
        Pending((7,), ("Head",)).refuse()
