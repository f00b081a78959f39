"""The generator of load: Debian's wrk with a script of ours, which checks every answer as it comes."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec

from bench.server import KEY

_HERE: Final = Path(__file__).parent
_SAID_BEFORE_RESULT: Final = "result "
_TIMEOUT: Final = "20s"


class WrongAnswer(Exception):
    """The server answered something else than what was asked for, or not at all."""


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of the generator came to; the times are of one call."""

    calls: Annotated[int, msgspec.Meta(gt=0)]
    seconds: float
    p50_ms: float
    p99_ms: float
    lost: int
    wrong: int
    example: str

    @property
    def per_second(self) -> float:
        """How many calls were answered a second."""
        return self.calls / self.seconds


@dataclass(frozen=True, slots=True)
class Made:
    """The ids of one order that was acknowledged, and of what it came from."""

    purchase: int
    commitment: int
    request: int
    order: int


async def make_orders(url: str, run: str, *, clients: int, seconds: int, ids: Path) -> tuple[Load, list[Made]]:
    """Have each client make orders by the three calls, one after the other; answer what was acknowledged."""
    load = await _run(url, clients, seconds, "orders", KEY, run, str(ids))
    lines = ids.read_text("ascii").split("\n")
    return load, [Made(*map(int, line.split())) for line in lines if line]


async def read_purchases(url: str, *, clients: int, seconds: int, first: int, last: int) -> Load:
    """Have each client read one purchase after the other, any of a range of ids."""
    return await _run(url, clients, seconds, "purchases", KEY, str(first), str(last))


async def read_page(url: str, *, clients: int, seconds: int, path: str, expected: str) -> Load:
    """Have each client read the same page again and again."""
    return await _run(url, clients, seconds, "page", KEY, path, expected)


def _wrk() -> str:
    """Find wrk."""
    path = shutil.which("wrk")
    if path is None:
        raise RuntimeError("wrk is not there")
    return path


async def _run(url: str, clients: int, seconds: int, *arguments: str) -> Load:
    command = [_wrk(), "-t", str(clients), "-c", str(clients), "-d", f"{seconds}s", "--timeout", _TIMEOUT]
    process = await asyncio.create_subprocess_exec(
        *command, "-s", str(_HERE / "calls.lua"), url, "--", *arguments, stdout=asyncio.subprocess.PIPE
    )
    said = (await process.communicate())[0].decode(errors="replace")
    results = [line.removeprefix(_SAID_BEFORE_RESULT) for line in said.splitlines() if line.startswith("result ")]
    if process.returncode != 0 or not results:
        raise RuntimeError(f"the generator failed: {said}")
    load = msgspec.json.decode(results[0], type=Load)
    if load.lost or load.wrong:
        raise WrongAnswer(f"{load.wrong} wrong answers, {load.lost} calls without one; {load.example}")
    return load
