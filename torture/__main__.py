"""`make torture` and `make torture-proof`: histories with crashes, see docs/decisions/0062-histories.md.

SCHEDULES says how many, SEED with which number the first one begins; SHORT=1 makes small ones.
"""

import asyncio
import os
import secrets
import sys
from collections.abc import Mapping

from torture.proof import prove
from torture.report import details_of, last_line, line_of, say
from torture.schedules import SHORT, WHOLE, schedule_of
from torture.server import a_place, make_template, remove_remains
from torture.trial import Outcome, Trial

_SCHEDULES = 20


def main(arguments: list[str], environment: Mapping[str, str] = os.environ) -> int:
    """Run it; the exit code is 1 when anything was found."""
    remove_remains()
    try:
        if arguments == ["proof"]:
            return asyncio.run(prove())
        count = int(environment.get("SCHEDULES") or _SCHEDULES)
        seed = int(environment.get("SEED") or secrets.randbelow(1_000_000))
        is_short = environment.get("SHORT", "0") not in {"", "0"}
        return asyncio.run(torture(seed, count, is_short=is_short))
    except KeyboardInterrupt:
        say("interrupted; nothing is left behind")
        return 130


async def torture(first: int, schedules: int, *, is_short: bool = False) -> int:
    """Carry out so many schedules, from a seed on."""
    say(f"{schedules} schedules, the first of seed {first}")
    outcomes: list[Outcome] = []
    with a_place() as place:
        await make_template(place / "template")
        for seed in range(first, first + schedules):
            schedule = schedule_of(seed, SHORT if is_short else WHOLE)
            outcome = await Trial(schedule, place / "template", place).carry_out()
            outcomes.append(outcome)
            say(line_of(outcome))
            for detail in details_of(outcome):
                say(detail)
    print(last_line(outcomes), flush=True)
    return 1 if any(outcome.findings.found for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
