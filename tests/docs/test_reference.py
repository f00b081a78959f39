"""The reference in the repository is that of the program, so a change of the wire is seen in a review."""

import json

from emplette.http.app import openapi_document
from scripts.write_reference import DOCUMENT, REFERENCE, Reference, as_text

STALE = "run `make reference`, and look at what changed on the wire"


def test_the_openapi_document_in_the_repository_is_that_of_the_program() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == as_text(openapi_document()), STALE


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
