"""Ask whether a locked dependency has a known vulnerability, and never pretend to have asked.

pip-audit counts a package that its source does not answer for as "skipped" and ends well. Here a package that was
not looked at is named, and when none could be looked at the verdict is NOT AUDITED, in so many words.
Only a vulnerability that was found ends the run with an error: a check must work without a network.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 180
COMMAND = ("--disable-pip", "--require-hashes", "--format=json", "--progress-spinner=off", "--timeout=10")


@dataclass
class Verdict:
    """What the audit came to: what is vulnerable, what was looked at, and what was not."""

    audited: int = 0
    missed: list[str] = field(default_factory=list)
    vulnerable: list[str] = field(default_factory=list)
    reason: str = ""

    def sentence(self) -> str:
        """Say it so that nobody takes silence for safety."""
        if self.vulnerable:
            return f"dependency audit: VULNERABLE: {'; '.join(self.vulnerable)}"
        if not self.audited:
            return f"dependency audit: NOT AUDITED ({self.reason or 'the source answered for no package'})"
        if self.missed:
            return f"dependency audit: {self.audited} packages clean, NOT AUDITED: {', '.join(self.missed)}"
        return f"dependency audit: {self.audited} packages clean"


def judge(report: str, complaint: str = "") -> Verdict:
    """Read pip-audit's report (JSON); what it printed instead of one is the reason for not knowing."""
    try:
        dependencies: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        lines = complaint.strip().splitlines()
        return Verdict(reason=lines[-1] if lines else "pip-audit gave no report")
    verdict = Verdict()
    for dependency in dependencies:
        if "skip_reason" in dependency:
            verdict.missed.append(dependency["name"])
            continue
        verdict.audited += 1
        for flaw in dependency["vulns"]:
            fixed = ", ".join(flaw["fix_versions"]) or "no version yet"
            verdict.vulnerable.append(f"{dependency['name']} {dependency['version']}: {flaw['id']} (fixed in {fixed})")
    return verdict


def audit(locks: Sequence[Path]) -> Verdict:
    """Ask pip-audit about every package of the lock files."""
    pip_audit = Path(sys.executable).with_name("pip-audit")
    files = [argument for lock in locks for argument in ("--requirement", str(lock))]
    try:
        run = subprocess.run(
            [pip_audit, *COMMAND, *files], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return Verdict(reason=f"no answer within {PATIENCE} s")
    return judge(run.stdout, run.stderr)


def main() -> int:
    """Audit the lock files named on the command line; 1 when one of their packages is vulnerable."""
    verdict = audit([Path(name) for name in sys.argv[1:]])
    print(verdict.sentence())
    return 1 if verdict.vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())
