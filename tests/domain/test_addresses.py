"""Which addresses may be called: those of the public internet, however they are written."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emplette.domain.addresses import Reach, is_public

NOWHERE = Reach()
PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.170",
    "192.168.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.255",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:a00:1::",
    "fc00::1",
    "fdff::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["93.184.215.14", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "64:ff9b::1.1.1.1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not NOWHERE.permits(address)
    assert not NOWHERE.permits_without_tls(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_permitted_with_tls(address: str) -> None:
    assert NOWHERE.permits(address)
    assert not NOWHERE.permits_without_tls(address)


def test_a_network_that_is_allowed_is_permitted_without_tls_too_and_nothing_beside_it() -> None:
    reach = Reach.parse(["10.1.0.0/16", "fd00:1::/32", "192.168.7.7"])
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd00:1::9", "192.168.7.7"):
        assert reach.permits(address)
        assert reach.permits_without_tls(address)
    for address in ("10.2.0.1", "192.168.7.8", "fd00:2::1"):
        assert not reach.permits(address)


@pytest.mark.parametrize("text", ["10.1.0.0/33", "10.1.0.1/16", "example.com", ""])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Reach.parse([text])


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_nothing_is_public_that_pythons_own_list_calls_private(address: IPv4Address | IPv6Address) -> None:
    # The other way round our list is the stricter one.
    if is_public(address):
        assert ip_address(str(address)).is_global
        assert not address.is_multicast
