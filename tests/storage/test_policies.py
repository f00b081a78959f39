"""What is asked of policies as they are kept."""

from emplette.domain.conditions import Field
from emplette.storage import erasures, policies
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.policies import put_in_force

RULES = """
rules:
  - {name: R, when: {amount: {over: 35}}, steps: [{name: Finance, atLeast: 2, of: [{user: 37}, {holdersOf: pay}, 36]}]}
otherwise: {steps: [{name: Head, any: manager, goesUpTo: 37}]}
"""


async def test_every_step_that_asks_somebody_is_found_wherever_it_stands(company: Company, database: Database) -> None:
    await put_in_force(company, RULES)
    db = database.session()
    found = {person: (await erasures.pending(db, company.tenant_id, person)).steps for person in (35, 36, 37)}
    assert found == {35: (), 36: ("Finance",), 37: ("Finance", "Head")}


async def test_what_is_named_and_not_there_is_found(company: Company, database: Database) -> None:
    there = {
        Field.NATURE: [1],
        Field.COST_FAMILY: [1],
        Field.ESTABLISHMENT: [1],
        Field.SUPPLIER: [6],
        Field.AXIS_SECTION: [361],
    }
    named = {looked_at: [*ids, 9_999] for looked_at, ids in there.items()}
    found = await policies.unknown_places(database.session(), company.tenant_id, named)
    assert found == {looked_at: {9_999} for looked_at in there}
    assert not any((await policies.unknown_places(database.session(), company.tenant_id, {})).values())
