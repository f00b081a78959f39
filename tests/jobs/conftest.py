"""What the tests of the job worker share."""

import httpx2
import pytest
import pytest_asyncio

from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.webhooks import HERE


@pytest_asyncio.fixture
async def admin(company: Company, owner: OwnerConnection, monkeypatch: pytest.MonkeyPatch) -> httpx2.AsyncClient:
    """Lend a caller that configures; of all webhooks, only those of this test are told."""
    await owner.execute("UPDATE webhooks SET status = 'inactive'")
    shelf = company.app.default._contract._gate._shelf  # type: ignore[attr-defined]
    monkeypatch.setattr(shelf, "reach", HERE)
    return await company.caller(permissions=("configure", "view:all"))
