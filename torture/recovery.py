"""Whether the server serves again by itself, and whether there was anything to check: silence is no proof.

A server that refuses everything loses nothing and doubles nothing. So, once nobody wrecks it any more, every call gets
the answer that says what became of it, what is read is there to be read, and each company can go on buying.
"""

from collections.abc import Collection

from torture.findings import Findings
from torture.history import READS, History, Kind

FEWEST_OPERATIONS = 50
"""However slow the machine is, so much is wanted of the server in each schedule."""
FEWEST_KILLS = 1


def check_recovery(history: History, companies: Collection[str], rested: float, findings: Findings) -> None:
    """Check the calls that began after a moment: the server was at rest, and nobody wrecked it any more."""
    taken = dict.fromkeys(companies, 0)
    for operation in history.operations:
        calls = [call for call in operation.calls if call.began >= rested]
        if not calls:
            continue
        last = calls[-1]
        if not last.is_final or (operation.kind in READS and not last.succeeded):
            said = f"answered with {last.status} {last.told.get('code')}" if last.status else "not answered"
            findings.broken("recovery", f"{operation}: the server is at rest, and call {last.id} was {said}")
        if operation.kind is Kind.CREATE and any(call.succeeded and not call.is_replay for call in calls):
            taken[operation.company] += 1
    for company, count in taken.items():
        if not count:
            findings.broken("recovery", f"the server is at rest, and {company} could buy nothing more")


def check_schedule(operations: int, kills: int, findings: Findings) -> None:
    """Check that a schedule was one: little that was asked, or nothing that was killed, proves little."""
    if operations < FEWEST_OPERATIONS:
        findings.broken("schedule", f"only {operations} operations were wanted of the server")
    if kills < FEWEST_KILLS:
        findings.broken("schedule", "nothing was killed")
