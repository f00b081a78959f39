"""Servers as somebody starts them: real processes, in folders of their own, counted when they should be gone."""

import atexit
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Event
from typing import IO

from tests.house.source import ROOT

PATIENCE = 120.0
ENDED_WITHIN = 30.0
"""Seconds in which all end whose supervisor was killed: two are promised, of a machine that does nothing else."""
KEY = "a-key-of-the-tests"
"""The key that every demo of the tests knows."""
TINY = [sys.executable, "-m", "tests.runtime.serve_tiny"]
EMPLETTE = [str(Path(sys.executable).with_name("emplette"))]
_TEMPORARY = "/tmp"  # noqa: S108  (what lies in it has a name that nobody knows before)


def new_folder() -> Path:
    """Make a folder that the database's user can reach, which pytest's own are not for root."""
    folder = Path(tempfile.mkdtemp(prefix="emplette-test-", dir=_TEMPORARY))
    folder.chmod(0o755)
    return folder


def environment_of(folder: Path, **settings: object) -> dict[str, str]:
    """Write the environment of a server in a folder."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("EMPLETTE_")}
    # A loaded machine may take its time to answer; who tries how long it may take says so.
    usual = {"data_dir": folder, "port": 0, "workers": 2, "log_format": "json", "request_timeout": 30}
    chosen = usual | settings
    return inherited | {"PYTHONPATH": str(ROOT)} | {f"EMPLETTE_{name.upper()}": str(v) for name, v in chosen.items()}


def run(command: list[str], environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE)


class Server:
    """One run of the server."""

    def __init__(self, folder: Path, command: list[str], environment: dict[str, str], within: float = PATIENCE) -> None:
        self.folder = folder
        self.environment = environment
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed by end())
        self._output = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            command, env=environment, stdout=self._output, stderr=self._log, start_new_session=True
        )
        wait_until(lambda: self.ended or "ready: " in self.output, "the server becomes ready", within)
        if self.ended:
            said = self.log
            self.end()
            raise AssertionError(said)
        self.url = self.output.partition("ready: ")[2].split()[0]

    @property
    def pid(self) -> int:
        """The supervisor."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Tell whether the supervisor has ended."""
        return self._process.poll() is not None

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    @property
    def output(self) -> str:
        """What it said to whoever started it."""
        return self._read(self._output)

    @property
    def log(self) -> str:
        """What it logged."""
        return self._read(self._log)

    def processes(self) -> dict[str, int]:
        """Read what it says that runs."""
        running: dict[str, int] = json.loads((self.folder / "running.json").read_bytes())["processes"]
        return running

    def kill(self, name: str) -> int:
        """Kill one of its processes without warning."""
        pid = self.processes()[name]
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_for_successor(self, name: str, of: int) -> int:
        """Wait until another process has taken the place of a dead one."""
        wait_until(lambda: self.processes().get(name, of) != of, f"another {name} runs")
        return self.processes()[name]

    def ask(self, path: str = "/", timeout: float = PATIENCE) -> list[str]:
        """Make one call on a connection of its own; the words of the answer, its status first."""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as line:
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            whole = b"".join(iter(lambda: line.recv(65536), b"")).decode()
        if not whole:
            raise ConnectionResetError("there was no answer")
        head, _, body = whole.partition("\r\n\r\n")
        return [head.split(" ")[1], *body.split(" ")]

    def signal(self, which: signal.Signals) -> None:
        """Send the supervisor a signal."""
        self._process.send_signal(which)

    def wait(self) -> int:
        """Wait for its end; answer the exit code."""
        return self._process.wait(PATIENCE)

    def end(self) -> None:
        """Stop it in order, if it still runs."""
        if not self.ended:
            self.signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.wait()
            self._process.kill()
            self._process.wait()
        self._log.close()
        self._output.close()

    @staticmethod
    def _read(file: IO[bytes]) -> str:
        return os.pread(file.fileno(), 1_000_000, 0).decode()


@contextmanager
def served(
    folder: Path, *, command: list[str] = TINY, within: float = PATIENCE, **settings: object
) -> Iterator[Server]:
    """Run a server, and stop it in order."""
    server = Server(folder, command, environment_of(folder, **settings), within)
    try:
        yield server
    finally:
        server.end()


@contextmanager
def folder_of_its_own() -> Iterator[Path]:
    """Lend a folder that is removed afterwards."""
    folder = new_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _first_demo() -> Path:
    """Run a demo once, and stop it in order; the folder that it leaves, which all others begin with.

    The processes that share the tests share it; the last of them removes it.
    """
    run_of_tests = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(_TEMPORARY) / f"emplette-first-demo-{run_of_tests}"
    with _one_after_the_other(folder):
        if not folder.exists():
            made = new_folder()
            with served(made, command=[*EMPLETTE, "demo"], demo_key=KEY, workers=1):
                pass
            made.rename(folder)
        used = folder.with_suffix(".used").open("ab")  # Closed where this process ends.
        fcntl.flock(used, fcntl.LOCK_SH)
    atexit.register(_remove_unless_used, folder, used)
    return folder


def _remove_unless_used(folder: Path, used: IO[bytes]) -> None:
    """Remove what no other process uses any more."""
    with _one_after_the_other(folder), suppress(BlockingIOError), used:
        fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
        for mark in (".used", ".lock"):
            folder.with_suffix(mark).unlink(missing_ok=True)


@contextmanager
def _one_after_the_other(folder: Path) -> Iterator[None]:
    """Let no two processes make or remove a folder at once."""
    with folder.with_suffix(".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def begin_with_a_demo(data: Path) -> None:
    """Make a data folder in which a demo ran before: it starts again in a third of the time of a first start."""
    first = _first_demo()
    subprocess.run(["cp", "-a", first, data], check=True)


@contextmanager
def demo_again(**settings: object) -> Iterator[Server]:
    """Run a demo, and not for the first time; in a folder of its own."""
    with folder_of_its_own() as folder:
        begin_with_a_demo(folder / "data")
        with served(folder / "data", command=[*EMPLETTE, "demo"], **{"demo_key": KEY, **settings}) as running:  # type: ignore[arg-type]
            yield running


@contextmanager
def calls_meanwhile(server: Server) -> Iterator[list[str]]:
    """Have clients call all the time; the statuses of their answers, and "none" where there was none."""
    answers: list[str] = []
    over = Event()

    def keep_asking() -> None:
        while not over.is_set():
            try:
                answers.append(server.ask("/database")[0])
            except ConnectionError:
                answers.append("none")

    with ThreadPoolExecutor() as threads:
        asking = [threads.submit(keep_asking) for _ in range(4)]
        try:
            yield answers
        finally:
            over.set()
            for client in asking:
                client.result()


def descendants(pid: int) -> set[int]:
    """List a process and all that it started, as far as they live."""
    parents = {child: parent for child, (parent, state) in _table().items() if state != "Z"}
    found, before = {pid}, set[int]()
    while found != before:
        before = found
        found = found | {child for child, parent in parents.items() if parent in found}
    return found & parents.keys()


def alive(pids: set[int]) -> set[int]:
    """Tell which of these processes still live; what only waits to be buried does not."""
    table = _table()
    return {pid for pid in pids if pid in table and table[pid][1] != "Z"}


def _table() -> dict[int, tuple[int, str]]:
    """Ask the system for every process: its parent and its state."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True)
    rows = (line.split() for line in listed.stdout.splitlines())
    return {int(pid): (int(parent), state[0]) for pid, parent, state, *_ in rows}


def wait_until(holds: Callable[[], object], what: str, within: float = PATIENCE) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"after {within} s it does not hold that {what}")
        time.sleep(0.02)
