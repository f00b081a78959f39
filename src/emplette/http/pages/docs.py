"""The reference of the API for people: rendered by the server, from the same declarations as everything else."""

import re
from asyncio import to_thread
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from importlib import resources
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from emplette.domain.errors import Refusal
from emplette.http.contract import GET, Reply, operation
from emplette.http.contract.gate import Handler
from emplette.http.contract.refusals import PathUnknown
from emplette.http.contract.statuses import status_of
from emplette.http.pages.reference import Reference

_QUOTED = re.compile("`([^`]+)`")
_HTML = "text/html; charset=utf-8"
_CSS = "text/css; charset=utf-8"
_POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_PAGE_HEADERS = (("content-security-policy", _POLICY), ("cache-control", "no-cache"))


class _Docs:
    """What is answered, each part made when it is first asked for: a worker that starts has no need of it."""

    def __init__(self, describe: Callable[[], Mapping[str, Any]]) -> None:
        self._describe = describe

    @cached_property
    def document(self) -> Mapping[str, Any]:
        return self._describe()

    @cached_property
    def as_json(self) -> bytes:
        return msgspec.json.encode(self.document)

    @cached_property
    def reference(self) -> Reference:
        return Reference(self.document)

    @cached_property
    def page(self) -> bytes:
        return _pages().get_template("docs.html").render(reference=self.reference).encode()

    @cached_property
    def style(self) -> bytes:
        return (resources.files("emplette.http.pages") / "static" / "docs.css").read_bytes()


def docs_operations(describe: Callable[[], Mapping[str, Any]]) -> list[Handler]:
    """Make the operations that answer the OpenAPI document, which ``describe`` makes, and its pages."""
    docs = _Docs(describe)

    @operation(GET, "/openapi.json", answers={200: bytes}, public=True, hidden=True)
    async def get_openapi_document() -> bytes:
        """Answer the OpenAPI document."""
        return await to_thread(lambda: docs.as_json)

    @operation(GET, "/docs", answers={200: bytes}, public=True, hidden=True, media_type=_HTML)
    async def get_docs() -> Reply[bytes]:
        """Answer the reference of the API."""
        return Reply(await to_thread(lambda: docs.page), headers=_PAGE_HEADERS)

    @operation(GET, "/docs/docs.css", answers={200: bytes}, public=True, hidden=True, media_type=_CSS)
    async def get_docs_style() -> Reply[bytes]:
        """Answer how the reference looks."""
        return Reply(docs.style, headers=(("cache-control", "no-cache"),))

    @operation(GET, "/problems/{code}", answers={200: bytes}, public=True, hidden=True, media_type=_HTML)
    async def get_problem_page(code: str) -> Reply[bytes]:
        """Explain one kind of problem: the page that the `type` of a problem leads to."""
        kind = _refusals().get(code)
        if kind is None:
            raise PathUnknown(f"There is no problem {code}.")
        explained = _pages().get_template("problem.html")
        reference = await to_thread(lambda: docs.reference)
        where = [each for each in reference.operations if any(code in problem.codes for problem in each.problems)]
        text = explained.render(code=code, title=kind.title(), status=status_of(kind), operations=where)
        return Reply(text.encode(), headers=_PAGE_HEADERS)

    return [get_openapi_document, get_docs, get_docs_style, get_problem_page]


@cache
def _pages() -> Environment:
    pages = Environment(
        loader=PackageLoader("emplette.http.pages"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["prose"] = _prose
    return pages


def _prose(text: str) -> Markup:
    """Show a sentence of the contract: what stands between backticks in it is code."""
    return Markup(_QUOTED.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def _refusals() -> dict[str, type[Refusal]]:
    """Find every kind of refusal by its code."""
    found: dict[str, type[Refusal]] = {}
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.code, kind)
        waiting.extend(kind.__subclasses__())
    return found
