"""What the server says of its own certificate before callers do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from emplette.http.app import create_app
from emplette.http.certificates import ServedCertificate
from emplette.settings import Settings
from tests.contract.toys import client_of

BEGINS = datetime(2026, 11, 1, tzinfo=UTC)
ENDS = BEGINS + timedelta(days=90)


def _certificate(path: Path, ends: datetime = ENDS) -> Path:
    """Write a certificate that is good until a moment."""
    key, name = Ed25519PrivateKey.generate(), x509.Name([])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), BEGINS, ends)
    path.write_bytes(made.sign(key, None).public_bytes(Encoding.PEM))
    return path


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (timedelta(days=15), None),
        (timedelta(days=14), "The certificate that is served ends on 2027-01-30."),
        (timedelta(0), "The certificate that is served ended on 2027-01-30."),
    ],
)
def test_an_end_is_told_two_weeks_before(tmp_path: Path, before: timedelta, expected: str | None) -> None:
    assert ServedCertificate.of(_certificate(tmp_path / "cert.pem")).trouble(ENDS - before) == expected


def test_a_renewed_one_that_is_not_served_yet_is_told(tmp_path: Path) -> None:
    path = _certificate(tmp_path / "cert.pem")
    served = ServedCertificate.of(path)
    path.unlink()
    assert served.trouble(BEGINS) is None, "somebody writes it just now"
    _certificate(path, ENDS + timedelta(days=60))
    assert served.trouble(BEGINS) == (
        f"The certificate that is served ends on 2027-01-30. Another, until 2027-03-31, lies at {path}: send SIGHUP."
    )
    assert ServedCertificate.of(path).trouble(BEGINS) is None


async def test_who_asks_whether_the_server_is_ready_is_told(tmp_path: Path) -> None:
    path = _certificate(tmp_path / "cert.pem", datetime.now(UTC) + timedelta(days=3))
    settings = Settings(database_url="postgresql://nobody@127.0.0.1:9/nothing", tls_cert=path, tls_key=path)
    async with client_of(create_app(settings)) as client:
        told = (await client.get("/health/ready")).json()["checks"]["certificate"]
    assert told["status"] == "warning"
    assert told["detail"].startswith("The certificate that is served ends on ")


async def test_one_that_cannot_be_read_here_ends_no_worker(tmp_path: Path) -> None:
    path = tmp_path / "cert.pem"
    path.write_text("no certificate")
    settings = Settings(database_url="postgresql://nobody@127.0.0.1:9/nothing", tls_cert=path, tls_key=path)
    async with client_of(create_app(settings)) as client:
        assert "certificate" not in (await client.get("/health/ready")).json()["checks"]
