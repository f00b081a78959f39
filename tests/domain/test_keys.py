"""What an API key may be made of, and what it becomes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from emplette.domain.keys import (
    LONGEST_OVERLAP,
    PREFIX,
    ApiKey,
    KeyDraft,
    fault_of_overlap,
    fault_of_secret,
    faults_of_key,
    hash_of_secret,
    secret_from,
    settled,
)
from emplette.domain.people import DEFAULT_PERMISSIONS, User, UserKind

TODAY = date(2025, 4, 14)
DRAFT = KeyDraft("Order form", "it@acme.test")
ZOE = User(36, "Zoe", "Zander")
KEY = ApiKey(
    id=1,
    user_id=1_000_000_001,
    name="Order form",
    contact="it@acme.test",
    permissions=DEFAULT_PERMISSIONS,
    person_id=None,
    auto_approve=True,
    created_status=200,
    expires_on=None,
    revoked_at=None,
    created_at=datetime(2025, 1, 1, tzinfo=UTC),
    last_used_on=None,
)


def faults_of(draft: KeyDraft, person: User | None = None) -> dict[str, list[str]]:
    return faults_of_key(draft, person, today=TODAY).as_dict()


def test_without_stated_permissions_it_gets_the_usual_ones_and_approves_by_itself() -> None:
    made = settled(DRAFT)
    assert (made.permissions, made.auto_approve) == (("purchases:all", "view:all", "manage"), True)


def test_stated_permissions_are_all_that_it_gets() -> None:
    assert settled(replace(DRAFT, permissions=("approve",))).permissions == ("approve",)


@pytest.mark.parametrize("wish", [True, False])
def test_for_a_person_it_never_approves_by_itself(wish: bool) -> None:  # noqa: FBT001
    assert not settled(replace(DRAFT, person_id=36, auto_approve=wish)).auto_approve


def test_a_good_one_has_no_faults() -> None:
    draft = replace(DRAFT, permissions=("view:own", "approve"), person_id=36, created_status=201, expires_on=TODAY)
    assert faults_of(draft, ZOE) == {}


@pytest.mark.parametrize(
    ("draft", "path"),
    [
        (replace(DRAFT, name=" "), "name"),
        (replace(DRAFT, name="a" * 256), "name"),
        (replace(DRAFT, contact=""), "contact"),
        (replace(DRAFT, contact="it at acme"), "contact"),
        (replace(DRAFT, permissions=("fly",)), "permission"),
        (replace(DRAFT, permissions=("purchases",)), "permission"),
        (replace(DRAFT, permissions=("view:own", "view:all")), "permission"),
        (replace(DRAFT, person_id=99), "person"),
        (replace(DRAFT, created_status=204), "createdStatus"),
        (replace(DRAFT, expires_on=date(2025, 4, 13)), "expires"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_is_said_at_its_field(draft: KeyDraft, path: str) -> None:
    assert list(faults_of(draft)) == [path]


def test_a_permission_without_a_scope_may_be_said_twice() -> None:
    assert faults_of(replace(DRAFT, permissions=("manage", "manage"))) == {}


@pytest.mark.parametrize(
    "person",
    [replace(ZOE, left_on=TODAY), replace(ZOE, kind=UserKind.KEY), None],
    ids=["left", "the row of a key", "nobody"],
)
def test_it_acts_for_nobody_but_a_person_who_is_there(person: User | None) -> None:
    assert list(faults_of(replace(DRAFT, person_id=36), person)) == ["person"]


def test_it_is_good_on_its_last_day_and_not_on_the_next() -> None:
    key = replace(KEY, expires_on=TODAY)
    assert key.standing(TODAY) == "active"
    assert key.standing(date(2025, 4, 15)) == "expired"


def test_revoked_says_more_than_expired() -> None:
    assert KEY.standing(TODAY) == "active"
    assert replace(KEY, expires_on=TODAY, revoked_at=KEY.created_at).standing(date(2025, 5, 1)) == "revoked"


@pytest.mark.parametrize("secret", ["x" * 16, "x" * 128, "!~:/?#[]@$&'()*+,"])
def test_a_secret_is_16_to_128_visible_characters(secret: str) -> None:
    assert fault_of_secret(secret) is None


@pytest.mark.parametrize("secret", ["", "x" * 15, "x" * 129, "sixteen chars or", "größer-als-ascii", "x" * 16 + "\n"])
def test_what_no_header_can_carry_is_no_secret(secret: str) -> None:
    assert fault_of_secret(secret) is not None


def test_what_is_kept_of_a_secret_stays_the_same_for_ever() -> None:
    kept = hash_of_secret("a-key-for-the-tutorial").hex()
    assert kept == "109b85f95a95bef0f7e9094e89aa2d95925176c3cc342c070edfe4c94ebbb89a"


@pytest.mark.parametrize("overlap", [timedelta(0), timedelta(hours=1), LONGEST_OVERLAP])
def test_two_secrets_may_be_good_beside_each_other_for_ninety_days(overlap: timedelta) -> None:
    assert fault_of_overlap(overlap) is None


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), LONGEST_OVERLAP + timedelta(seconds=1)])
def test_for_longer_or_in_the_past_they_may_not(overlap: timedelta) -> None:
    assert "90 days at most" in str(fault_of_overlap(overlap))


def test_a_form_leads_to_one_secret_that_looks_like_any_other_and_is_no_other_forms() -> None:
    first, again, other = (secret_from(once) for once in ("one form", "one form", "another"))
    assert first == again != other
    assert first.startswith(PREFIX)
    assert fault_of_secret(first) is None
