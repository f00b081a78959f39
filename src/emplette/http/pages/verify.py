"""The page where anybody can find out whether a printed order is one that was approved: number and hash match, or not.

It says nothing else: whether a number exists is nobody's business, nor whose order it is.
"""

from collections.abc import Awaitable, Callable
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from emplette.domain.parties import Language
from emplette.http.contract import GET, Call, Query, Reply, ShortText, operation
from emplette.http.contract.gate import Handler
from emplette.http.contract.rate import RateLimit, household

MOST_A_MINUTE = 30
"""Calls of one address to one worker."""

_HTML = "text/html; charset=utf-8"
_CSS = "text/css; charset=utf-8"
_POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
_HEADERS = (
    ("content-security-policy", _POLICY),
    ("cache-control", "no-store"),
    ("vary", "accept-language"),
    ("x-robots-tag", "noindex"),
)
_WORDS = {
    Language.FRENCH: {
        "title": "Vérifier un bon de commande",
        "number": "Numéro",
        "hash": "Empreinte imprimée sur le bon de commande",
        "verify": "Vérifier",
        "match": "Le numéro et l’empreinte se correspondent.",
        "no_match": "Le numéro et l’empreinte ne se correspondent pas.",
        "meaning": "Comparez le reste du document avec l’exemplaire de l’acheteur.",
        "warning": "Ne vous fiez pas à ce document : adressez-vous à l’acheteur.",
    },
    Language.ENGLISH: {
        "title": "Verify a purchase order",
        "number": "Number",
        "hash": "Hash printed on the purchase order",
        "verify": "Verify",
        "match": "Number and hash match.",
        "no_match": "Number and hash do not match.",
        "meaning": "Compare the rest of the document with the buyer’s own copy.",
        "warning": "Do not rely on this document: ask the buyer.",
    },
}

Verify = Callable[[str, str, str], Awaitable[bool]]
"""Tells whether, in the company of a host name, the order of a number has a hash."""


class HashQuery(Query):
    """The hash, as it is printed."""

    hash: ShortText = ""


def verify_operations(verify: Verify) -> list[Handler]:
    """Make the operations of the page."""
    limit = RateLimit(MOST_A_MINUTE, whom="This address")
    style = (resources.files("emplette.http.pages") / "static" / "verify.css").read_bytes()
    pages = Environment(
        loader=PackageLoader("emplette.http.pages"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = pages.get_template("verify.html")

    @operation(GET, "/verify/{number}", answers={200: bytes}, public=True, hidden=True, media_type=_HTML)
    async def get_verify_page(number: str, query: HashQuery, call: Call) -> Reply[bytes]:
        """Say whether the number and the hash of an order match; without a hash, ask for it."""
        limit.take(household(call.client))
        matches = await verify(call.host, number, query.hash)
        language = preferred(call.languages)
        words = _WORDS[language]
        told = page.render(
            language=language,
            words=words,
            number=number,
            hash=query.hash,
            matches=matches if query.hash.strip() else None,
        )
        return Reply(told.encode(), headers=(*_HEADERS, ("content-language", str(language))))

    @operation(GET, "/verify/verify.css", answers={200: bytes}, public=True, hidden=True, media_type=_CSS)
    async def get_verify_style() -> Reply[bytes]:
        """Answer how the page looks."""
        return Reply(style, headers=(("cache-control", "no-cache"),))

    return [get_verify_page, get_verify_style]


def preferred(languages: str) -> Language:
    """Choose the language that a browser likes best of those that there are; English when it knows neither."""
    best, liked = Language.ENGLISH, 0.0
    for part in languages.split(","):
        tag, _, weight = part.partition(";")
        known = next((one for one in Language if tag.strip().lower().partition("-")[0] == one), None)
        quality = _quality(weight)
        if known is not None and quality > liked:
            best, liked = known, quality
    return best


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    try:
        return float(value) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0
