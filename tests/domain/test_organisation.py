"""What a company brings along: each entry says what it refers to, by the field that names it."""

from typing import Any

import pytest

from emplette.domain.organisation import Axis, CostFamily, Department, LegalUnit, OwnEstablishment, Person, Section


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (LegalUnit(id=1, name="Group", territory_id="FR"), []),
        (OwnEstablishment(id=1, name="Paris", territory_id="FR", currency="EUR"), []),
        (
            OwnEstablishment(id=1, name="Paris", territory_id="FR", currency="EUR", legal_unit_id=2),
            [("legalUnitId", "legal_units", 2)],
        ),
        (Department(id=14, name="Marketing"), []),
        (
            Department(id=14, name="Marketing", parent_id=10, head_id=36),
            [("parentId", "departments", 10), ("headId", "users", 36)],
        ),
        (Person(id=35, first_name="Olive", last_name="Owner"), []),
        (
            Person(id=35, first_name="O", last_name="O", manager_id=36, department_id=14, establishment_id=1),
            [("managerId", "users", 36), ("departmentId", "departments", 14), ("establishmentId", "establishments", 1)],
        ),
        (CostFamily(id=1, name="General"), []),
        (Axis(id=1, name="Project"), []),
        (Section(id=361, axis_id=1, name="Spring fair", code="FAIR"), [("axisId", "axes", 1)]),
    ],
)
def test_an_entry_names_what_it_refers_to(entry: Any, named: list[tuple[str, str, int]]) -> None:  # noqa: ANN401
    assert [(one.path, one.register, one.id) for one in entry.references()] == named


def test_a_person_is_shown_by_their_whole_name() -> None:
    assert Person(id=35, first_name="Olive", last_name="Owner").name == "Olive Owner"
    assert Person(id=35, first_name="", last_name="Owner").name == "Owner"
