"""The sockets that clients connect to: made by the supervisor, one a worker, all at one address.

The kernel deals connections out among them (measured with two workers and 32 clients that connect at once: 13 to 19
each, while one shared socket gave all 32 to one worker). The supervisor keeps them open: what connects while a worker
is started again waits for it, and what is left when the supervisor is killed closes by itself.
"""

import errno
import os
import socket
import sys

from emplette.runtime.exits import PortInUse, SettingUnusable, StartRefused

_BACKLOG = 1024

# Elsewhere several sockets can share a port as well, but the kernel does not share out the connections.
_ONE_EACH = sys.platform == "linux"


def open_listeners(host: str, port: int, count: int) -> list[socket.socket]:
    """Listen, with as many sockets as there are workers.

    Raises:
        PortInUse: somebody else listens there.
        SettingUnusable: there is no such address here.
        StartRefused: this user may not listen at the port.
    """
    family, address = _resolve(host, port)
    try:
        # The first try is made alone, without sharing: it fails beside any other listener, ours of another run too.
        with _bound(family, address, port, shared=False) as probe:
            probe.listen(1)
            port = probe.getsockname()[1]
        listeners = [_bound(family, address, port, shared=_ONE_EACH) for _ in range(count if _ONE_EACH else 1)]
        for listener in listeners:
            listener.listen(_BACKLOG)
            listener.settimeout(0)
    except OSError as error:
        raise _refusal(error, host, port) from None
    return listeners if _ONE_EACH else listeners * count


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise SettingUnusable(f"EMPLETTE_HOST={host}: there is no such address ({error.strerror})") from None
    family, _, _, _, (address, *_) = found[0]
    return family, str(address)


def _bound(family: socket.AddressFamily, address: str, port: int, *, shared: bool) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((address, port))
    except OSError:
        listener.close()
        raise
    return listener


def _refusal(error: OSError, host: str, port: int) -> StartRefused:
    if error.errno == errno.EADDRINUSE:
        return PortInUse(f"port {port} is in use at {host}: stop what listens there, or set EMPLETTE_PORT")
    if error.errno == errno.EACCES:
        return StartRefused(f"user id {os.geteuid()} may not listen at port {port}: set EMPLETTE_PORT above 1023")
    return SettingUnusable(f"EMPLETTE_HOST={host}: cannot listen there ({error.strerror})")


def address_of(listener: socket.socket, *, secure: bool) -> str:
    """Write the address that a client on this machine would use."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"{'https' if secure else 'http'}://{host}:{port}"
