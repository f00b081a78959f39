"""Telling systemd how the service is, when it asks to be told (``Type=notify``)."""

import os
import socket


def tell_systemd(state: str) -> None:
    """Send a state like ``READY=1`` or ``STOPPING=1``; nothing when nobody asked."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.connect(address)
        line.sendall(state.encode())
