"""0044: the same files over the same wire, with their bytes in a bucket."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import msgspec
import obstore
import pytest
import pytest_asyncio
from obstore.store import S3Store
from starlette.routing import Router

from emplette.http.app import create_app
from emplette.jobs.files import Sweeper
from emplette.settings import Settings
from emplette.storage.database import Database
from emplette.storage.stores import open_spool, open_store
from tests.fixtures.buckets import BUCKET, CREDENTIALS, bucket_server
from tests.fixtures.companies import Company
from tests.fixtures.database import Urls
from tests.fixtures.guide import API
from tests.fixtures.made_files import pdf
from tests.fixtures.problems import refused

URL = f"s3://{BUCKET}/emplette"
CSV = b"article;price\nchair;120\n"


@pytest.fixture(scope="module")
def settings(migrated: Urls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("data")
    with bucket_server() as address, pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        chosen = {"data_dir": folder, "files_url": URL, "files_s3_endpoint": address}
        yield msgspec.structs.replace(
            Settings(), database_url=migrated.serving, pool_size=20, request_timeout=60.0, **chosen
        )


@pytest_asyncio.fixture(scope="module")
async def beside(settings: Settings) -> AsyncIterator[Router]:
    """Lend an application that keeps files in the bucket."""
    made = create_app(settings)
    async with made.lifespan_context(made):
        yield made


@pytest_asyncio.fixture
async def caller(company: Company, beside: Router) -> AsyncIterator[httpx2.AsyncClient]:
    async with await replace(company, app=beside).caller() as caller:
        yield caller


def objects(settings: Settings, company: Company) -> list[str]:
    """List what the bucket holds of a company."""
    store = S3Store(
        BUCKET,
        config={"endpoint": settings.files_s3_endpoint or "", "region": CREDENTIALS["AWS_REGION"]},
        client_options={"allow_http": True},
    )
    return [found["path"] for page in obstore.list(store, f"emplette/{company.tenant_id}") for found in page]


def on_the_way(settings: Settings) -> list[Path]:
    return list((settings.data_dir / "uploads").iterdir())


async def upload(caller: httpx2.AsyncClient, content: bytes, name: str) -> str:
    answer = await caller.post("/lucca-files/api/uploads", files={"file": (name, content)})
    assert answer.status_code == 201, answer.text
    file_id: str = answer.json()["id"]
    return file_id


async def test_a_file_is_uploaded_read_whole_and_in_part_and_shown(
    caller: httpx2.AsyncClient, company: Company, settings: Settings
) -> None:
    content = pdf(2)
    place = f"{API}/files/{await upload(caller, content, 'Quote.pdf')}"
    assert (await caller.get(place)).content == content
    part = await caller.get(place, headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, content[5:10])
    page = await caller.get(f"{place}/display/pages/2")
    assert (page.status_code, page.headers["content-type"].partition("/")[0]) == (200, "image")
    assert len(objects(settings, company)) == 1
    assert on_the_way(settings) == []
    assert not (settings.data_dir / "files").exists()


async def test_the_same_bytes_at_once_are_one_object_and_go_with_the_last_file(
    caller: httpx2.AsyncClient, company: Company, settings: Settings, database: Database
) -> None:
    files = await asyncio.gather(*[upload(caller, CSV, f"{number}.csv") for number in range(8)])
    assert len(set(files)) == 8
    assert len(objects(settings, company)) == 1
    store = open_store(URL, endpoint=settings.files_s3_endpoint, data_dir=settings.data_dir)
    tomorrow = datetime.now(UTC) + timedelta(days=1, minutes=1)
    await Sweeper(store, open_spool(settings.data_dir)).sweep_unused(database.session(), tomorrow)
    assert objects(settings, company) == []
    refused(await caller.get(f"{API}/files/{files[0]}"), 404)
    assert on_the_way(settings) == []
