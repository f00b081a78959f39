"""Sending calls, again where that helps: the only part that the two clients do each in its own way."""

import asyncio
import os
import platform
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any, Final, TypeVar

import httpx2

from emplette.client.asks import Ask
from emplette.client.errors import NoAnswer
from emplette.client.retries import Attempts, Retries

T = TypeVar("T")

_PIECE: Final = 1 << 16


def options(url: str, key: str, seconds: float) -> dict[str, Any]:
    """Say how a connection pool of either kind is set up.

    Raises:
        ValueError: the address is none, or the key can't be one.
    """
    try:
        address = httpx2.URL(url)
    except httpx2.InvalidURL as fault:
        raise ValueError(f"That is no address of a server: {fault}") from None
    if address.scheme not in {"http", "https"} or not address.host:
        raise ValueError(f"{url!r} is no address of a server: it begins with https:// or http://.")
    if address.userinfo:
        raise ValueError("An address of a server has no name and no password in it: the key says who calls.")
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("That is no API key: it has 1 to 128 visible ASCII characters.")
    headers = {
        "Authorization": f"lucca application={key}",
        "Accept": "application/json, application/problem+json;q=0.9, */*;q=0.1",
        "User-Agent": f"emplette-client/{_version()} python/{platform.python_version()}",
    }
    return {"base_url": address, "headers": headers, "timeout": seconds}


def _version() -> str:
    try:
        return version("emplette")
    except PackageNotFoundError:
        return "unknown"


def _time_outs(seconds: float, attempts: Attempts) -> httpx2.Timeout:
    """Give an attempt its time; waiting for one of our own connections is not the server's slowness."""
    return httpx2.Timeout(min(seconds, attempts.seconds_left), pool=None)


def _built(
    http: httpx2.Client | httpx2.AsyncClient, ask: Ask[Any], file: IO[bytes] | None, time_outs: httpx2.Timeout
) -> httpx2.Request:
    parts: Mapping[str, Any] = {"content": ask.content()}
    if ask.upload is not None:
        parts = {"files": {"file": (ask.upload.name, file, ask.upload.content_type)}}
    # The path is joined by httpx2 to that of the base: a server may live below one.
    return http.build_request(
        ask.method, ask.path, params=ask.parameters() or None, headers=ask.headers(), timeout=time_outs, **parts
    )


def _no_answer(ask: Ask[Any], lost: httpx2.TransportError) -> NoAnswer:
    why = str(lost) or type(lost).__name__
    return NoAnswer(f"{ask.method} {ask.path} got no answer: {why}", idempotency_key=ask.idempotency_key)


@contextmanager
def _whole_or_not_at_all(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Lend a file to write into that takes its place when it is whole; what was there before stays until then."""
    place = Path(path)
    part = place.with_name(f".{place.name}.part")
    try:
        yield part
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


class Sender:
    """Sends calls and waits for their answers; threads may share it."""

    def __init__(self, http: httpx2.Client, retries: Retries, seconds: float) -> None:
        self._http = http
        self._retries = retries
        self._seconds = seconds

    def send(self, ask: Ask[T]) -> T:
        """Make a call, several times if need be.

        Raises:
            Problem: the server refused, or still fails.
            NoAnswer: no attempt got an answer.
        """
        asked = ask.with_key()
        attempts = Attempts(self._retries, repeatable=asked.repeatable)
        response = self._deliver(asked, attempts)
        return asked.read(response, lost=attempts.lost)

    def save(self, ask: Ask[bytes], path: str | os.PathLike[str]) -> Path:
        """Write an answer into a file, piece by piece: in the end there is all of it, or what was there before.

        Raises:
            Problem: the server refused, or still fails.
            NoAnswer: no attempt got a whole answer.
        """
        with _whole_or_not_at_all(path) as part:
            response = self._deliver(ask, Attempts(self._retries, repeatable=ask.repeatable), into=part)
            if not response.is_success:
                ask.read(response)
        return Path(path)

    def _deliver(self, ask: Ask[Any], attempts: Attempts, *, into: Path | None = None) -> httpx2.Response:
        while True:
            try:
                response = self._exchange(ask, attempts, into)
            except httpx2.TransportError as lost:
                wait = attempts.wait_after_loss()
                if wait is None:
                    raise _no_answer(ask, lost) from lost
            else:
                wait = attempts.wait_after_answer(response.status_code, response.headers)
                if wait is None:
                    return response
            time.sleep(wait)

    def _exchange(self, ask: Ask[Any], attempts: Attempts, into: Path | None) -> httpx2.Response:
        with ask.upload.opened() if ask.upload else nullcontext() as file:
            request = _built(self._http, ask, file, _time_outs(self._seconds + ask.seconds_waited, attempts))
            response = self._http.send(request, stream=into is not None)
        if into is not None:
            try:
                self._receive(response, into)
            finally:
                response.close()
        return response

    @staticmethod
    def _receive(response: httpx2.Response, into: Path) -> None:
        if not response.is_success:
            response.read()
            return
        with into.open("wb") as file:
            for piece in response.iter_bytes(_PIECE):
                file.write(piece)


class AsyncSender:
    """Sends calls as the other sender does, and lets others work while it waits for their answers."""

    def __init__(self, http: httpx2.AsyncClient, retries: Retries, seconds: float) -> None:
        self._http = http
        self._retries = retries
        self._seconds = seconds

    async def send(self, ask: Ask[T]) -> T:
        """Make a call, several times if need be.

        Raises:
            Problem: the server refused, or still fails.
            NoAnswer: no attempt got an answer.
        """
        asked = ask.with_key()
        attempts = Attempts(self._retries, repeatable=asked.repeatable)
        response = await self._deliver(asked, attempts)
        return asked.read(response, lost=attempts.lost)

    async def save(self, ask: Ask[bytes], path: str | os.PathLike[str]) -> Path:
        """Write an answer into a file, piece by piece: in the end there is all of it, or what was there before.

        Raises:
            Problem: the server refused, or still fails.
            NoAnswer: no attempt got a whole answer.
        """
        with _whole_or_not_at_all(path) as part:
            response = await self._deliver(ask, Attempts(self._retries, repeatable=ask.repeatable), into=part)
            if not response.is_success:
                ask.read(response)
        return Path(path)

    async def _deliver(self, ask: Ask[Any], attempts: Attempts, *, into: Path | None = None) -> httpx2.Response:
        while True:
            try:
                response = await self._exchange(ask, attempts, into)
            except httpx2.TransportError as lost:
                wait = attempts.wait_after_loss()
                if wait is None:
                    raise _no_answer(ask, lost) from lost
            else:
                wait = attempts.wait_after_answer(response.status_code, response.headers)
                if wait is None:
                    return response
            await asyncio.sleep(wait)

    async def _exchange(self, ask: Ask[Any], attempts: Attempts, into: Path | None) -> httpx2.Response:
        with ask.upload.opened() if ask.upload else nullcontext() as file:
            request = _built(self._http, ask, file, _time_outs(self._seconds + ask.seconds_waited, attempts))
            response = await self._http.send(request, stream=into is not None)
        if into is not None:
            try:
                await self._receive(response, into)
            finally:
                await response.aclose()
        return response

    @staticmethod
    async def _receive(response: httpx2.Response, into: Path) -> None:
        if not response.is_success:
            await response.aread()
            return
        with into.open("wb") as file:
            async for piece in response.aiter_bytes(_PIECE):
                file.write(piece)
