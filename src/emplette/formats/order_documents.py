"""Orders as PDF: typst lays them out, in a workshop. They are PDF/A-3, with the order as Order-X attached.

A template is a typst file called ``order.typ``. It is given the order as `order_wording.shown` puts it, in
``sys.inputs.order`` as JSON: no text of anybody's is ever read as typst. What a template reads lies in its own folder,
and it reaches no network.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import msgspec
import segno
import typst

from emplette.domain.order_documents import Letter
from emplette.formats.order_signs import plainest, without
from emplette.formats.order_wording import WORDS, shown
from emplette.formats.order_x import NAME, declared, order_x

TEMPLATE: Final = "order.typ"
SHIPPED: Final = Path(__file__).parent / "order_templates"

_FONTS: Final = "fonts"
_PACKAGES: Final = "packages"
_STANDARD: Final = "a-3b"
_ROUNDS: Final = 8
_UNSHOWN: Final = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
_ESCAPED: Final = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
# What is around every template: who made the document, what is attached to it.
_MAIN: Final = b"""
#let given = json(bytes(sys.inputs.given))
#set document(title: given.title, author: given.author, date: auto)
#pdf.attach(
  given.attachment, bytes(sys.inputs.attached),
  relationship: "alternative", mime-type: "text/xml", description: given.description,
)
#include "/order.typ"
"""
_OURS: Final = "__typst_py_bytes__"
"""What typst calls what is around a template."""

_NOWHERE: Final = "http://127.0.0.1:9"
_PROXIES: Final = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "https_proxy", "http_proxy")


class TemplateFailed(Exception):
    """A template could not be set; the message says what is wrong with it, and in which line."""


def make(*, letter: Mapping[str, Any], templates: str, made_at: str) -> dict[str, Any]:
    """Make the document of an order.

    Args:
        letter: the `Letter`, as plain data.
        templates: a folder in which somebody may have put an ``order.typ`` of their own.
        made_at: the moment, in ISO 8601.

    Returns:
        ``pdf``, and with what it was made: ``template`` ("emplette", or "own") and ``template_sha256``.

    Raises:
        TemplateFailed: the template can't be used.
    """
    order = msgspec.convert(letter, Letter, strict=False)
    own = Path(templates)
    is_own = (own / TEMPLATE).is_file()
    folder = own if is_own else SHIPPED
    pdf = _set(folder, order, datetime.fromisoformat(made_at))
    used = hashlib.sha256((folder / TEMPLATE).read_bytes()).digest()
    return {"pdf": pdf, "template": "own" if is_own else "emplette", "template_sha256": used}


def _set(folder: Path, order: Letter, made_at: datetime) -> bytes:
    """Lay the order out; what no font has a sign for is shown as one that stands for it."""
    text, words = shown(order), WORDS[order.language]
    given = {
        "title": f"{words['order']} {order.number}",
        "author": order.buyer.name,
        "attachment": NAME,
        "description": "Order-X",
    }
    square = _square(f"{order.verify_url}?hash={order.content_hash.partition(':')[2]}")
    attached = order_x(order).decode()
    fonts = _fonts_of() if folder == SHIPPED else _fonts_of(folder / _FONTS)
    moment = made_at.astimezone(UTC).replace(microsecond=0)
    for left in reversed(range(_ROUNDS)):
        compiler = typst.Compiler(
            _MAIN,
            root=folder,
            font_paths=fonts,
            sys_inputs={"order": _json(text | {"qr": square}), "given": _json(given), "attached": attached},
            package_path=folder / _PACKAGES,
            package_cache_path=folder / _PACKAGES,
        )
        try:
            with _no_network():
                made = compiler.compile(format="pdf", pdf_standards=_STANDARD, timestamp=moment)
        except typst.TypstError as error:
            unshown = [_plain(found) for found in _UNSHOWN.findall(f"{error.message}\n{error.diagnostic}")]
            if not unshown or not left:
                raise TemplateFailed(_reason(error, folder)) from None
            text = plainest(text) if left == 1 else without(text, frozenset(unshown))
        else:
            if not isinstance(made, bytes):
                raise TemplateFailed(f"{TEMPLATE}: makes no PDF.")
            return declared(made)
    raise AssertionError


@contextmanager
def _no_network() -> Iterator[None]:
    """Let typst, which would look for packages in the network, find nothing there."""
    before = {name: os.environ.get(name) for name in _PROXIES}
    os.environ.update(dict.fromkeys(_PROXIES, _NOWHERE))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@cache
def _fonts_of(*folders: Path) -> typst.Fonts:
    """Find the fonts that a template may use: ours, typst's own, and those in a folder beside it."""
    there: list[Path] = [folder for folder in (SHIPPED / _FONTS, *folders) if folder.is_dir()]
    return typst.Fonts(include_system_fonts=False, font_paths=there)


def _json(data: Mapping[str, Any]) -> str:
    return msgspec.json.encode(data).decode()


def _plain(escaped: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), escaped)


def _square(address: str) -> str:
    """Draw what a phone reads, as SVG."""
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", border=0, svgclass=None, lineclass=None)
    return drawn.getvalue().decode()


def _reason(error: typst.TypstError, folder: Path) -> str:
    """Say what is wrong and where: typst's message, and the file, line and column that it names, from the folder on."""
    place = re.search(r"─ ([^\n]+:\d+:\d+)", error.diagnostic or "")
    hints = "".join(f" ({hint})" for hint in error.hints)
    where = place[1].rpartition(f"{str(folder).strip('/')}/")[2] if place else TEMPLATE
    where = TEMPLATE if where.startswith(_OURS) else where
    return f"{where}: {error.message}{hints}".replace(f"{folder}/", "")
