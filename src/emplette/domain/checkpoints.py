"""Checkpoints: how far a log had come at a moment, to be kept where nobody who could change the log can reach it."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a company's log at a moment. The hash is that of everything up to the position."""

    account: str
    epoch: int
    position: int
    hash: bytes
    at: datetime

    def form(self) -> bytes:
        """Write the lines that are signed."""
        at = self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        lines = ("emplette checkpoint 1", self.account, self.epoch, self.position, self.hash.hex(), at)
        return "".join(f"{line}\n" for line in lines).encode()
