"""The files of the demo company hold together, and JSON is shown so that people can read it."""

import json
from decimal import Decimal
from typing import Any

import pytest

from emplette.cli.demo_company.guide import read_guide
from emplette.cli.demo_company.loading import file
from emplette.cli.demo_company.purchases import read_purchases
from emplette.cli.demo_company.showing import in_short, whole
from emplette.domain.territories import find_territory
from emplette.formats.organisation import read_organisation
from emplette.formats.policies import read_document, read_policy
from tests.fixtures.guide import ONE_TIME, PURCHASE

COMPANY = read_organisation(file("company.yaml"))
PURCHASES = read_purchases(file("purchases.yaml"))


def test_the_guides_ids_are_what_the_guide_says() -> None:
    assert {35, 36} <= {person.id for person in COMPANY.people if person.left_on is None}
    assert [one.name for one in COMPANY.suppliers if one.id == 6] == ["Amazon"]
    assert {14} <= {one.id for one in COMPANY.departments}
    assert {1} <= {one.id for one in COMPANY.establishments}
    assert {1} <= {one.id for one in COMPANY.natures if one.is_active}
    assert {3} <= {one.id for one in COMPANY.cost_centers if one.is_active}
    assert {361} <= {one.id for one in COMPANY.axis_sections if one.is_active}
    policy = read_policy(read_document(file("policy.yaml")))
    assert policy.otherwise is not None
    assert [[asked.user_id for asked in step.asks] for step in policy.otherwise.steps] == [[36]]
    assert policy.rules == ()


def test_there_is_some_life_besides() -> None:
    assert len(COMPANY.people) >= 25
    assert len(COMPANY.suppliers) >= 40
    assert len(COMPANY.natures) >= 12
    assert len(COMPANY.cost_centers) >= 12
    assert any(person.left_on for person in COMPANY.people)
    retired = (COMPANY.natures, COMPANY.cost_centers, COMPANY.suppliers, COMPANY.axis_sections, COMPANY.establishments)
    assert all(any(not one.is_active for one in kind) for kind in retired)
    assert {one.currency for one in COMPANY.establishments} == {"EUR", "CHF"}


def test_every_supplier_is_somewhere() -> None:
    assert [one for one in COMPANY.suppliers if find_territory(one.territory_id) is None] == []


def test_what_has_been_bought_has_time_for_all_that_became_of_it() -> None:
    assert [one.title for one in PURCHASES if len(one.steps()) > one.days_ago + 1] == []
    assert len({one.title for one in PURCHASES}) == len(PURCHASES)


def test_the_calls_are_those_of_the_guide() -> None:
    purchase, _, commitment, request, _ = read_guide(file("guide.yaml"))
    assert purchase.body == PURCHASE
    assert commitment.body == {"purchaseId": "{purchaseId}"} | ONE_TIME
    assert request.body is None


# JSON for people ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [{}, [], {"a": []}, [1, 2], "text", None, {"naïve": "ä\n"}])
def test_what_fits_on_a_line_stands_on_one(value: Any) -> None:  # noqa: ANN401  JSON
    assert whole(value) == json.dumps(value, ensure_ascii=False)


def test_the_whole_can_be_read_back() -> None:
    value = {"title": "x" * 90, "lines": [{"number": number, "text": "y" * 40} for number in range(3)], "empty": {}}
    assert json.loads(whole(value)) == value
    assert max(len(line) for line in whole(value["lines"]).splitlines()) <= 94


def test_amounts_are_shown_as_they_came() -> None:
    assert whole({"value": Decimal("120.00"), "rate": Decimal("0.0000001")}) == '{"value": 120.00, "rate": 0.0000001}'


def test_an_answer_has_a_line_for_each_member_and_marks_what_is_left_out() -> None:
    answer = {"id": 1, "owner": {"id": 35, "href": "/users/35", "name": "n" * 90}, "parts": [{"text": "y" * 99}, 2]}
    assert in_short(answer).splitlines() == [
        "{",
        '  "id": 1,',
        '  "owner": {"id": 35, "href": "/users/35", …},',
        '  "parts": [{…}, …]',
        "}",
    ]


def test_a_long_text_is_cut_within_its_quotes() -> None:
    (_, line, _) = in_short({"comment": "z" * 200}).splitlines()
    assert line.endswith('z…"')
    assert len(line) <= 94


def test_an_answer_that_is_no_object_is_shown_too() -> None:
    assert in_short([]) == "[]"
    assert in_short([{"id": 1}, {"id": 2}]) == '[\n  {"id": 1},\n  {"id": 2}\n]'
