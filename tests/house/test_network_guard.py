"""Tests reach this machine and nothing else: proved on the guard itself."""

import asyncio
import socket

import pytest


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.invalid", 443), ("2001:db8::1", 80, 0, 0)])
def test_a_connection_that_would_leave_this_machine_is_refused(address: tuple[str | int, ...]) -> None:
    family = socket.AF_INET6 if len(address) > 2 else socket.AF_INET
    with socket.socket(family) as outbound, pytest.raises(PermissionError, match="tests reach only this machine"):
        outbound.connect(address)


async def test_the_event_loop_is_guarded_as_well() -> None:
    with pytest.raises(PermissionError, match="tests reach only this machine"):
        await asyncio.open_connection("192.0.2.1", 80)


def test_a_connection_within_this_machine_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())
        assert client.getpeername() == server.getsockname()
