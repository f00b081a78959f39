"""Who calls, by address: what proxies say counts when they are ours, and callers share a limit with their household."""

from typing import Any

import pytest

from emplette.http.contract import rate
from emplette.http.contract.origin import Origins
from emplette.http.contract.rate import RateLimit, household
from emplette.http.contract.refusals import TooManyRequests


def scope(peer: str | None, *forwarded: str) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", said.encode()) for said in forwarded]
    return {"client": None if peer is None else (peer, 1234), "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.1", [], "198.51.100.1"),
        ("198.51.100.1", ["203.0.113.7"], "198.51.100.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["192.0.2.9, 203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["192.0.2.9", "203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["203.0.113.7, 10.0.0.2"], "203.0.113.7"),
        ("10.0.0.1", ["203.0.113.7, nonsense"], ""),
        ("10.0.0.1", ["192.0.2.9, 203.0.113.7:51234"], "203.0.113.7"),
        ("10.0.0.1", ["203.0.113.7:51234, 10.0.0.2:80"], "203.0.113.7"),
        ("10.0.0.1", ["[2001:db8::1]:51234"], "2001:db8::1"),
        ("10.0.0.1", ["[2001:db8::1]"], "2001:db8::1"),
        ("10.0.0.1", ["1:2:3:4:5:6:7:8"], "1:2:3:4:5:6:7:8"),
        ("::ffff:10.0.0.1", ["2001:db8::1"], "2001:db8::1"),
        (None, ["203.0.113.7"], ""),
    ],
)
def test_the_caller_is_whom_the_farthest_proxy_of_ours_saw(peer: str | None, forwarded: list[str], client: str) -> None:
    assert Origins(["10.0.0.0/8"]).client(scope(peer, *forwarded)) == client


def test_whoever_has_a_network_of_ipv6_is_one_household() -> None:
    assert household("2001:db8:0:1::1") == household("2001:db8:0:1:ffff::2") != household("2001:db8:0:2::1")
    assert household("203.0.113.7") == "203.0.113.7"
    assert household("fe80::1%eth0") == "fe80::/64"
    assert household("") == ""


def test_no_more_callers_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "_MOST_KEPT", 2)
    limit = RateLimit(1, whom="This address")
    limit.take("first")
    limit.take("second")
    with pytest.raises(TooManyRequests, match="This address may make 1 calls a minute"):
        limit.take("first")
    limit.take("third")
    with pytest.raises(TooManyRequests):
        limit.take("first")
    limit.take("second")
