"""What is generated of the client is what the contract says now."""

from emplette.http.app import openapi_document
from scripts.write_client import CLIENT, GENERATED, client_files

STALE = "run `make reference`, and look at what changed on the wire"


def test_the_client_is_written_from_the_contract() -> None:
    files = client_files(openapi_document())
    there = {str(path.relative_to(CLIENT)) for folder in GENERATED for path in (CLIENT / folder).glob("*.py")}
    assert there == files.keys(), STALE
    stale = [name for name, text in files.items() if (CLIENT / name).read_text(encoding="utf-8") != text]
    assert stale == [], STALE
