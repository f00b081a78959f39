"""The document in the repository is the one that a server answers, so a change of the wire is seen in review."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from jsonschema import Draft202012Validator

from emplette.http.app import create_app, openapi_document
from emplette.http.contract.openapi import Document
from emplette.settings import Settings

PUBLISHED = Path(__file__).parents[2] / "docs" / "openapi.json"
DOCUMENT = openapi_document()
OPERATIONS = {
    described["operationId"]: described for methods in DOCUMENT["paths"].values() for described in methods.values()
}


def test_the_published_document_is_the_one_that_is_answered() -> None:
    written = json.dumps(DOCUMENT, indent=2, ensure_ascii=False) + "\n"
    assert PUBLISHED.read_text(encoding="utf-8") == written, "write it anew: emplette openapi > docs/openapi.json"


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_example_is_of_its_schema(name: str) -> None:
    content = OPERATIONS[name].get("requestBody", {}).get("content", {}).get("application/json", {})
    for example in content.get("examples", {}).values():
        schema = Draft202012Validator({**content["schema"], "components": DOCUMENT["components"]})
        assert list(schema.iter_errors(example["value"])) == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_what_it_is_for_and_who_may_call_it(name: str) -> None:
    described = OPERATIONS[name]
    assert described["summary"].endswith(".")
    assert described["tags"] != [""]
    assert "200" in described["responses"] or "201" in described["responses"]
    if described["security"]:
        assert "401" in described["responses"]


async def test_a_worker_describes_itself_once_when_it_is_asked_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[int] = []
    build = Document.build

    def count(self: Document) -> dict[str, Any]:
        times.append(1)
        return build(self)

    monkeypatch.setattr(Document, "build", count)
    app = create_app(Settings())
    assert times == []
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://example.test") as client:
        for path in ("/openapi.json", "/docs", "/problems/internal", "/openapi.json"):
            assert (await client.get(path)).status_code == 200
    assert times == [1]
