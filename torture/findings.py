"""What a check finds wrong."""

from dataclasses import dataclass, field
from enum import StrEnum


class Wrong(StrEnum):
    """How something is wrong: it was acknowledged and is not there, it is there twice, or it can't be."""

    LOST = "lost"
    DOUBLED = "doubled"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and the check that found it."""

    wrong: Wrong
    check: str
    text: str

    def __str__(self) -> str:
        return f"{self.wrong}, by {self.check}: {self.text}"


@dataclass(slots=True)
class Findings:
    """Everything that is wrong."""

    found: list[Finding] = field(default_factory=list)

    def lost(self, check: str, text: str) -> None:
        """Note what was acknowledged and is not there."""
        self.found.append(Finding(Wrong.LOST, check, text))

    def doubled(self, check: str, text: str) -> None:
        """Note what is there more than once."""
        self.found.append(Finding(Wrong.DOUBLED, check, text))

    def broken(self, check: str, text: str) -> None:
        """Note what can't be."""
        self.found.append(Finding(Wrong.BROKEN, check, text))

    def count(self, wrong: Wrong) -> int:
        """Count what is wrong in one way."""
        return sum(finding.wrong is wrong for finding in self.found)
