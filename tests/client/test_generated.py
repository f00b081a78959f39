"""What is generated of the client is what the contract says now."""

from operator import attrgetter

from emplette.client import AsyncEmplette, Emplette
from emplette.http.app import openapi_document
from scripts.write_client import CLIENT, GENERATED, client_files

STALE = "run `make reference`, and look at what changed on the wire"


def test_the_client_is_written_from_the_contract() -> None:
    files = client_files(openapi_document())
    there = {str(path.relative_to(CLIENT)) for folder in GENERATED for path in (CLIENT / folder).glob("*.py")}
    assert there == files.keys(), STALE
    stale = [name for name, text in files.items() if (CLIENT / name).read_text(encoding="utf-8") != text]
    assert stale == [], STALE


def test_every_operation_has_a_place_of_its_own_in_both_clients() -> None:
    paths = openapi_document()["paths"].values()
    places = [str(operation["x-python"]) for methods in paths for operation in methods.values()]
    assert len(places) == len(set(places)) > 50
    with Emplette("https://server.test", "a-key") as client:
        assert [place for place in places if not callable(attrgetter(place)(client))] == []
    assert [
        place for place in places if not callable(attrgetter(place)(AsyncEmplette("https://x.test", "a-key")))
    ] == []
