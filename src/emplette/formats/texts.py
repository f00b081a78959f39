"""Looking into text: mail, XML, CSV and the rest are told apart, and what some program would run is refused.

Nothing is parsed: what is said at the beginning is enough to tell what it is, and entities are never followed.
"""

import codecs
import re
from pathlib import Path
from typing import Final

from emplette.domain.files import BY_CONTENT_TYPE

MAIL: Final = "message/rfc822"
XML: Final = "application/xml"
CSV: Final = "text/csv"
PLAIN: Final = "text/plain"


class Runs(Exception):
    """The text is something that a program would run or show as a page; the message says what, and what to send."""


def look_into_text(path: Path, head: bytes, extension: str) -> str | None:
    """Tell what kind of text a file is, as a media type; None when it is no text.

    Args:
        path: where it lies; it is read whole.
        head: its beginning.
        extension: what its name ends in, in small letters: it tells CSV from other text.

    Raises:
        Runs: some program would run it.
    """
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if head.startswith(mark)), None)
    if not _is_text(path, encoding):
        return None
    # Of other encodings only the letters of ASCII matter here, and those are the same in all of them.
    text = head.decode(encoding or "latin-1", "ignore").lstrip("\ufeff")
    if extension not in _EXTENSIONS and _is_mail(text):
        return MAIL
    markup = text.lstrip()
    if _MARKUP.match(markup):
        _refuse_markup_that_runs(markup)
        return XML
    # What only tells of pages, as a log does, is none: nothing takes for a page what does not begin as one.
    if _PROGRAM.match(text):
        raise Runs("It is a script: send what it shows as PDF.")
    return CSV if extension in BY_CONTENT_TYPE[CSV].extensions else PLAIN


_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS: Final = bytes(byte for byte in range(32) if byte not in b"\t\n\r\x0b\x0c\x1a") + b"\x7f"
_NOT_CP1252: Final = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
_PIECE: Final = 2**20


def _is_text(path: Path, encoding: str | None) -> bool:
    """Tell whether the whole file is text: UTF-8, UTF-16 with its mark, or what Windows writes in western Europe."""
    decoder = codecs.getincrementaldecoder(encoding or "utf-8")()
    unicode, western = True, encoding is None
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            if encoding in {None, "utf-8"} and len(piece.translate(None, _CONTROLS)) != len(piece):
                return False
            western = western and len(piece.translate(None, _NOT_CP1252)) == len(piece)
            unicode = unicode and _decodes(decoder, piece)
            if not western and not unicode:
                return False
    return western or _decodes(decoder, b"", final=True)


def _decodes(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        text = decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return "\0" not in text


_EXTENSIONS: Final = frozenset(BY_CONTENT_TYPE[CSV].extensions + BY_CONTENT_TYPE[PLAIN].extensions)
_FIRST_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,60}:[ \t\r\n]")
_HEADERS_END = re.compile(r"\r?\n\r?\n")
_HEADER = re.compile(
    r"^(received|message-id|mime-version|return-path|from|to|date|subject):", re.IGNORECASE | re.MULTILINE
)
_FEWEST_HEADERS: Final = 2


def _is_mail(text: str) -> bool:
    known = _HEADER.findall(_HEADERS_END.split(text, maxsplit=1)[0])
    return _FIRST_HEADER.match(text) is not None and len({name.lower() for name in known}) >= _FEWEST_HEADERS


_PROGRAM = re.compile(r"#!|%!PS|<\?php")
_PAGE = re.compile(r"<(?:!doctype\s+(?:html|svg)|html|script|svg|iframe|body|object|embed)[\s>/]", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:[!?/]|[^\W\d][\w.:-]*[\s/>])")
_PROLOG = re.compile(r"(?:\s+|<\?(?P<instruction>.*?)\?>|<!--.*?-->)", re.DOTALL)
_ROOT = re.compile(r"<(?:[^\W\d][\w.-]*:)?(?P<name>[^\W\d][\w.-]*)[\s/>]")
_ENCODING = re.compile(r"encoding\s*=\s*[\"']([\w.-]+)[\"']", re.IGNORECASE)
_ENCODINGS: Final = re.compile(
    r"(?:us-)?ascii|utf-?(?:8|16(?:le|be)?)|iso-8859-\d+|windows-125\d|cp125\d|latin-?1", re.IGNORECASE
)
_PLACE = re.compile(r"""href\s*=\s*(["'])(.*?)\1""", re.IGNORECASE | re.DOTALL)
_ELSEWHERE = re.compile(r"(?:https?://)?\w[\w./%() -]*", re.IGNORECASE)
_PAGE_ROOTS: Final = frozenset(
    {"body", "embed", "form", "head", "html", "iframe", "img", "object", "script", "style", "svg"}
)
_PAGES: Final = ("http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xsl/")
_IS_PAGE: Final = "It is a web page or a drawing that can hold programs: send it as PDF or PNG."
_DECLARES: Final = "Its XML declares a document type or entities, which is not taken: leave <!DOCTYPE ...> out."


def _refuse_markup_that_runs(text: str) -> None:
    """Take XML that is data; refuse pages, pictures with programs in them, and what declares a type or entities.

    Raises:
        Runs: with what it is.
    """
    lowered = text.lower()
    if "<!doctype" in lowered or "<!entity" in lowered:
        raise Runs(_IS_PAGE if _PAGE.search(text) else _DECLARES)
    at = 0
    while part := _PROLOG.match(text, at):
        at = part.end()
        _refuse_instruction(part["instruction"] or "")
    root = _ROOT.match(text, at)
    if root is None:
        raise Runs("It begins like XML and is none: its first element can't be found.")
    if root["name"].lower() in _PAGE_ROOTS or any(page in lowered for page in _PAGES):
        raise Runs(_IS_PAGE)


def _names_another_file(instruction: str) -> bool:
    """Tell whether a style sheet lies elsewhere, as with Italian invoices: not in the file, nor in its address."""
    return all(_ELSEWHERE.fullmatch(place) for _, place in _PLACE.findall(instruction))


def _refuse_instruction(instruction: str) -> None:
    """Refuse what tells a reader to run something, or to read in a way that hides what is written."""
    kind = instruction.partition(" ")[0].lower()
    if kind.startswith("xml-stylesheet") and not _names_another_file(instruction):
        raise Runs("Its XML names a style sheet within itself, which is a program: leave <?xml-stylesheet ...?> out.")
    if kind.startswith("php"):
        raise Runs("It holds a script: send what it shows as PDF.")
    encoding = _ENCODING.search(instruction) if kind == "xml" else None
    if encoding and not _ENCODINGS.fullmatch(encoding[1]):
        raise Runs(f"Its XML is written in {encoding[1]}: write it in UTF-8.")
