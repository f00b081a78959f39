"""What holds for every test: it can reach this machine, and nothing else; and it is the same test every time."""

import ipaddress
import os
import signal
import socket
from collections.abc import Iterator

import pytest
from hypothesis import settings

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.companies",
    "tests.fixtures.lives",
    "tests.fixtures.long",
    "tests.fixtures.loops",
    "tests.fixtures.mailboxes",
    "tests.fixtures.offices",
    "tests.fixtures.rubbish",
]

# What tests start, and often kill, is not to be measured: it would be slower, and would leave half-written figures.
# (The process that hands out the tests passes the word on to those that run them; it ends there.)
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)

# Whoever runs the tests in the background of a script has told them, and so all that they start, to ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)

# A slow machine is no finding, and a run that can't be repeated proves little.
settings.register_profile("emplette", deadline=None, derandomize=True, database=None, print_blob=True)
settings.register_profile("fuzz", deadline=None, derandomize=False, database=None, print_blob=True)
# `make fuzz` wants other examples each time; what it finds is printed so that it can be repeated.
settings.load_profile("fuzz" if "FUZZ_MINUTES" in os.environ else "emplette")


def _is_here(address: object) -> bool:
    """Tell whether an address of a socket is one of this machine: a path, or in the loopback range."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


class _GuardedSocket(socket.socket):
    """A socket that refuses to leave this machine."""

    def connect(self, address: object, /) -> None:
        _refuse_what_is_elsewhere(address)
        super().connect(address)  # type: ignore[arg-type]

    def connect_ex(self, address: object, /) -> int:
        _refuse_what_is_elsewhere(address)
        return super().connect_ex(address)  # type: ignore[arg-type]


def _refuse_what_is_elsewhere(address: object) -> None:
    if not _is_here(address):
        message = f"a test tried to reach {address!r}; tests reach only this machine"
        raise PermissionError(message)


@pytest.fixture(autouse=True, scope="session")
def nothing_but_this_machine() -> Iterator[None]:
    """Refuse every connection that would leave this machine."""
    whole, socket.socket = socket.socket, _GuardedSocket  # type: ignore[misc]
    yield
    socket.socket = whole  # type: ignore[misc]
