"""What people complained about when somebody comes or goes: one table, and everything that hangs on it follows."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.fixtures.guide import API
from tests.fixtures.offices import Office
from tests.fixtures.pages import visiting
from tests.fixtures.policies import put_in_force
from tests.fixtures.visitors import send
from tests.runtime.servers import EMPLETTE, Server

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
TABLE = f"""id;firstName;lastName;mail;managerId;leftOn
36;Alma;Approver;;;{YESTERDAY}
50;Nina;New;nina@example.test;;
35;Olive;Owner;;50;
"""
PASSWORD = "a kettle under two moons"


async def type_command(running: Server, *words: str, piped: str = "") -> str:
    """Type a command beside the running server, and have it succeed; answer what it printed."""
    pipe = asyncio.subprocess.PIPE
    typed = await asyncio.create_subprocess_exec(
        *EMPLETTE, *words, stdin=pipe, stdout=pipe, stderr=pipe, env=running.environment
    )
    out, err = await typed.communicate(piped.encode())
    assert typed.returncode == 0, err.decode()
    return out.decode().strip()


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds."""
    for _ in range(600):
        if await holds():
            return
        await asyncio.sleep(0.1)
    pytest.fail("It did not come to hold within a minute.")


@pytest.mark.long
async def test_complaint_43_who_leaves_by_a_table_is_out_and_what_waited_goes_to_who_came(
    office: Office, running: Server
) -> None:
    """See github.com/ServiceNowDevProgram/example-instancescan-checks/pull/158."""
    company = office.company
    account = company.host.removesuffix(".test")
    await put_in_force(company, "steps: [{name: Manager, any: [manager]}]")
    request = (await office.ask(35)).json()
    assert request["assignee"]["id"] == 36
    caller, place = await office.of(35), f"{API}/requests/{request['id']}"
    async with await visiting(company, 36) as gone:
        assert (await gone.see(f"/approvals/{request['id']}")).status == 200
        gone_by_key = await office.of(36)

        await type_command(running, "user", "import", "-", "--tenant", account, piped=TABLE)
        link = await type_command(running, "user", "invite", "50", "--tenant", account)

        async def is_out() -> bool:
            told = [(await gone.see("/")).status, (await gone_by_key.get(place)).status_code]
            return told == [303, 401]

        async def has_moved() -> bool:
            shown = (await caller.get(place)).json()
            return [one["user"]["id"] for one in shown["waitsFor"]] == [50]

        await until(is_out)
        await until(has_moved)
        assert (await gone.post(f"/approvals/{request['id']}/approval", {})).headers["location"].startswith("/sign-in")

    async with company.open(headers={"accept-language": "en"}) as nina:
        path = link.removeprefix(f"https://{company.host}")
        assert (await send(nina, path, password=PASSWORD, again=PASSWORD)).headers["location"] == "/"
        page = await nina.get("/approvals")
        assert "Purchase entry test" in page.text
        shown = await nina.get(f"/approvals/{request['id']}")
        assert "manager of the purchase" in shown.text
    types = await company.owner.fetch(
        "SELECT type FROM events WHERE tenant_id = $1 AND type IN ('user.left', 'request.approver_replaced')",
        company.tenant_id,
    )
    assert sorted(row["type"] for row in types) == ["request.approver_replaced", "user.left"]
