"""What happens in companies while a schedule runs, and is nobody's call: time goes on, somebody leaves.

An administrator at the machine does it with `emplette`, beside the server, and says it until it is done.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Final, TypeVar

from torture.absences import COUNTS_WITHIN, Left
from torture.companies import COMPANIES
from torture.schedules import Fault, FaultKind
from torture.server import Server

T = TypeVar("T")
_LEAVERS: Final = (36, 38)
_AHEAD: Final = timedelta(days=5)
"""Among so many days there are as many working days as anything here may wait."""
_AGAIN: Final = 0.1


@dataclass(slots=True)
class Happenings:
    """Has it happen; ``left`` are those who left."""

    server: Server
    left: list[Left] = field(default_factory=list)

    async def carry_out(self, fault: Fault) -> None:
        """Move the clock of one of the companies, or have one of the people leave, as ``pick`` says."""
        if fault.kind is FaultKind.DAYS:
            await self._go_on(_one_of(list(COMPANIES), fault.pick), fault.lasts)
        else:
            await self._leave(*_one_of(list(product(COMPANIES, _LEAVERS)), fault.pick))

    async def _go_on(self, account: str, pause: float) -> None:
        """Move the clock on three times, so that what was asked meanwhile has waited for days as well."""
        today = datetime.now(UTC).date()
        for times in (1, 2, 3):
            await self._say("clock", "move", "--tenant", account, "--to", (today + times * _AHEAD).isoformat())
            await asyncio.sleep(pause)

    async def _leave(self, account: str, person: int) -> None:
        began, place = time.monotonic(), len(self.left)
        self.left.append(Left(account, person, began))
        file = self.server.folder.parent / f"{account}-{person}.csv"
        file.write_text(f"id;leftOn\n{person};{datetime.now(UTC).date()}\n", "utf-8")
        await self._say("user", "import", str(file), "--tenant", account)
        self.left[place] = Left(account, person, began, time.monotonic() + COUNTS_WITHIN)

    async def _say(self, *command: str) -> None:
        while (await self.server.run(*command))[0] != 0:  # noqa: ASYNC110  the command is what is waited for
            await asyncio.sleep(_AGAIN)


def _one_of(those: Sequence[T], pick: float) -> T:
    return those[int(pick * len(those))]
