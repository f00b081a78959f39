"""The certificate that a worker serves with: how long it is good, and whether another one lies ready in its place."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from cryptography import x509

TOLD_BEFORE: Final = timedelta(days=14)
"""So long before its end a certificate is told of; programs that renew one do so weeks before."""


@dataclass(frozen=True, slots=True)
class ServedCertificate:
    """A certificate as it was when the worker started, which is how it is served until the workers are started anew."""

    path: Path
    served: x509.Certificate

    @classmethod
    def of(cls, path: Path) -> Self:
        """Read the one that is served from now on.

        Raises:
            OSError, ValueError: it can't be read.
        """
        return cls(path, _read(path))

    def trouble(self, now: datetime) -> str | None:
        """Say what should be done about it soon; None when all is well."""
        until = self.served.not_valid_after_utc
        try:
            there = _read(self.path)
        except (OSError, ValueError):
            there = self.served
        if there != self.served:
            end = f"{there.not_valid_after_utc:%Y-%m-%d}, lies at {self.path}"
            return f"The certificate that is served ends on {until:%Y-%m-%d}. Another, until {end}: send SIGHUP."
        if now >= until:
            return f"The certificate that is served ended on {until:%Y-%m-%d}."
        return f"The certificate that is served ends on {until:%Y-%m-%d}." if now >= until - TOLD_BEFORE else None


def _read(path: Path) -> x509.Certificate:
    """Read the server's own certificate, the first of its chain."""
    return x509.load_pem_x509_certificates(path.read_bytes())[0]
