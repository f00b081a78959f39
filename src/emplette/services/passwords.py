"""Hashing passwords and judging them: slow on purpose, so never on the event loop, and never many at a time."""

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn  # type: ignore[import-untyped]

from emplette.domain.errors import Unavailable
from emplette.domain.sign_in import fault_of_length

T = TypeVar("T")

AT_A_TIME: Final = 1
"""Passwords that one process hashes at a time: on a machine of two processors, the other one goes on serving."""
MOST_WAITING: Final = 30
"""Passwords that wait to be hashed; the next is told to come again."""

HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""As OWASP asks of Argon2id (19 MiB, two passes, one lane): a guess costs as much memory as it costs us."""

_GOOD_ENOUGH: Final = 3
_SHORTEST_WORD: Final = 4
_OF_ONES_OWN: Final = 8
"""Characters of a password that are not the person's name, mail address or company."""
_JUDGED: Final = 64
"""Characters of a password that are judged: what is good that far does not get worse, and the judge is slow."""


class Passwords:
    """Hashes passwords, a few at a time, in threads of its own."""

    def __init__(self, *, at_a_time: int = AT_A_TIME, most_waiting: int = MOST_WAITING) -> None:
        self._threads = ThreadPoolExecutor(at_a_time, thread_name_prefix="passwords")
        self._most = at_a_time + most_waiting
        self._under_way = 0

    async def hash(self, password: str) -> str:
        """Hash a password for keeping.

        Raises:
            Unavailable: too many wait already.
        """
        return await self._slowly(lambda: HASHER.hash(password))

    async def is_right(self, hashed: str | None, password: str) -> bool:
        """Tell whether a password is the one that was hashed; without one it takes as long to say no.

        Raises:
            Unavailable: too many wait already.
        """
        return await self._slowly(lambda: _verify(hashed, password))

    async def fault_of(self, password: str, *, known: Collection[str]) -> str | None:
        """Say why a password can't be taken, if so.

        Args:
            password: what somebody wants.
            known: what everybody knows of them: their name, their mail address, the company's name.

        Raises:
            Unavailable: too many wait already.
        """
        return fault_of_length(password) or await self._slowly(lambda: _fault_of(password, known))

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _slowly(self, do: Callable[[], T]) -> T:
        if self._under_way >= self._most:
            raise Unavailable("Too many passwords are being looked at just now; try again.")
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, do)
        finally:
            self._under_way -= 1


def is_outdated(hashed: str) -> bool:
    """Tell whether a password is to be hashed anew, because it is done otherwise by now."""
    return HASHER.check_needs_rehash(hashed)


@cache
def _nobodys() -> str:
    return HASHER.hash("nobody has this password")


def _verify(hashed: str | None, password: str) -> bool:
    try:
        HASHER.verify(hashed or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def _fault_of(password: str, known: Collection[str]) -> str | None:
    words = [word for text in known for word in (text, *text.replace("@", " ").replace(".", " ").split()) if word]
    rest = password.casefold()
    for word in sorted((word.casefold() for word in words if len(word) >= _SHORTEST_WORD), key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(rest) < _OF_ONES_OWN:
        return "Is little more than what everybody knows: your name, your mail address, the company."
    judged = zxcvbn(password[:_JUDGED], user_inputs=words)
    if judged["score"] >= _GOOD_ENOUGH:
        return None
    return (
        "Is easily guessed: it is known to those who guess, or made of what they try first. Take some words in a row."
    )
