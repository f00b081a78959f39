"""However much is wrong with a body, the answer stays small and comes soon."""

import json
import tracemalloc

import httpx2
import pytest

from emplette.domain.errors import Faults
from emplette.http.contract.scan import scan
from tests.contract.toys import ONCE, faults_of, send_order

SMALL = 200_000


def below_long_keys(innermost: bytes, depth: int = 25, length: int = 2_000) -> bytes:
    """Lay something below objects within each other, whose keys are long."""
    return (b'{"' + b"k" * length + b'":') * depth + innermost + b"}" * depth


NULS = b"[" + b",".join([b'"\\u0000"'] * 1_500) + b"]"
DOUBLES = b"{" + b",".join(b'"%d": 1, "%d": 2' % (key, key) for key in range(1_500)) + b"}"
HALVES = b"[" + b",".join([b'{"\\ud800": "\\ud800"}'] * 700) + b"]"


@pytest.mark.parametrize("innermost", [NULS, DOUBLES, HALVES], ids=["nuls", "doubled keys", "halves"])
async def test_much_at_fault_below_long_keys_makes_a_small_answer(client: httpx2.AsyncClient, innermost: bytes) -> None:
    body = json.dumps(ONCE).encode().replace(b'"type"', b'"x": ' + below_long_keys(innermost) + b', "type"')
    tracemalloc.start()
    answer = await send_order(client, body)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    faults = faults_of(answer)
    assert len(answer.content) < SMALL
    assert most < 10_000_000
    assert max(map(len, faults)) <= 200
    assert all(path == "$" or path.startswith("x.kkk") for path in faults)
    assert any("…" in path for path in faults)


@pytest.mark.parametrize("key", [b"k" * 2_000, b"\\u0000" * 500, b"\\ud800" * 500])
def test_of_a_mebibyte_of_faults_below_long_keys_a_hundred_are_named(key: bytes) -> None:
    nuls = b"[" + b",".join([b'"\\u0000"'] * 50_000) + b"]"
    faults = Faults()
    scan((b'{"' + key + b'":') * 60 + nuls + b"}" * 60, faults)
    assert len(faults.as_dict()) <= 101


async def test_a_hundred_fields_are_named_and_the_rest_is_counted(client: httpx2.AsyncClient) -> None:
    taxes = [{"rateTypeId": 0, "value": 1}] * 1_250
    faults = faults_of(await send_order(client, json.dumps({**ONCE, "taxes": taxes}).encode()))
    assert faults.pop("$") == ["Has more faults than are listed here: 1,150."]
    assert len(faults) == 100
    assert set(faults) == {f"taxes[{number}].rateTypeId" for number in range(100)}


async def test_a_hundred_faults_are_all_named(client: httpx2.AsyncClient) -> None:
    answer = await send_order(client, json.dumps({**ONCE, "taxes": [7] * 100}).encode())
    assert set(faults_of(answer)) == {f"taxes[{number}]" for number in range(100)}
    assert answer.json()["detail"].endswith("taxes[9] and 90 more.")


async def test_rules_keep_quiet_about_fields_that_may_be_among_the_unnamed(client: httpx2.AsyncClient) -> None:
    ignored = {"ignored": ["\x00"] * 200, **ONCE, "price": {"value": "x", "currency": "EUR"}}
    faults = faults_of(await send_order(client, json.dumps(ignored).encode()))
    assert faults.pop("$") == ["Has more faults than are listed here: 101."]
    assert len(faults) == 100


async def test_a_parameter_with_a_long_name_is_named_in_short(client: httpx2.AsyncClient) -> None:
    (name,) = faults_of(await client.get(f"/api/orders?{'x' * 20_000}=1"))
    assert len(name) < 201
