"""What can be an address of a webhook, how its secrets change, and how messages are signed."""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook as Standard

from emplette.domain.addresses import Reach
from emplette.domain.errors import Faults
from emplette.domain.webhooks import (
    MOST_SECRETS,
    SecretTerm,
    Target,
    TooManySecrets,
    Webhook,
    fault_of_url,
    faults_of_webhook,
    secret_text,
    signatures,
)

NOW = datetime(2026, 11, 21, 9, 30, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOME = Reach(tuple(ip_network(network) for network in ("127.0.0.0/8", "10.0.0.0/8", "::1/128")))
"""What is allowed besides the public internet."""


def webhook(*terms: SecretTerm) -> Webhook:
    return Webhook(id=1, url="https://example.com/", secrets=terms, created_at=NOW)


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("https://example.com", "example.com", "/"),
        ("https://example.com:443/a?b=c&d", "example.com", "/a?b=c&d"),
        ("https://EXAMPLE.com:8443/A", "example.com:8443", "/A"),
        ("http://10.0.0.1/", "10.0.0.1", "/"),
        ("https://[2001:db8::1]:444/x", "[2001:db8::1]:444", "/x"),
        ("https://example.com?x=1", "example.com", "/?x=1"),
    ],
)
def test_an_address_is_taken_apart(url: str, authority: str, path: str) -> None:
    target = Target.parse(url)
    assert (target.authority, target.path) == (authority, path)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_an_address_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.com/{text}"):
        try:
            target = Target.parse(url)
        except ValueError:
            continue
        assert target.host
        assert not set(target.path) & set(" \r\n\t#")


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("https://example.com/ a", "visible ASCII characters"),
        ("https://example.com/" + "a" * 3000, "visible ASCII characters"),
        ("https://example.com:eighty/", "an address such as"),
        ("https://[::1/", "an address such as"),
        ("mailto:it@example.com", "an address such as"),
        ("https://me@example.com/", "neither a user"),
        ("https://:secret@example.com/", "neither a user"),
        ("https://example.com/#part", "nor a fragment"),
        ("https://example.com:0/", "Port 0"),
    ],
)
def test_what_is_no_address_is_said(url: str, wrong: str) -> None:
    assert wrong in str(fault_of_url(url, Reach()))


@pytest.mark.parametrize(
    "url", ["https://localhost/", "https://a.localhost./", "https://127.0.0.1/", "https://10.0.0.1/", "https://[::1]/"]
)
def test_what_only_the_server_can_reach_is_refused(url: str) -> None:
    assert "is no address of the public internet" in str(fault_of_url(url, Reach()))
    assert fault_of_url(url, HOME) is None


@pytest.mark.parametrize(
    ("url", "reach"),
    [("http://example.com/", Reach()), ("http://93.184.215.14/", Reach()), ("http://93.184.215.14/", HOME)],
)
def test_without_tls_nothing_leaves_the_allowed_networks(url: str, reach: Reach) -> None:
    assert str(fault_of_url(url, reach)).startswith("Must begin with https://")


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "http://a-name-at-home/", "https://example.com/", "https://93.184.215.14/"]
)
def test_what_may_be_called_is_fine(url: str) -> None:
    assert fault_of_url(url, HOME) is None


def test_a_webhook_in_order_has_no_faults() -> None:
    faults = Faults()
    faults_of_webhook(replace(webhook(), name="Orders", topics=("order.created",)), Reach(), faults)
    faults_of_webhook(webhook(), Reach(), faults)
    assert not list(faults)


def test_a_webhook_refers_to_nothing() -> None:
    assert webhook().references() == []


def test_everything_that_is_wrong_with_a_webhook_is_named_at_once() -> None:
    said = replace(webhook(), name=" ", url="ftp://example.com/", topics=("Order",), object_types=("order", "An order"))
    faults = Faults()
    faults_of_webhook(said, Reach(), faults)
    assert {path for path, _ in faults} == {"name", "topics[0]", "objectTypes[1]", "webhookUrl"}


def test_a_new_secret_lets_the_others_end_and_forgets_what_has_ended() -> None:
    ended, ending, lasting = (
        SecretTerm(1, NOW, NOW - HOUR),
        SecretTerm(2, NOW, NOW + HOUR),
        SecretTerm(3, NOW),
    )
    rotated = webhook(ended, ending, lasting).rotated(NOW, 24 * HOUR)
    assert [(term.id, term.expires_at) for term in rotated.secrets] == [
        (2, NOW + HOUR),
        (3, NOW + 24 * HOUR),
        (4, None),
    ]
    at_once = webhook(lasting).rotated(NOW, timedelta(0))
    assert [term.id for term in at_once.secrets] == [4]


def test_only_so_many_secrets_are_valid_at_once() -> None:
    many = webhook(*(SecretTerm(number, NOW, NOW + HOUR) for number in range(MOST_SECRETS)))
    with pytest.raises(TooManySecrets):
        many.rotated(NOW, HOUR)


@given(st.binary(max_size=200), st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=3))
def test_every_secret_verifies_what_is_signed(body: bytes, secrets: list[bytes]) -> None:
    now = datetime.now(UTC)
    headers = signatures(secrets, "acme_1-42", body, now)
    for secret in secrets:
        signed = Standard(secret_text(secret)).sign("acme_1-42", now, body.decode("latin-1"))
        assert signed.startswith("v1,")
        if body.isascii():
            assert signed in headers["webhook-signature"].split(" ")
    stamp = headers["Lucca-Timestamp"]
    key = secret_text(secrets[0]).encode()
    expected = hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).digest()
    assert base64.b64decode(headers["Lucca-Signature"]) == expected


def test_the_time_is_written_as_documented() -> None:
    headers = signatures([bytes(32)], "acme_1-42", b"", NOW)
    assert headers["Lucca-Timestamp"] == "2026-11-21T09:30:00Z"
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
