"""Bytes kept in an S3 bucket, or in what speaks the same: Ceph, MinIO, the services of many providers.

The companies and places are as in a folder, below the prefix that the setting names.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError, PermissionDeniedError
from obstore.store import S3Store

from emplette.domain.errors import Unavailable
from emplette.storage.folder import PIECE, path_in_store

_PART: Final = 5 * 2**20
"""Bytes of a part of a large object: the smallest that S3 takes, so that little is held in memory."""
_PARTS_AT_ONCE: Final = 2
_TO_CONNECT: Final = timedelta(seconds=4)
_TO_RETRY: Final = timedelta(seconds=20)
_RETRIES: Final = 4
_NOTHING: Final = "nothing-is-kept-here"
_NO_BUCKET: Final = "NoSuchBucket"
_ANY_REGION: Final = "us-east-1"

log = structlog.get_logger("emplette.storage")

T = TypeVar("T")


def open_bucket(url: str, *, endpoint: str | None) -> S3Store:
    """Find a bucket and a prefix in it, with the credentials that `Bucket` tells of."""
    parts = urlsplit(url)
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _ANY_REGION
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        config={"region": region} if endpoint is None else {"region": region, "endpoint": endpoint},
        client_options={"allow_http": (endpoint or "").startswith("http://"), "connect_timeout": _TO_CONNECT},
        retry_config={"max_retries": _RETRIES, "retry_timeout": _TO_RETRY},
    )


class Bucket:
    """A store in a bucket.

    Args:
        url: `s3://bucket/prefix`.
        endpoint: where it is when it is not Amazon's; in clear only when it says `http://`.
        folder: where files lie that are lent as local ones.

    Credentials and region come from the variables that all programs read for S3: AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION; on Amazon's machines, from the machine.
    """

    def __init__(self, url: str, *, endpoint: str | None, folder: Path) -> None:
        self._folder = folder
        self._store = open_bucket(url, endpoint=endpoint)

    async def put(self, tenant: int, place: str, source: Path) -> None:
        """Keep what a local file holds; S3 answers when it is safe."""
        sending = obstore.put_async(
            self._store, path_in_store(tenant, place), source, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE
        )
        await _patiently(sending)

    async def put_bytes(self, tenant: int, place: str, content: bytes) -> None:
        """Keep some bytes, as safely."""
        await _patiently(obstore.put_async(self._store, path_in_store(tenant, place), content, use_multipart=False))

    async def open(
        self, tenant: int, place: str, *, first: int = 0, last: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Begin to read bytes, from the first to the last one of them."""
        wanted: Any = {"range": {"offset": first} if last is None else (first, last + 1)}
        found = await _patiently(obstore.get_async(self._store, path_in_store(tenant, place), options=wanted))
        return _pieces(found.stream(min_chunk_size=PIECE))

    async def read(self, tenant: int, place: str) -> bytes:
        """Read all bytes at once."""
        found = await _patiently(obstore.get_async(self._store, path_in_store(tenant, place)))
        return bytes(await _patiently(found.bytes_async()))

    @asynccontextmanager
    async def local(self, tenant: int, place: str) -> AsyncIterator[Path]:
        """Lend a copy, which is gone afterwards."""
        pieces = await self.open(tenant, place)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part") as copy:
            async for piece in pieces:
                await asyncio.to_thread(copy.write, piece)
            await asyncio.to_thread(copy.flush)
            yield Path(copy.name)

    async def trouble(self) -> str | None:
        """List what is not there: a bucket that can be reached says so, or that it tells such things to others only.

        A look at one object would not do: to that, a bucket that is not there answers as one in which nothing is.
        Whether it takes what is put there, only putting something tells.
        """
        try:
            await obstore.list_with_delimiter_async(self._store, prefix=_NOTHING)
        except PermissionDeniedError:
            return None
        except (BaseError, OSError) as error:
            log.warning("store.failed", error=str(error))
            return "There is no such bucket." if _NO_BUCKET in str(error) else "The bucket can't be reached just now."
        return None

    async def remove(self, tenant: int, place: str) -> None:
        """Remove an object; one that is not there is as good."""
        await _patiently(obstore.delete_async(self._store, path_in_store(tenant, place)))

    async def is_empty(self) -> bool:
        """Tell whether nothing is below the prefix."""
        found = await _patiently(obstore.list_with_delimiter_async(self._store))
        return not (found["objects"] or found["common_prefixes"])


async def _patiently(asking: Awaitable[T]) -> T:
    """Wait for the bucket; what it can't do just now, nobody can."""
    try:
        return await asking
    except (BaseError, OSError) as error:
        log.warning("store.failed", error=str(error))
        raise Unavailable("The store of files can't be used just now.") from error


async def _pieces(stream: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    try:
        async for piece in stream:
            yield bytes(piece)
    except (BaseError, OSError) as error:
        log.warning("store.failed", error=str(error))
        raise Unavailable("The store of files stopped answering.") from error
