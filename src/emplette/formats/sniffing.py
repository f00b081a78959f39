"""What a file is, as its bytes say: an allow-list. What is on it can be kept and handed out again without harm.

Names are hints at most: for text, which nothing else tells apart. The list of kinds is `emplette.domain.files.KINDS`.
"""

import codecs
import re
from pathlib import Path
from typing import Final

from emplette.domain.files import BY_CONTENT_TYPE, FIELD, FileRefused, Kind, split_name
from emplette.formats.containers import OLE, ZIP, Locked, Macros, look_into_ole, look_into_zip

_HEAD: Final = 64 * 1024
_PDF: Final = b"%PDF-"
_PDF_WITHIN: Final = 1024

_SIGNATURES: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), content_type)
    for pattern, content_type in (
        # Some programs put a line break or a byte-order mark before it. Nothing that shows may stand there.
        (rb"(?:\xef\xbb\xbf)?[\0\t\n\r ]{0,1000}%PDF-\d", "application/pdf"),
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"BM.{4}\0\0\0\0.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", "image/bmp"),
        (rb"II[\x2a\x2b]\0|MM\0[\x2a\x2b]", "image/tiff"),
        (rb"RIFF.{4}WEBPVP8", "image/webp"),
        (rb"\0\0\0.ftyp(?:heic|heix|heim|heis)|\0\0\0.ftypmif1.{4,40}?heic", "image/heic"),
        (rb"\0\0\0.ftyp(?:mif1(?!.{4,40}?avif)|hevc|hevx)", "image/heif"),
        (rb"\{\\rtf1", "application/rtf"),
        (rb"Rar!\x1a\x07(?:\0|\x01\0)", "application/vnd.rar"),
        (rb"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    )
)

# What people try to send and can't, for a refusal that names it.
_KNOWN_STRANGERS: Final = tuple(
    (re.compile(pattern, re.DOTALL | re.IGNORECASE), what)
    for pattern, what in (
        (
            rb"MZ|\x7fELF|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe|\0asm|L\0\0\0\x01\x14\x02",
            "a program",
        ),
        (rb"#!", "a script"),
        (rb"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd", "a packed file of a kind that is not taken (zip, 7z and rar are)"),
        (rb"....ftyp|\x1aE\xdf\xa3|OggS|ID3|RIFF", "a film or a sound"),
        (rb"%!PS", "PostScript"),
    )
)

_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Extensions of text that something would run: a browser, Windows, a shell or an interpreter.
_RUNS: Final = re.compile(
    "aspx?|css|html?|jar|jsp?|jse|mjs|php|shtml|svg|swf|ts|wasm|xhtml?|xht|xslt?|"
    "bat|cmd|com|cpl|dll|exe|hta|lnk|msi|ps1|psm1|reg|scr|url|vb[es]?|ws[fh]|"
    "bin|cgi|desktop|lua|pl|py|rb|(?:ba|c|k|z)?sh"
)

_TAKEN: Final = (
    "PDF, pictures (JPEG, PNG, GIF, TIFF, WebP, HEIC, BMP), office documents, mails, CSV, text, XML and zip are"
)


def kind_of(path: Path, name: str = "") -> Kind:
    """Tell what a file is by its content.

    It reads the file: not for the event loop.

    Args:
        path: where the file lies.
        name: what its sender calls it; it tells CSV from other text.

    Raises:
        FileRefused: it is of no kind that is taken; the message says what it is, and what would be right.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise _refusal("The file is empty: nothing arrived, or there was nothing to send.")
    content_type = next((kind for pattern, kind in _SIGNATURES if pattern.match(head)), None)
    if content_type is None and head.startswith((OLE, *ZIP)):
        content_type = _kind_of_container(path, head)
    if content_type is None:
        if _PDF in head[:_PDF_WITHIN]:
            raise _refusal("Something stands before the beginning of the PDF: save or print it anew.")
        for pattern, what in _KNOWN_STRANGERS:
            if pattern.match(head):
                raise _refusal(f"It is {what}; {_TAKEN} taken.")
        content_type = _kind_of_text(path, head, split_name(name)[1].lower())
    return BY_CONTENT_TYPE[content_type]


def _kind_of_container(path: Path, head: bytes) -> str:
    try:
        if head.startswith(OLE):
            found = look_into_ole(path)
            if found is None:
                raise _refusal("It is neither an office document nor a mail, though it is made like one.")
            return found
        found = look_into_zip(path)
    except Macros:
        raise _refusal("It carries macros: save it without them, or as PDF.") from None
    except Locked:
        raise _refusal("It is locked with a password, so that nobody else could read it: send it without.") from None
    return found if found in BY_CONTENT_TYPE else "application/zip"


def _kind_of_text(path: Path, head: bytes, extension: str) -> str:
    """Tell mail, XML, CSV and other text apart; what has bytes that no text has is of no known kind."""
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if head.startswith(mark)), None)
    if not _is_text(path, encoding):
        raise _refusal(f"What it is can't be told from its content; {_TAKEN} taken.")
    text = head.decode(encoding or "latin-1", "ignore").lstrip("\ufeff")
    if extension not in _TEXT_EXTENSIONS and _is_mail(text):
        return "message/rfc822"
    markup = text.lstrip()
    is_markup = _MARKUP.match(markup) is not None
    if is_markup:
        _refuse_markup_that_runs(markup)
    elif _PAGE.search(text):
        raise _refusal("It holds a web page or a script: send what it shows as PDF.")
    if _RUNS.fullmatch(extension):
        raise _refusal(f"Its name ends in .{extension}, which is a program or a page: text is taken as .txt or .csv.")
    if is_markup:
        return "application/xml"
    return "text/csv" if extension in BY_CONTENT_TYPE["text/csv"].extensions else "text/plain"


_TEXT_EXTENSIONS: Final = frozenset(BY_CONTENT_TYPE["text/csv"].extensions + BY_CONTENT_TYPE["text/plain"].extensions)
_FIRST_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,60}:[ \t\r\n]")
_HEADERS_END = re.compile(r"\r?\n\r?\n")
_HEADER = re.compile(
    r"^(received|message-id|mime-version|return-path|from|to|date|subject):", re.IGNORECASE | re.MULTILINE
)
_FEWEST_HEADERS: Final = 2


def _is_mail(text: str) -> bool:
    headers = _HEADERS_END.split(text, maxsplit=1)[0]
    return (
        bool(_FIRST_HEADER.match(text)) and len({name.lower() for name in _HEADER.findall(headers)}) >= _FEWEST_HEADERS
    )


_PAGE = re.compile(r"<(?:!doctype\s+(?:html|svg)|html|script|svg|iframe|body|object|embed)[\s>/]", re.IGNORECASE)
_IS_PAGE: Final = "It is a web page or a drawing that can hold programs: send it as PDF or PNG."
_PROLOG = re.compile(r"(?:\s+|<\?(?P<instruction>.*?)\?>|<!--.*?-->)", re.DOTALL)
_MARKUP = re.compile(r"<(?:[!?/]|[^\W\d][\w.:-]*[\s/>])")
_ROOT = re.compile(r"<(?:[^\W\d][\w.-]*:)?(?P<name>[^\W\d][\w.-]*)[\s/>]")
_ENCODING = re.compile(r"encoding\s*=\s*[\"']([\w.-]+)[\"']", re.IGNORECASE)
_ENCODINGS: Final = re.compile(
    r"(?:us-)?ascii|utf-?(?:8|16(?:le|be)?)|iso-8859-\d+|windows-125\d|cp125\d|latin-?1", re.IGNORECASE
)
_PAGE_ROOTS: Final = frozenset(
    {"body", "embed", "form", "head", "html", "iframe", "img", "object", "script", "style", "svg"}
)
_PAGES: Final = ("http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xsl/")


def _refuse_markup_that_runs(text: str) -> None:
    """Take XML that is data; refuse pages, pictures with programs in them, and what declares a type or entities.

    Raises:
        FileRefused: with what it is.
    """
    lowered = text.lower()
    if "<!doctype" in lowered or "<!entity" in lowered:
        page = _PAGE.search(text)
        raise _refusal(
            _IS_PAGE
            if page
            else "Its XML declares a document type or entities, which is not taken: leave <!DOCTYPE ...> out."
        )
    at = 0
    while part := _PROLOG.match(text, at):
        at = part.end()
        instruction = part["instruction"] or ""
        encoding = _ENCODING.search(instruction) if instruction.lower().startswith("xml ") else None
        if encoding and not _ENCODINGS.fullmatch(encoding[1]):
            raise _refusal(f"Its XML is written in {encoding[1]}: write it in UTF-8.")
        if instruction.lower().startswith("xml-stylesheet"):
            raise _refusal("Its XML names a style sheet, which is a program: leave <?xml-stylesheet ...?> out.")
    root = _ROOT.match(text, at)
    if root is None:
        raise _refusal(f"It begins like XML and is none; {_TAKEN} taken.")
    if root["name"].lower() in _PAGE_ROOTS or any(page in lowered for page in _PAGES):
        raise _refusal(_IS_PAGE)


_CONTROLS: Final = bytes(byte for byte in range(32) if byte not in b"\t\n\r\x0b\x0c\x1a") + b"\x7f"
_NOT_CP1252: Final = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
_PIECE: Final = 2**20


def _is_text(path: Path, encoding: str | None) -> bool:
    """Tell whether the whole file is text: UTF-8, UTF-16 with its mark, or what Windows writes in western Europe."""
    decoder = codecs.getincrementaldecoder(encoding or "utf-8")()
    western = True
    unicode = True
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            narrow = encoding is None or encoding == "utf-8"
            if narrow and len(piece.translate(None, _CONTROLS)) != len(piece):
                return False
            western = western and encoding is None and len(piece.translate(None, _NOT_CP1252)) == len(piece)
            unicode = unicode and _decodes(decoder, piece)
            if not western and not unicode:
                return False
    return western or (unicode and _decodes(decoder, b"", final=True))


def _decodes(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        text = decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return "\0" not in text


def _refusal(message: str) -> FileRefused:
    return FileRefused({FIELD: [message]})
