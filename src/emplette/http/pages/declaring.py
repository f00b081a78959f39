"""Declaring pages: where each lives, and who may open it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, TypeVar, get_type_hints

from emplette.domain.people import Permission
from emplette.http.contract.registry import Operation
from emplette.http.pages.visits import Show

F = TypeVar("F", bound=Show)

_ATTRIBUTE: Final = "__page__"


@dataclass(frozen=True, slots=True)
class Page:
    """One page, or one form: what it is to the wire, and what it takes beside."""

    operation: Operation
    takes_upload: bool = False
    has_company: bool = True


def page(
    method: str,
    path: str,
    *,
    needs: tuple[Permission, ...] = (),
    public: bool = False,
    upload: bool = False,
    company: bool = True,
    timed: bool = True,
) -> Callable[[F], F]:
    """Declare that a function answers visits at a place.

    Without ``public`` the visitor must have signed in; ``needs`` names the permissions of which they must have one.
    A form that takes an ``upload`` carries its token in the address, because its body is the file. What is public and
    of no ``company`` is there before there is one. What is not ``timed`` takes as long as it takes.
    """

    def declare(show: F) -> F:
        hints = {name: kind for name, kind in get_type_hints(show).items() if name not in {"visit", "return"}}
        made = Operation(
            method=method,
            path=path,
            handler=show,
            answers={200: bytes},
            needs=needs,
            public=public,
            hidden=True,
            media_type="text/html",
            variables=hints,
            timed=timed,
        )
        setattr(show, _ATTRIBUTE, Page(made, upload, company))
        return show

    return declare


def pages_in(modules: tuple[ModuleType, ...]) -> Iterator[Page]:
    """Walk the pages that modules declare."""
    for module in modules:
        for member in vars(module).values():
            found: Any = getattr(member, _ATTRIBUTE, None)
            if found is not None and member.__module__ == module.__name__:
                yield found
