"""The words of the pages in every language: English in the code, the others in catalogues beside it.

A catalogue is read as people write it, when its language is first asked for: nothing has to be compiled before.
"""

from functools import cache
from importlib import resources
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from emplette.domain.parties import Language


@cache
def words_in(language: Language) -> NullTranslations:
    """Read the words of a language."""
    if language is Language.ENGLISH:
        return NullTranslations()
    written = resources.files("emplette.http.pages") / "locales" / f"{language}.po"
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(written.read_bytes()), locale=str(language)))
    compiled.seek(0)
    return Translations(compiled)


def marked(text: str) -> str:
    """Mark a text that is translated where it is shown: catalogues are made from what is marked."""
    return text
