"""Telling what the rules say to people: with the names of those whom the rules only number, as in ``user 36``.

Rules and the log number people, since a name can be erased. Whoever reads a page wants to know who it is.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services.people import names_of

_NUMBERED: Final = re.compile(r"\buser ([0-9]{1,9})\b", re.IGNORECASE)
_USER: Final = marked("user %(number)s")


async def telling(visit: Visit, texts: Iterable[str]) -> Callable[[str], str]:
    """Learn whom these texts number; answer what tells them in the visitor's language, with names."""
    numbers = {int(found[1]) for text in texts for found in _NUMBERED.finditer(text)}
    names = await names_of(visit.work, numbers) if numbers else {}

    def tell(text: str) -> str:
        said = visit.say(text)
        for number, name in names.items():
            said = name.join(_called(visit, number).split(said))
        return said

    return tell


def _called(visit: Visit, number: int) -> re.Pattern[str]:
    """Find a person as the rules number them: in the visitor's language, or as a rule said a part of it."""
    forms = {_USER % {"number": number}, visit.say(_USER, number=number)}
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, forms))})\b", re.IGNORECASE)
