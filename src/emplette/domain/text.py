"""What people may write, and how what they wrote is searched.

Every script is welcome, and so are emoji and the marks that steer the direction of writing. Refused is what nobody
types and no store should keep: control characters (tab, line feed and carriage return apart) and lone surrogates.
Lengths are counted in code points.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Final

LONGEST_TITLE: Final = 1_000
LONGEST_COMMENT: Final = 10_000
LONGEST_NAME: Final = 255

_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")

# C0 without tab, line feed and carriage return; DEL; C1; surrogates that stand alone.
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

BLANK: Final = (
    r"\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
)
"""Characters that show nothing, as part of a regular expression's class: white space, what Unicode lets be ignored,
what frames annotations, and letters that look like a space. Those beyond U+FFFF follow in `BLANK_BEYOND`: few other
dialects write them as we do."""

BLANK_BEYOND: Final = r"\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff"

SHOWN: Final = f"[^{BLANK}{BLANK_BEYOND}]"
"""A regular expression that finds a character that shows."""

_SHOWN = re.compile(SHOWN)


class _Plain(dict[int, str | None]):
    """What is left of each character, worked out once: nothing of accents and of marks that show nothing."""

    def __missing__(self, point: int) -> str | None:
        """Work out what is left of one."""
        char = chr(point)
        plain = None if unicodedata.combining(char) or unicodedata.category(char) == "Cf" else char
        if point < _FIRST_IDEOGRAPH:
            self[point] = plain
        return plain


_FIRST_IDEOGRAPH: Final = 0x3000
"""From here on characters are too many to remember."""
_WIDE: Final = range(0xFB00, 0xFFF0)
"""Ligatures, and letters as wide as ideographs."""
_MARKS: Final = r"[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]*"
"""Accents that stand by themselves, and marks that show nothing, as they may follow any letter."""
# Letters that people leave out or write as two, and that Unicode does not take apart.
_AS_WRITTEN: Final = {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "\u0131": "i"}
_PLAIN: Final = _Plain({ord(letter): written for letter, written in _AS_WRITTEN.items()})


def fault_of_text(text: str, *, longest: int) -> str | None:
    """Say what is wrong with a text of any kind, if anything is."""
    if len(text) > longest:
        return f"At most {longest:,} characters; these are {len(text):,}."
    refused = _REFUSED.search(text)
    if refused:
        code, place = f"U+{ord(refused[0]):04X}", refused.start()
        if refused[0] >= "\ud800":
            return f"A lone surrogate {code} at position {place} can't be kept; remove it."
        return f"The control character {code} at position {place} can't be kept; remove it."
    return None


def fault_of_name(name: str, *, longest: int = LONGEST_NAME) -> str | None:
    """Say what is wrong with a name, a code or a title, if anything is: it has to show something."""
    fault = fault_of_text(name, longest=longest)
    return fault if fault or _SHOWN.search(name) else "Must not be empty."


def number_of(number: int, one: str, many: str = "") -> str:
    """Say how many there are of something, for people who read English: 1 company, 1,000 companies."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def is_mail_address(text: str) -> bool:
    """Tell whether a text looks like a mail address; whether it is one, only a mail finds out."""
    return len(text) <= LONGEST_NAME and _MAIL.fullmatch(text) is not None


def folded(text: str) -> str:
    """Fold case, accents and white space away: what search columns and look-alike names are compared by."""
    if text.isascii():
        return " ".join(text.lower().split())
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join(apart.translate(_PLAIN).split())


def written_any_way(text: str) -> str:
    """Write a regular expression that finds a text however it is written, as `folded` tells alike what is.

    Capital or small, with accents or without, whatever white space stands between its words. It is for Python and for
    PostgreSQL, and for texts in JSON as well, where what breaks a line, quotes and back-slashes are escaped.
    """
    ways, plain = _ways(), folded(text)
    found, at = [], 0
    while at < len(plain):
        pair = plain[at : at + 2]
        first, *second = [_one_of(ways.get(letter, (ord(letter),))) for letter in pair]
        if plain[at] == " ":
            found.append(rf"(?:{first}|\\[nrt])+")
        elif pair in ways and second:
            found.append(f"(?:{_one_of(ways[pair])}|{first}{_MARKS}{second[0]})")
            at += 1
        else:
            found.append(rf"\\?{first}" if plain[at] in '"\\' else first)
        at += 1
    return "".join(f"{each}{_MARKS}" for each in found)


@cache
def _ways() -> dict[str, list[int]]:
    """List the characters of which a letter, or two, are left when they are folded; those of white space as well."""
    ways: dict[str, list[int]] = {}
    for point in (*range(1, _FIRST_IDEOGRAPH + 1), *_WIDE):
        plain = " " if chr(point).isspace() else folded(f"x{chr(point)}x")[1:-1]
        ways.setdefault(plain, []).append(point)
    return ways


def _one_of(points: Sequence[int]) -> str:
    """Write a class of characters, of which those that follow each other are a range."""
    ranges: list[list[int]] = []
    for point in points:
        if ranges and point == ranges[-1][1] + 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "[" + "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in ranges) + "]"


# What companies write behind their names; people leave it out when they look for one.
_LEGAL_FORMS: Final = frozenset(
    [
        "ab",
        "ag",
        "aps",
        "as",
        "asbl",
        "bv",
        "bvba",
        "co",
        "coop",
        "corp",
        "cv",
        "ehf",
        "eirl",
        "eurl",
        "eood",
        "ev",
        "gie",
        "gmbh",
        "inc",
        "kft",
        "kg",
        "kgaa",
        "lda",
        "limited",
        "llc",
        "llp",
        "lp",
        "ltd",
        "ltda",
        "mbh",
        "nv",
        "od",
        "ood",
        "oy",
        "oyj",
        "plc",
        "pty",
        "sa",
        "sab",
        "sae",
        "sarl",
        "sas",
        "sasu",
        "sca",
        "sci",
        "scop",
        "scp",
        "scs",
        "se",
        "selarl",
        "sicav",
        "sl",
        "sll",
        "slu",
        "snc",
        "sp",
        "spa",
        "spol",
        "spzoo",
        "sprl",
        "srl",
        "sro",
        "ug",
    ]
)
_AND: Final = frozenset({"and", "et", "und"})
_DOTTED: Final = re.compile(r"(?<!\w)(?:\w\.){2,}\w?(?!\w)")
_APOSTROPHES: Final = re.compile("(?<=\\w)['\u2019\u02bc](?=\\w)")
_NO_WORD: Final = re.compile(r"[\W_]+")


def words_of(text: str) -> list[str]:
    """List the words by which a name or a title is found, each once.

    What is no letter and no digit parts words; dotted letters are one (S.A.R.L.), L'Oréal is two and one.
    """
    plain = _DOTTED.sub(lambda found: found[0].replace(".", ""), folded(text))
    joined = _APOSTROPHES.sub("", plain)
    ways = (plain,) if joined == plain else (plain, joined)
    words = [word for way in ways for word in _NO_WORD.split(way) if word]
    return list(dict.fromkeys(words))


_LONGEST_WORD: Final = 500
"""Of a longer word the beginning is looked for; the database takes no more than 2,046 bytes of one."""


def words_to_find(terms: str) -> list[str]:
    """List the words that somebody looks for; legal forms, and what is written & as well, don't count beside others."""
    plain = _DOTTED.sub(lambda found: found[0].replace(".", ""), folded(terms))
    words = list(dict.fromkeys(word[:_LONGEST_WORD] for word in _NO_WORD.split(plain) if word))
    return [word for word in words if word not in _LEGAL_FORMS | _AND] or words
