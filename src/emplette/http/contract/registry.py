"""The registry of operations: what each asks, what it answers, who may call it.

The routes, the OpenAPI document, the reference page and the matrix of permissions all come from here.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import ModuleType
from typing import Any, TypeVar, get_type_hints
from uuid import UUID

from emplette.domain.errors import Refusal
from emplette.domain.people import Permission
from emplette.http.contract.decode import BodyDecoder, structs_in
from emplette.http.contract.download import Download
from emplette.http.contract.fields import LARGEST_INT32
from emplette.http.contract.gate import Call, Handler
from emplette.http.contract.query import QueryDecoder
from emplette.http.contract.receive import MEBIBYTE
from emplette.http.contract.refusals import PathUnknown
from emplette.http.contract.replies import JSON
from emplette.http.contract.structs import Query
from emplette.http.contract.upload import Upload

GET = "GET"
POST = "POST"
PUT = "PUT"

F = TypeVar("F", bound=Handler)

_ID = re.compile(r"[1-9][0-9]{0,9}")
_VARIABLE = re.compile(r"\{([a-z_]+)\}")
_ATTRIBUTE = "__operation__"


class BodyRule(Enum):
    """Whether an operation takes a body."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    EMPTY = "empty"


REQUIRED = BodyRule.REQUIRED
OPTIONAL = BodyRule.OPTIONAL
EMPTY = BodyRule.EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that can be asked over HTTP."""

    method: str
    path: str
    handler: Handler
    answers: Mapping[int, Any]
    tells: tuple[str, ...] = ()
    needs: tuple[Permission, ...] = ()
    public: bool = False
    local: bool = False
    tag: str = ""
    problems: tuple[type[Refusal], ...] = ()
    examples: Mapping[str, object] = field(default_factory=dict)
    answer_examples: Mapping[str, object] = field(default_factory=dict)
    links: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ours: bool = False
    hidden: bool = False
    also: Callable[..., Awaitable[None]] | None = None
    largest_body: int = MEBIBYTE
    media_type: str = JSON
    timed: bool = True
    only_asks: bool = False

    body_rule: BodyRule | None = None
    body_kind: Any = None
    body_decoder: BodyDecoder | None = None
    body_argument: str = ""
    query_kind: type[Query] | None = None
    query_decoder: QueryDecoder | None = None
    query_argument: str = ""
    takes_work: bool = False
    takes_call: bool = False
    variables: Mapping[str, type] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """How success is answered unless the reply says otherwise."""
        usual: int = next(iter(self.answers))
        return usual

    @property
    def is_repeated(self) -> bool:
        """Whether it is done once under an Idempotency-Key, however often it is called."""
        return self.method == POST and not self.only_asks

    @property
    def takes_upload(self) -> bool:
        """Whether the body is a form with a file."""
        return self.body_kind is Upload

    @property
    def answers_file(self) -> bool:
        """Whether the answer is a file, of which a part can be asked for."""
        return get_type_hints(self.handler).get("return") is Download

    @property
    def name(self) -> str:
        """The operation's id: the handler's name."""
        return str(getattr(self.handler, "__name__", "operation"))

    @property
    def purpose(self) -> str:
        """What the operation is for: the handler's docstring."""
        return inspect.getdoc(self.handler) or ""

    def arguments_from_path(self, values: Mapping[str, str]) -> dict[str, Any]:
        """Read the variables of the path.

        Raises:
            PathUnknown: a value can't be what the path has there, so nothing lives at it.
        """
        return {name: _READERS[kind](values[name]) for name, kind in self.variables.items()}


def operation(  # noqa: PLR0913 - each says one thing about the operation
    method: str,
    path: str,
    *,
    answers: Mapping[int, Any],
    tells: Sequence[str] = (),
    needs: Permission | Sequence[Permission] | None = None,
    public: bool = False,
    local: bool = False,
    tag: str = "",
    body: BodyRule | None = None,
    problems: Sequence[type[Refusal]] = (),
    examples: Mapping[str, object] | None = None,
    answer_examples: Mapping[str, object] | None = None,
    links: Mapping[str, Mapping[str, str]] | None = None,
    ours: bool = False,
    hidden: bool = False,
    also: Callable[..., Awaitable[None]] | None = None,
    largest_body: int = MEBIBYTE,
    media_type: str = JSON,
    timed: bool = True,
    only_asks: bool = False,
) -> Callable[[F], F]:
    """Declare that a handler answers at a place of the wire.

    ``tells`` names the headers of every success, ``needs`` the permissions of which the key must have one: without it
    any valid key may call. ``public`` needs no key and knows no company; ``local`` answers this machine only.
    ``problems`` are its own refusals. ``links`` names what can follow, each with the field of the answer that goes
    into its path or body: ``{"read_order": {"order_id": "id"}}``. ``ours`` marks what no public document describes,
    ``only_asks`` a POST that changes nothing. ``also`` finds more faults in a body that has some.
    """

    def declare(handler: F) -> F:
        made = Operation(
            method=method,
            path=path,
            handler=handler,
            answers=answers,
            tells=tuple(tells),
            needs=(needs,) if isinstance(needs, Permission) else tuple(needs or ()),
            public=public,
            local=local,
            tag=tag,
            problems=tuple(problems),
            examples=examples or {},
            answer_examples=answer_examples or {},
            links=links or {},
            ours=ours,
            hidden=hidden,
            also=also,
            largest_body=largest_body,
            media_type=media_type,
            timed=timed,
            only_asks=only_asks,
            **_arguments_of(handler, method, path, body),
        )
        setattr(handler, _ATTRIBUTE, made)
        return handler

    return declare


def _arguments_of(handler: Handler, method: str, path: str, rule: BodyRule | None) -> dict[str, Any]:
    """Find out, once, what the handler wants to be called with."""
    hints = get_type_hints(handler, include_extras=True)
    in_path = set(_VARIABLE.findall(path))
    found: dict[str, Any] = {"variables": {}}
    for name in inspect.signature(handler).parameters:
        kind = hints[name]
        if name == "work":
            found["takes_work"] = True
        elif kind is Call:
            found["takes_call"] = True
        elif name in in_path:
            found["variables"][name] = _plain(kind)
        elif kind is Upload:
            found |= {"body_kind": kind, "body_argument": name}
        elif structs_in(kind):
            found |= {"body_kind": kind, "body_argument": name, "body_decoder": BodyDecoder(kind)}
        elif isinstance(kind, type) and issubclass(kind, Query):
            found |= {"query_kind": kind, "query_argument": name, "query_decoder": QueryDecoder(kind)}
        else:
            raise TypeError(f"{handler.__qualname__}: where does {name} come from?")
    missing = in_path - set(found["variables"])
    if missing:
        raise TypeError(f"{handler.__qualname__} does not take {', '.join(missing)} of its path.")
    found["body_rule"] = _rule_of_body(handler, method, rule, has_body="body_kind" in found)
    return found


def _rule_of_body(handler: Handler, method: str, rule: BodyRule | None, *, has_body: bool) -> BodyRule | None:
    if method == GET:
        return None
    chosen = rule or (REQUIRED if has_body else EMPTY)
    if has_body is (chosen is EMPTY):
        raise TypeError(f"{handler.__qualname__} has a body and takes none, or the other way round.")
    return chosen


def _plain(kind: Any) -> type:  # noqa: ANN401 - any annotation
    """Find what a variable of a path is, below the names that annotations give it."""
    plain = getattr(kind, "__supertype__", kind)
    plain = getattr(plain, "__origin__", plain)
    if plain not in _READERS:
        raise TypeError(f"A variable of a path can't be {kind}.")
    found: type = plain
    return found


def _id(text: str) -> int:
    if _ID.fullmatch(text):
        number = int(text)
        if number <= LARGEST_INT32:
            return number
    raise PathUnknown(f"Nothing has the id {text}: ids are whole numbers between 1 and {LARGEST_INT32}.")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise PathUnknown(f"Nothing has the id {text}: it is a UUID here.") from None


_READERS: dict[type, Callable[[str], object]] = {int: _id, UUID: _uuid, str: str}


Source = ModuleType | Handler | Operation
"""Where operations come from: a module that declares some, a handler that was declared, or one as it is."""


class Registry:
    """All operations of a program."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._operations: dict[str, Operation] = {}
        for source in sources:
            for made in _declared_in(source):
                if made.name in self._operations:
                    raise ValueError(f"Two operations are called {made.name}.")
                self._operations[made.name] = made

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._operations.values())

    def __getitem__(self, name: str) -> Operation:
        return self._operations[name]


def _declared_in(source: Source) -> list[Operation]:
    if isinstance(source, Operation):
        return [source]
    if not isinstance(source, ModuleType):
        return [getattr(source, _ATTRIBUTE)]
    own = [member for member in vars(source).values() if getattr(member, "__module__", "") == source.__name__]
    return [getattr(member, _ATTRIBUTE) for member in own if hasattr(member, _ATTRIBUTE)]
