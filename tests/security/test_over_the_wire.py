"""What a stranger can do to a real server, over real connections: with TLS, one worker, and few wrong keys allowed."""

import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import h2.connection
import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.database import Urls
from tests.fixtures.guide import API
from tests.house.source import ROOT
from tests.runtime.servers import (
    EMPLETTE,
    Server,
    descendants,
    folder_of_its_own,
    run,
    served,
    wait_until,
)

CERTIFICATE = ROOT / "tests" / "runtime" / "certificate"
WRONG_KEYS = 5
DEMO_KEY = "only-the-demo-needs-this"
OWNER = "only-the-owner-needs-this"
MB = 2**20


@pytest.fixture(scope="module")
def wire(migrated: Urls) -> Iterator[Server]:
    """Run the real server on the database of the tests, with its secrets in files."""
    with folder_of_its_own() as folder:
        owner = folder / "owner-url"
        owner.write_text(f"{migrated.owner}{'&' if '?' in migrated.owner else '?'}application_name={OWNER}\n")
        owner.chmod(0o600)
        with served(
            folder / "data",
            command=[*EMPLETTE, "serve"],
            database_url=migrated.serving,
            owner_database_url_file=owner,
            demo_key=DEMO_KEY,
            tls_cert=CERTIFICATE / "localhost.pem",
            tls_key=CERTIFICATE / "localhost.key",
            workers=1,
            wrong_keys=WRONG_KEYS,
        ) as server:
            yield server


def calling(wire: Server, company: Company, secret: str, **headers: str) -> httpx2.Response:
    sent = {"Host": company.host, "Authorization": f"lucca application={secret}"} | headers
    trusted = ssl.create_default_context(cafile=CERTIFICATE / "localhost.pem")
    url = wire.url.replace("127.0.0.1", "localhost")
    return httpx2.get(f"{url}{API}/purchases", headers=sent, verify=trusted, timeout=60)


async def test_who_guesses_is_slowed_while_a_right_key_gets_in_from_the_same_address(
    wire: Server, company: Company
) -> None:
    known, unseen = await company.key(), await company.key()
    assert calling(wire, company, known).status_code == 200
    told = [
        calling(wire, company, f"guess-number-{number:04d}", **{"X-Forwarded-For": f"192.0.2.{number}"})
        for number in range(WRONG_KEYS + 3)
    ]
    assert [each.status_code for each in told] == [401] * WRONG_KEYS + [429] * 3
    assert told[-1].json()["code"] == "key.tried_often"
    assert 1 <= int(told[-1].headers["Retry-After"]) <= 60 / WRONG_KEYS
    assert calling(wire, company, known).status_code == 200
    assert calling(wire, company, unseen).status_code == 200


async def test_a_revoked_key_ends_within_five_seconds(wire: Server, company: Company) -> None:
    secret = await company.key()
    assert calling(wire, company, secret).status_code == 200
    await company.owner.execute("UPDATE api_keys SET revoked_at = now() WHERE tenant_id = $1", company.tenant_id)
    revoked = time.monotonic()
    wait_until(lambda: calling(wire, company, secret).status_code == 401, "the key lets nobody in")
    assert time.monotonic() - revoked < 5 + 20, "five seconds, and what a loaded machine adds"


def test_a_large_upload_without_a_key_is_refused_before_it_is_received(wire: Server) -> None:
    before = _spooled(wire)
    with _secure(wire) as line:
        head = (
            "POST /lucca-files/api/uploads HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {100 * MB}\r\n\r\n"
        )
        line.sendall(head.encode() + b"--x\r\n")
        assert line.recv(4096).split()[1] in {b"401", b"404"}
    assert _spooled(wire) == before == 0


def _spooled(wire: Server) -> int:
    folder = wire.folder / "uploads"
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0


def _secure(wire: Server, *, alpn: str = "http/1.1") -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=CERTIFICATE / "localhost.pem")
    context.set_alpn_protocols([alpn])
    line = socket.create_connection(("127.0.0.1", wire.port), 60)
    return context.wrap_socket(line, server_hostname="localhost")


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_old_versions_of_tls_are_refused(wire: Server, version: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(CERTIFICATE / "localhost.pem")
    # OpenSSL itself offers them at its lowest level of security only.
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    with socket.create_connection(("127.0.0.1", wire.port), 60) as line, pytest.raises((ssl.SSLError, ConnectionError)):
        context.wrap_socket(line, server_hostname="localhost")


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize("alpn", ["h2", "http/1.1"])
def test_new_versions_are_taken_with_both_versions_of_http(wire: Server, version: str, alpn: str) -> None:
    context = ssl.create_default_context(cafile=CERTIFICATE / "localhost.pem")
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    context.set_alpn_protocols([alpn])
    with (
        socket.create_connection(("127.0.0.1", wire.port), 60) as line,
        context.wrap_socket(line, server_hostname="localhost") as secure,
    ):
        assert secure.version() == version.replace("_", ".")
        assert secure.selected_alpn_protocol() == alpn
        cipher, _, bits = secure.cipher() or ("", "", 0)
        assert re.search("GCM|CHACHA20", cipher), "only ciphers that authenticate what they encrypt"
        assert bits >= 128


def test_who_takes_back_call_after_call_is_sent_away(wire: Server) -> None:
    with _secure(wire, alpn="h2") as line:
        taken_back = _take_back(line, 20_000)
    assert taken_back < 20_000
    assert calling_for_health(wire) == "200"


def _take_back(line: ssl.SSLSocket, most: int) -> int:
    """Make calls and take each back at once, until the server hangs up; answer how many."""
    speaking = h2.connection.H2Connection()
    speaking.initiate_connection()
    asked = [(":method", "GET"), (":path", "/health/live"), (":scheme", "https"), (":authority", "a")]
    for sent in range(0, most, 100):
        for _ in range(100):
            number = speaking.get_next_available_stream_id()
            speaking.send_headers(number, asked, end_stream=True)
            speaking.reset_stream(number)
        try:
            line.sendall(speaking.data_to_send())
        except OSError:
            return sent
    return most


def calling_for_health(wire: Server) -> str:
    with _secure(wire) as line:
        line.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return line.recv(4096).split()[1].decode()


TWICE = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 6\r\nTransfer-Encoding: chunked",
        f"Content-Length: 0\r\nContent-Length: {len(TWICE)}",
        f"Content-Length: 0, {len(TWICE)}",
        "Content-Length: +6",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
        "X-Folded: a\r\n b",
    ],
)
def test_a_call_whose_end_can_be_read_in_two_ways_is_refused_and_its_connection_closed(
    wire: Server, framing: str
) -> None:
    with _secure(wire) as line:
        line.settimeout(10)
        line.sendall(f"POST {API}/purchases HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n0\r\n\r\n{TWICE}".encode())
        told = b""
        while piece := line.recv(65_536):
            told += piece
    assert re.findall(rb"HTTP/1\.1 (\d+)", told) in ([b"400"], [b"404"])


def test_a_process_is_given_no_secret_that_it_does_not_need(wire: Server) -> None:
    children = descendants(wire.pid) - {wire.pid}
    assert len(children) >= 2
    for pid in children:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        assert DEMO_KEY.encode() not in environment
        assert OWNER.encode() not in environment
    for pid in descendants(wire.pid):
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
        assert not re.search(rb"postgresql://|only-the-", arguments)
    assert DEMO_KEY not in wire.log
    assert OWNER not in wire.log
    shown = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, text=True, check=True).stdout
    assert DEMO_KEY not in shown
    assert OWNER not in shown


def test_status_shows_no_secret(wire: Server) -> None:
    environment = wire.environment | {"EMPLETTE_LOG_LEVEL": "debug"}
    told = run([*EMPLETTE, "status", "--json"], environment)
    assert told.returncode == 0, told.stderr
    for secret in (DEMO_KEY, OWNER, wire.environment["EMPLETTE_DATABASE_URL"]):
        assert secret not in told.stdout + told.stderr
