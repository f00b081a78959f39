"""The server listens where it is told, at one port, and shares nobody else's."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from emplette.runtime.exits import PortInUse, SettingUnusable
from emplette.runtime.listeners import address_of, open_listeners


@contextmanager
def listening(host: str, port: int, count: int) -> Iterator[list[socket.socket]]:
    opened = open_listeners(host, port, count)
    try:
        yield opened
    finally:
        for listener in opened:
            listener.close()


def test_each_worker_has_a_socket_and_all_have_one_port() -> None:
    with listening("127.0.0.1", 0, 3) as opened:
        assert len({listener.fileno() for listener in opened}) == 3
        assert len({listener.getsockname() for listener in opened}) == 1


def test_a_port_that_is_listened_at_is_refused_also_when_it_could_be_shared() -> None:
    with listening("127.0.0.1", 0, 1) as opened:
        port = opened[0].getsockname()[1]
        with pytest.raises(PortInUse, match=f"port {port} is in use at 127.0.0.1"):
            open_listeners("127.0.0.1", port, 2)


def test_a_port_is_free_again_at_once() -> None:
    with listening("127.0.0.1", 0, 1) as opened:
        port = opened[0].getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            accepted, _ = opened[0].accept()
            accepted.close()
            assert client.recv(1) == b""
    with listening("127.0.0.1", port, 2) as again:
        assert again[0].getsockname()[1] == port


def test_an_address_that_is_not_here_is_named() -> None:
    with pytest.raises(SettingUnusable, match=r"EMPLETTE_HOST=192\.0\.2\.1: cannot listen there"):
        open_listeners("192.0.2.1", 0, 1)


@pytest.mark.parametrize(
    ("host", "secure", "url"),
    [
        ("127.0.0.1", False, "http://127.0.0.1:"),
        ("0.0.0.0", False, "http://127.0.0.1:"),
        ("::1", False, "http://[::1]:"),
        ("::", True, "https://[::1]:"),
    ],
)
def test_the_address_that_is_shown_can_be_called_from_here(host: str, secure: bool, url: str) -> None:  # noqa: FBT001
    with listening(host, 0, 1) as opened:
        shown = address_of(opened[0], secure=secure)
        assert shown.startswith(url)
        with socket.create_connection((url.split("//")[1].rstrip(":").strip("[]"), opened[0].getsockname()[1])):
            pass
