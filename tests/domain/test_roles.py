"""Roles: what each adds to what everybody may, and how far."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from emplette.domain.errors import Faults
from emplette.domain.people import Circle, Permission, Scope
from emplette.domain.registers import Known, Reference
from emplette.domain.roles import (
    EVERYBODY,
    GRANTED,
    IN_PARTS,
    Held,
    LastAdministrator,
    OwnAdministration,
    Role,
    RoleGrant,
    leaves_nobody,
    note_faults,
    rights_of,
    signed_in,
    who_stay,
)
from tests.fixtures.dossiers import HEAD, KEY_OF_HEAD, OWNER

GRANT = RoleGrant(id=81, user_id=35, role=Role.VIEWER, granted_at=datetime(2025, 4, 14, tzinfo=UTC))
TEAM, MARKETING = Circle(people=frozenset({36, 37})), Circle(cost_centers=frozenset({3}))
VIEW, PURCHASES, APPROVE = Permission.VIEW, Permission.PURCHASES, Permission.APPROVE


def test_who_has_no_role_may_what_everybody_may() -> None:
    rights = rights_of([])
    assert (rights.permissions, rights.circles) == (EVERYBODY, {})


@pytest.mark.parametrize("role", Role)
def test_a_role_for_the_whole_company_adds_what_it_grants_and_takes_nothing(role: Role) -> None:
    rights = rights_of([Held(role)])
    assert set(rights.permissions) == set(EVERYBODY) | set(GRANTED[role])
    assert {permission: rights.permissions[permission] for permission in GRANTED[role]} == GRANTED[role]
    assert rights.circles == {}


@pytest.mark.parametrize(
    "held",
    [(Held(Role.SUPERVISOR), Held(Role.VIEWER)), (Held(Role.VIEWER), Held(Role.SUPERVISOR))],
    ids=["the wider one last", "the wider one first"],
)
def test_of_two_roles_the_wider_one_counts(held: Collection[Held]) -> None:
    assert rights_of(held).permissions == {VIEW: Scope.ALL, PURCHASES: Scope.SUPERVISED, APPROVE: Scope.ALL}


def test_a_role_for_a_part_reaches_that_part_beyond_what_is_ones_own() -> None:
    rights = rights_of([Held(Role.PURCHASER, TEAM)])
    assert rights.permissions == EVERYBODY
    assert rights.circles == {VIEW: TEAM, PURCHASES: TEAM}


def test_the_parts_of_several_roles_are_added_up() -> None:
    rights = rights_of([Held(Role.VIEWER, TEAM), Held(Role.PURCHASER, MARKETING)])
    assert rights.circles == {VIEW: TEAM | MARKETING, PURCHASES: MARKETING}


def test_who_approves_decides_whatever_the_policy_asks_them_for() -> None:
    rights = rights_of([Held(Role.APPROVER, TEAM)])
    assert (rights.permissions[APPROVE], rights.circles) == (Scope.ALL, {})


def test_a_role_refers_to_whom_it_was_given_and_what_for() -> None:
    assert GRANT.references() == [Reference("userId", "users", 35)]
    assert replace(GRANT, department_id=14).references()[1:] == [Reference("departmentId", "departments", 14)]
    assert replace(GRANT, cost_center_id=3).references()[1:] == [Reference("costCenterId", "cost_centers", 3)]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("part", ["department_id", "cost_center_id"])
def test_some_roles_can_be_given_for_a_part_and_others_only_whole(role: Role, part: str) -> None:
    grant = replace(GRANT, role=role, department_id=1 if part == "department_id" else None)
    grant = replace(grant, cost_center_id=1 if part == "cost_center_id" else None)
    faults = Faults()
    note_faults(grant, faults)
    assert set(faults.as_dict()) == (set() if role in IN_PARTS else {"role"})


def test_a_role_reaches_a_department_or_a_cost_center_and_not_both() -> None:
    faults = Faults()
    note_faults(replace(GRANT, department_id=1, cost_center_id=1), faults)
    assert set(faults.as_dict()) == {"costCenterId"}


@pytest.mark.parametrize("role", Role)
def test_every_role_can_be_given_for_the_whole_company(role: Role) -> None:
    faults = Faults()
    note_faults(replace(GRANT, role=role), faults)
    assert not faults


LATER = datetime(2025, 5, 1, tzinfo=UTC)
ADMINISTRATION = replace(GRANT, role=Role.ADMINISTRATOR)


def test_a_role_ends_once() -> None:
    ended = GRANT.ended(LATER, OWNER, [])
    assert (ended.ended_at, ended.version) == (LATER, GRANT.version + 1)
    assert ended.ended(datetime(2025, 6, 1, tzinfo=UTC), OWNER, []) == ended


def test_nobody_ends_their_own_administration_but_others_do() -> None:
    with pytest.raises(OwnAdministration):
        ADMINISTRATION.ended(LATER, OWNER, [OWNER.id, HEAD.id])
    with pytest.raises(OwnAdministration):
        replace(ADMINISTRATION, user_id=HEAD.id).ended(LATER, KEY_OF_HEAD, [OWNER.id, HEAD.id])
    assert ADMINISTRATION.ended(LATER, HEAD, [OWNER.id, HEAD.id]).ended_at == LATER


def test_the_last_administrator_who_stays_keeps_the_role_and_any_other() -> None:
    with pytest.raises(LastAdministrator):
        ADMINISTRATION.ended(LATER, HEAD, [OWNER.id])
    assert GRANT.ended(LATER, HEAD, [OWNER.id]).ended_at == LATER
    assert ADMINISTRATION.ended(LATER, HEAD, [HEAD.id]).ended_at == LATER


@pytest.mark.parametrize(
    ("going", "administrators", "nobody"),
    [([35], [35], True), ([35, 36, 40], [36, 35], True), ([35], [35, 36], False), ([35], [], False), ([], [35], False)],
)
def test_whether_anybody_is_left_to_administrate(going: list[int], administrators: list[int], nobody: bool) -> None:  # noqa: FBT001  a case
    assert leaves_nobody(going, administrators) is nobody


def test_who_is_about_to_leave_does_not_stay() -> None:
    leaver = replace(HEAD, left_on=LATER.date())
    held = [ADMINISTRATION, replace(ADMINISTRATION, user_id=HEAD.id), replace(GRANT, user_id=37)]
    users = {OWNER.id: OWNER, HEAD.id: HEAD, 37: OWNER}
    assert who_stay(held, Known(users)) == {OWNER.id, HEAD.id}
    assert who_stay(held, Known(users | {HEAD.id: leaver})) == {OWNER.id}
    assert who_stay([replace(ADMINISTRATION, ended_at=LATER)], Known(users)) == set()


def test_who_has_signed_in_acts_without_a_key_and_never_approves_by_themselves() -> None:
    who = signed_in(HEAD, [Held(Role.PURCHASER, TEAM)], supervised=frozenset({35}), stands_in_for=frozenset({37}))
    assert (who.user, who.person, who.api_key_id, who.auto_approve) == (HEAD, HEAD, None, False)
    assert (sorted(who.supervised), sorted(who.stands_in_for), who.circles[PURCHASES]) == ([35], [37], TEAM)
