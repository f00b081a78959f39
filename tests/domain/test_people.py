"""People, the keys that act for them, and whose purchases a permission reaches."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from emplette.domain.people import (
    DEFAULT_PERMISSIONS,
    SCOPED,
    Circle,
    Permission,
    PermissionUnknown,
    Principal,
    Scope,
    Tenant,
    User,
    Visible,
    parse_permissions,
)
from tests.fixtures.dossiers import HEAD, KEY, KEY_OF_HEAD, OWNER, SECOND, STRANGER, caller

PURCHASES, VIEW = Permission.PURCHASES, Permission.VIEW


def key_with(permissions: Mapping[Permission, Scope], person: User | None = HEAD) -> Principal:
    return replace(caller(person, supervised=frozenset({OWNER.id})), permissions=permissions)


@pytest.mark.parametrize(
    ("first", "last", "begins", "ends"),
    [
        (None, None, None, None),
        (date(2025, 3, 30), None, datetime(2025, 3, 29, 23, tzinfo=UTC), None),
        (None, date(2025, 3, 30), None, datetime(2025, 3, 30, 22, tzinfo=UTC)),
        (date.min, date.max, None, None),
    ],
)
def test_days_lie_where_the_company_is(
    first: date | None, last: date | None, begins: datetime | None, ends: datetime | None
) -> None:
    paris = Tenant(1, "acme", "Acme", ZoneInfo("Europe/Paris"), "EUR", "FR")
    assert paris.moments_of(first, last) == (begins, ends)


def test_a_name_is_shown_whole() -> None:
    assert OWNER.name == "Olive Owner"
    assert KEY.name == "Key"


def test_a_key_of_a_person_is_that_person_too() -> None:
    assert KEY.identities == {1001}
    assert KEY_OF_HEAD.identities == {1002, 36}


def test_who_leaves_is_there_until_the_day_before() -> None:
    leaver = replace(OWNER, left_on=date(2025, 4, 14))
    assert leaver.is_active(date(2025, 4, 13))
    assert not leaver.is_active(date(2025, 4, 14))
    assert OWNER.is_active(date.max)


@pytest.mark.parametrize(
    ("zone", "today"),
    [("Europe/Paris", date(2025, 4, 15)), ("UTC", date(2025, 4, 14)), ("Pacific/Noumea", date(2025, 4, 15))],
)
def test_today_is_the_day_where_the_company_is(zone: str, today: date) -> None:
    company = Tenant(1, "example", "Example", ZoneInfo(zone), "EUR", "FR")
    assert company.today(datetime(2025, 4, 14, 22, 30, tzinfo=UTC)) == today


@pytest.mark.parametrize(
    ("scope", "people", "reached"),
    [
        (Scope.OWN, {HEAD.id}, True),
        (Scope.OWN, {1036}, True),
        (Scope.OWN, {OWNER.id}, False),
        (Scope.SUPERVISED, {OWNER.id}, True),
        (Scope.SUPERVISED, {HEAD.id}, True),
        (Scope.SUPERVISED, {SECOND.id}, False),
        (Scope.ALL, {STRANGER.id}, True),
        (Scope.ALL, set[int](), True),
    ],
)
def test_a_permission_reaches_as_far_as_its_scope(scope: Scope, people: set[int], reached: bool) -> None:  # noqa: FBT001
    who = key_with({PURCHASES: scope})
    assert who.reaches(PURCHASES, people) is reached
    assert not who.reaches(VIEW, people)


def test_a_circle_reaches_beyond_the_scope_people_and_what_is_charged_to_a_cost_center() -> None:
    circle = Circle(frozenset({SECOND.id})) | Circle(cost_centers=frozenset({3}))
    who = replace(key_with({PURCHASES: Scope.OWN}), circles={PURCHASES: circle})
    assert who.reaches(PURCHASES, {HEAD.id})
    assert who.reaches(PURCHASES, {SECOND.id})
    assert who.reaches(PURCHASES, {STRANGER.id}, 3)
    assert not who.reaches(PURCHASES, {STRANGER.id}, 4)
    assert not who.reaches(PURCHASES, {STRANGER.id})
    assert who.visible == Visible(frozenset({1036, HEAD.id, SECOND.id}), None, frozenset({3}))


@pytest.mark.parametrize(
    ("held", "follows"),
    [
        ({Permission.CONFIGURE: Scope.ALL}, True),
        ({VIEW: Scope.ALL}, True),
        ({VIEW: Scope.SUPERVISED}, False),
        ({PURCHASES: Scope.ALL, Permission.MANAGE: Scope.ALL}, False),
    ],
)
def test_all_that_happens_is_read_by_who_configures_or_views_everything(
    held: Mapping[Permission, Scope],
    follows: bool,  # noqa: FBT001
) -> None:
    assert key_with(held).follows is follows


def test_a_key_of_nobody_owns_what_it_wrote_itself() -> None:
    who = key_with({PURCHASES: Scope.OWN}, person=None)
    assert who.reaches(PURCHASES, {KEY.id, OWNER.id})
    assert not who.reaches(PURCHASES, {HEAD.id, OWNER.id})


def test_what_one_may_act_on_may_be_seen() -> None:
    assert key_with({PURCHASES: Scope.OWN}).sees({HEAD.id})
    assert key_with({VIEW: Scope.OWN}).sees({HEAD.id})
    assert not key_with({PURCHASES: Scope.OWN, VIEW: Scope.OWN}).sees({SECOND.id})
    assert not key_with({Permission.APPROVE: Scope.ALL}).sees({HEAD.id})


@pytest.mark.parametrize(("one", "other"), list(product([*Scope, None], repeat=2)))
def test_of_viewing_and_acting_the_wider_says_what_may_be_listed(one: Scope | None, other: Scope | None) -> None:
    held = {PURCHASES: one, VIEW: other, Permission.MANAGE: Scope.ALL}
    who = key_with({permission: scope for permission, scope in held.items() if scope is not None})
    mine = frozenset({1036, HEAD.id})
    listed = {Scope.OWN: mine, Scope.SUPERVISED: mine | {OWNER.id}, None: frozenset[int]()}
    widest = max((one, other), key=[None, *Scope].index)
    assert who.visible == (None if widest is Scope.ALL else Visible(listed[widest], asked_id=None))


def test_who_approves_may_list_what_they_are_asked_about_and_a_key_of_nobody_is_never_asked() -> None:
    approving = {Permission.APPROVE: Scope.ALL}
    assert key_with(approving).visible == Visible(frozenset(), asked_id=HEAD.id)
    assert key_with(approving, person=None).visible == Visible(frozenset(), asked_id=None)


def test_who_stands_in_for_somebody_is_asked_in_their_place() -> None:
    who = replace(key_with({Permission.APPROVE: Scope.ALL}), stands_in_for=frozenset({SECOND.id}))
    assert who.is_asked({HEAD.id})
    assert who.is_asked({SECOND.id})
    assert not who.is_asked({STRANGER.id})
    assert who.visible is not None
    assert who.visible.asked == {HEAD.id, SECOND.id}
    assert Visible(frozenset(), None, stands_in_for=frozenset({SECOND.id})).asked == frozenset()


def test_who_may_not_approve_is_never_asked() -> None:
    assert not key_with({VIEW: Scope.ALL}).is_asked({HEAD.id})
    assert not key_with({Permission.APPROVE: Scope.ALL}, person=None).is_asked({HEAD.id})


def test_a_person_who_has_signed_in_has_no_key() -> None:
    assert key_with({}).api_key_id == 7
    assert replace(key_with({}), key_id=-1).api_key_id is None


def test_the_clock_of_a_company_may_be_ahead_of_the_worlds() -> None:
    company = Tenant(1, "example", "Example", ZoneInfo("UTC"), "EUR", "FR", ahead=timedelta(days=2))
    now = datetime(2025, 4, 14, 22, 30, tzinfo=UTC)
    assert company.now(now) == now + timedelta(days=2)


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_is_read_as_it_is_written(permission: Permission) -> None:
    if permission in SCOPED:
        for scope in Scope:
            assert parse_permissions([f"{permission}:{scope}"]) == {permission: scope}
    else:
        assert parse_permissions([permission]) == {permission: Scope.ALL}


def test_a_new_key_acts_on_all_purchases_sees_all_and_manages() -> None:
    assert parse_permissions(DEFAULT_PERMISSIONS) == {
        PURCHASES: Scope.ALL,
        VIEW: Scope.ALL,
        Permission.MANAGE: Scope.ALL,
    }


@pytest.mark.parametrize(
    "text", ["", "purchases", "purchases:", "purchases:mine", "approve:all", "fly", ":all", "View:all"]
)
def test_what_is_no_permission_is_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(PermissionUnknown) as refused:
        parse_permissions(["manage", text])
    assert repr(text) in refused.value.detail
    assert "purchases:own|supervised|all" in refused.value.detail
