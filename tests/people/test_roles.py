"""What roles reach: what somebody may see one by one is what their lists show, and nothing else."""

from collections.abc import Sequence
from datetime import UTC, datetime

import httpx2
import pytest
import pytest_asyncio

from emplette.domain.errors import Invalid
from emplette.domain.people import Permission, Principal, Scope, Tenant
from emplette.domain.purchases import PurchaseNotFound
from emplette.domain.roles import Role, RoleHeld
from emplette.services import purchases, roles
from emplette.services.commands import NotYours, may_act
from emplette.services.roles import RoleDraft
from emplette.services.work import Shelf, Work
from emplette.storage import people, sign_in
from emplette.storage.database import Database
from emplette.storage.lists import Filters, Slice
from tests.fixtures.companies import Company
from tests.fixtures.guide import PURCHASE, make_purchase

# Who owns each purchase, and what it is charged to. 37 heads the department 10, which is above 14 and 20; 39 has 37 as
# manager and is in 20; 40 is in 30, which is beside.
PURCHASES = {"of 35": (35, 3), "of 39": (39, 3), "of 40": (40, 5), "of 36 on 5": (36, 5)}
_SETTING = """
INSERT INTO departments (tenant_id, department_id, name, parent_id) VALUES
    ($t, 20, 'Sales', 10), ($t, 30, 'Apart', NULL);
UPDATE departments SET head_id = 37 WHERE tenant_id = $t AND department_id = 10;
UPDATE users SET department_id = 20 WHERE tenant_id = $t AND user_id = 39;
INSERT INTO users (tenant_id, user_id, first_name, last_name, department_id, establishment_id)
    VALUES ($t, 40, 'Ada', 'Apart', 30, 1);
INSERT INTO cost_centers (tenant_id, cost_center_id, name, code) VALUES ($t, 5, 'Fair', 'FAIR');
"""


@pytest_asyncio.fixture
async def tenant(company: Company, client: httpx2.AsyncClient, database: Database) -> Tenant:
    """Have some people buy something."""
    await company.owner.execute(_SETTING.replace("$t", str(company.tenant_id)))
    for title, (owner_id, cost_center_id) in PURCHASES.items():
        await make_purchase(client, **PURCHASE | {"title": title, "ownerId": owner_id, "costCenterId": cost_center_id})
    found = await people.tenant_of_host(database.session(), company.host)
    assert found is not None
    return found


async def work_of(database: Database, tenant: Tenant, user_id: int) -> Work:
    db = database.session()
    user = (await people.by_id(db, tenant.id, [user_id]))[user_id]
    return Work(tenant, await sign_in.principal(db, tenant.id, user), datetime.now(UTC), db, Shelf())


async def give(database: Database, tenant: Tenant, *drafts: RoleDraft) -> None:
    work = await work_of(database, tenant, 36)
    for draft in drafts:
        await roles.grant_role(work, draft)


async def seen(work: Work, asked: Sequence[int]) -> set[str]:
    """Look at each purchase by itself."""
    found = set()
    for purchase_id in asked:
        try:
            found.add((await purchases.read_purchase(work, purchase_id)).purchase.title)
        except PurchaseNotFound:
            continue
    return found


@pytest.mark.parametrize(
    ("user_id", "drafts", "expected"),
    [
        (35, (), {"of 35"}),
        (37, (), set()),
        (37, ((Role.SUPERVISOR, None, None),), {"of 35", "of 39", "of 36 on 5"}),
        (36, ((Role.SUPERVISOR, None, None),), {"of 35", "of 36 on 5"}),
        (40, ((Role.VIEWER, 14, None),), {"of 40", "of 35", "of 36 on 5"}),
        (40, ((Role.VIEWER, 10, None),), {"of 40", "of 35", "of 39", "of 36 on 5"}),
        (35, ((Role.VIEWER, None, 5),), {"of 35", "of 40", "of 36 on 5"}),
        (35, ((Role.VIEWER, None, 5), (Role.PURCHASER, 20, None)), {"of 35", "of 40", "of 36 on 5", "of 39"}),
        (35, ((Role.VIEWER, None, None),), set(PURCHASES)),
        (35, ((Role.ACCOUNTANT, None, None),), set(PURCHASES)),
        (35, ((Role.APPROVER, 10, None),), {"of 35"}),
    ],
)
async def test_lists_show_exactly_what_may_be_looked_at(
    tenant: Tenant,
    database: Database,
    user_id: int,
    drafts: tuple[tuple[Role, int | None, int | None], ...],
    expected: set[str],
) -> None:
    await give(database, tenant, *(RoleDraft(user_id, *draft) for draft in drafts))
    work = await work_of(database, tenant, user_id)
    page = await purchases.list_purchases(work, Filters(), Slice(100))
    assert {one.purchase.title for one in page.items} == expected
    rows = await database.session().fetch("SELECT purchase_id FROM purchases WHERE tenant_id = $1", tenant.id)
    assert await seen(work, [row["purchase_id"] for row in rows]) == expected


async def test_a_viewer_sees_and_does_not_act_where_a_purchaser_does(tenant: Tenant, database: Database) -> None:
    await give(database, tenant, RoleDraft(40, Role.VIEWER, 14), RoleDraft(40, Role.PURCHASER, None, 5))
    work = await work_of(database, tenant, 40)
    page = await purchases.list_purchases(work, Filters(), Slice(100))
    dossiers = {one.purchase.title: one for one in page.items}
    may_act(work, dossiers["of 36 on 5"])
    with pytest.raises(NotYours):
        may_act(work, dossiers["of 35"])


async def rights(database: Database, tenant: Tenant, user_id: int) -> Principal:
    return (await work_of(database, tenant, user_id)).who


async def test_everybody_may_ask_see_their_own_and_decide_what_they_are_asked(
    tenant: Tenant, database: Database
) -> None:
    who = await rights(database, tenant, 35)
    assert who.permissions == {
        Permission.PURCHASES: Scope.OWN,
        Permission.VIEW: Scope.OWN,
        Permission.APPROVE: Scope.ALL,
    }
    assert (who.api_key_id, who.auto_approve, who.person, who.user.id) == (None, False, who.user, 35)


async def test_a_role_that_ended_allows_nothing_and_both_are_told(
    tenant: Tenant, database: Database, company: Company
) -> None:
    await give(database, tenant, RoleDraft(36, Role.ADMINISTRATOR))
    work = await work_of(database, tenant, 36)
    given = await roles.grant_role(work, RoleDraft(35, Role.ADMINISTRATOR))
    assert Permission.CONFIGURE in (await rights(database, tenant, 35)).permissions
    with pytest.raises(RoleHeld):
        await roles.grant_role(work, RoleDraft(35, Role.ADMINISTRATOR))
    await roles.end_role(work, given.entry.id)
    await roles.end_role(work, given.entry.id)
    assert Permission.CONFIGURE not in (await rights(database, tenant, 35)).permissions
    told = await company.owner.fetch(
        "SELECT type, actor_id FROM events WHERE tenant_id = $1 AND object_type = 'role_grant' ORDER BY event_id",
        tenant.id,
    )
    assert [tuple(row) for row in told[1:]] == [("role_grant.created", 36), ("role_grant.ended", 36)]
    await roles.grant_role(work, RoleDraft(35, Role.ADMINISTRATOR))


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (RoleDraft(9999, Role.VIEWER), "userId"),
        (RoleDraft(38, Role.VIEWER), "userId"),
        (RoleDraft(35, Role.VIEWER, 9999), "departmentId"),
        (RoleDraft(35, Role.VIEWER, None, 9999), "costCenterId"),
        (RoleDraft(35, Role.VIEWER, 14, 3), "costCenterId"),
        (RoleDraft(35, Role.ADMINISTRATOR, 14), "role"),
        (RoleDraft(35, Role.SUPERVISOR, None, 3), "role"),
    ],
)
async def test_a_role_that_makes_no_sense_is_not_given(
    tenant: Tenant, database: Database, draft: RoleDraft, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await roles.grant_role(await work_of(database, tenant, 36), draft)
    assert field in refused.value.faults
