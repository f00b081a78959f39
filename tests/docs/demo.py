"""A demo as a newcomer starts it: the command, a folder of its own, a free port."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.runtime.servers import begin_with_a_demo

KEY = "a-key-for-the-tutorial"
PATIENCE = 90


@dataclass(frozen=True)
class RunningDemo:
    """Where the demo answers, and the environment in which its other commands find it."""

    url: str
    environment: dict[str, str]


@contextmanager
def running_demo() -> Iterator[RunningDemo]:
    """Start a demo, not for the first time, wait for its last line, and end it as Ctrl-C does."""
    # Not pytest's own folder: run by root, the database belongs to another user, who has to get there.
    folder = Path(tempfile.mkdtemp(prefix="emplette-demo-"))
    folder.chmod(0o755)
    begin_with_a_demo(folder / "data")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("EMPLETTE_")},
        "EMPLETTE_DATA_DIR": str(folder / "data"),
        "EMPLETTE_DEMO_KEY": KEY,
        "EMPLETTE_PORT": str(_free_port()),
    }
    command = [str(Path(sys.executable).with_name("emplette")), "demo"]
    log = folder / "demo.txt"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield RunningDemo(_wait_for_url(process, log), environment)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        finally:
            process.kill()
            process.wait()
            shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _wait_for_url(process: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text(encoding="utf-8").splitlines():
            if line.startswith("ready: "):
                return line.removeprefix("ready: ").strip()
        time.sleep(0.2)
    raise AssertionError("the demo did not become ready:\n" + log.read_text(encoding="utf-8"))
