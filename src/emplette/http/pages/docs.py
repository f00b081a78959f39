"""The reference of the API for people: rendered by the server, from the same declarations as everything else."""

import re
from collections.abc import Mapping
from functools import cache
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


def docs_operations(document: Mapping[str, Any]) -> list[Handler]:
    """Make the operations that answer the OpenAPI document and its pages."""
    as_json = msgspec.json.encode(document)
    reference = Reference(document)
    page = _pages().get_template("docs.html").render(reference=reference).encode()
    style = (resources.files("emplette.http.pages") / "static" / "docs.css").read_bytes()

    @operation(GET, "/openapi.json", answers={200: bytes}, public=True, hidden=True)
    async def get_openapi_document() -> bytes:
        """Answer the OpenAPI document."""
        return as_json

    @operation(GET, "/docs", answers={200: bytes}, public=True, hidden=True, media_type=_HTML)
    async def get_docs() -> Reply[bytes]:
        """Answer the reference of the API."""
        return Reply(page, headers=_PAGE_HEADERS)

    @operation(GET, "/docs/docs.css", answers={200: bytes}, public=True, hidden=True, media_type=_CSS)
    async def get_docs_style() -> Reply[bytes]:
        """Answer how the reference looks."""
        return Reply(style, headers=(("cache-control", "no-cache"),))

    @operation(GET, "/problems/{code}", answers={200: bytes}, public=True, hidden=True, media_type=_HTML)
    async def get_problem_page(code: str) -> Reply[bytes]:
        """Explain one kind of problem: the page that the `type` of a problem leads to."""
        kind = _refusals().get(code)
        if kind is None:
            raise PathUnknown(f"There is no problem {code}.")
        explained = _pages().get_template("problem.html")
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
    return Markup(_QUOTED.sub(r"<code>\1</code>", escape(text)))  # noqa: S704 - escaped before


def _refusals() -> dict[str, type[Refusal]]:
    """Find every kind of refusal by its code."""
    found: dict[str, type[Refusal]] = {}
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.code, kind)
        waiting.extend(kind.__subclasses__())
    return found
