"""The reference is written from the document in the repository, which other tests hold against the program."""

import json

from emplette.http.app import openapi_document
from scripts.write_reference import DOCUMENT, REFERENCE, Reference

STALE = "run `make reference`, and look at what changed on the wire"


def test_the_reference_pages_are_written_from_the_document() -> None:
    pages = Reference(json.loads(DOCUMENT.read_text(encoding="utf-8"))).pages()
    written = {page.name: page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.md")}
    assert written == pages, STALE


def test_every_operation_has_its_place_in_the_reference() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.md"))
    paths = openapi_document()["paths"]
    calls = [f"## {method.upper()} {path}\n" for path, item in paths.items() for method in item]
    assert calls
    assert [call for call in calls if call not in text] == []
