"""The two clients: one that waits, and one for asyncio; both have every operation of the API."""

from types import TracebackType
from typing import Final, Self

import httpx2

from emplette.client.async_resources import AsyncResources
from emplette.client.resources import Resources
from emplette.client.retries import Retries
from emplette.client.sending import AsyncSender, Sender, options

PATIENT: Final = Retries()
TIMEOUT: Final = 30.0
"""Seconds without a sign from the server after which an attempt is given up."""


class Emplette(Resources):
    """A company's account on a server of this API.

    Every POST is sent with an idempotency key of its own, so that it takes effect once, however often it has to be
    tried. Threads may share a client. Close it, or use it as a context manager. ``transport`` takes the place of the
    network: for tests, and for proxies that need more than the usual environment variables.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = TIMEOUT,
        retries: Retries = PATIENT,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._http = httpx2.Client(transport=transport, **options(url, key, timeout))
        super().__init__(Sender(self._http, retries, timeout))

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Emplette({str(self._http.base_url)!r})"


class AsyncEmplette(AsyncResources):
    """A company's account on a server of this API, for asyncio; it is what ``Emplette`` is, with ``await``."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = TIMEOUT,
        retries: Retries = PATIENT,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx2.AsyncClient(transport=transport, **options(url, key, timeout))
        super().__init__(AsyncSender(self._http, retries, timeout))

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncEmplette({str(self._http.base_url)!r})"
