"""What a setting says of hosts can be: a slip of the pen is told before anything starts."""

import pytest

from emplette.domain.hosts import fault_of_database_url, fault_of_networks, fault_of_origins


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///emplette?host=/run/postgresql",
        "postgres://db/emplette",
        "postgresql://me:pass:word@db:5432/emplette",
        "postgresql://me:p%40ss@db1:5432,db2:5433/emplette?target_session_attrs=any",
        "postgresql://me@[::1]/emplette",
        "postgresql://me@[::1]:65535/emplette",
    ],
)
def test_a_database_is_named_by_its_hosts_and_their_ports(url: str) -> None:
    assert fault_of_database_url(url) is None


@pytest.mark.parametrize("port", ["99999", "65536", "0", "", "x", "-1", "٣", "1000000000"])
@pytest.mark.parametrize("hosts", ["db:{}", "db1:5432,db2:{}", "me:secret@db:{}", "[::1]:{}"])
def test_a_port_that_cannot_be_is_told_without_the_password(hosts: str, port: str) -> None:
    fault = fault_of_database_url(f"postgresql://{hosts.format(port)}/emplette")
    assert fault == "expected a port from 1 to 65535 behind each host"


@pytest.mark.parametrize("url", ["mysql://db/emplette", "banana", "postgresql:/db"])
def test_another_database_is_no_postgresql(url: str) -> None:
    assert fault_of_database_url(url) == "expected an address that begins with postgresql://"


def test_a_proxy_is_an_address_or_a_network() -> None:
    assert fault_of_networks(["10.1.0.0/16", "10.1.2.3/16", "127.0.0.1", "::1", "fd00::/8"]) is None
    for text in ("banana", "10.1.0.0/33", "proxy.example.com", "10.1"):
        fault = fault_of_networks(["127.0.0.1", text])
        assert fault is not None
        assert fault.startswith("expected addresses or networks, such as 10.1.0.0/16: ")
        assert text in fault


def test_what_webhooks_may_reach_is_a_network_and_no_address_in_one() -> None:
    assert fault_of_networks(["10.1.0.0/16", "::1"], exactly=True) is None
    assert (fault_of_networks(["10.1.2.3/16"], exactly=True) or "").endswith("10.1.2.3/16 has host bits set")


def test_no_database_named_is_no_fault() -> None:
    assert fault_of_database_url(None) is None


def test_an_origin_is_written_as_a_browser_sends_it() -> None:
    assert fault_of_origins(["https://app.example.com", "http://localhost:3000", "moz-extension://5f2a"]) is None
    for text in (
        "*",
        "app.example.com",
        "https://app.example.com/",
        "https://App.example.com",
        "https://*.example.com",
    ):
        fault = fault_of_origins(["https://app.example.com", text])
        assert fault is not None
        assert fault.startswith(f"{text!r} is no origin; ")
