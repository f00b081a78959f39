"""The words of the pages in every language: English in the code, the others in catalogues beside it.

A catalogue is read as people write it, when its language is first asked for: nothing has to be compiled before.
"""

from functools import cache
from importlib import resources
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from emplette.domain.parties import Language
from emplette.formats.french import printed


@cache
def words_in(language: Language) -> NullTranslations:
    """Read the words of a language."""
    if language is Language.ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue_of(f"{language}.po", language))
    compiled.seek(0)
    return Translations(compiled)


def catalogue_of(name: str, language: Language) -> Catalog:
    """Read a catalogue, by its name below ``locales``, as it is printed."""
    written = resources.files("emplette.http.pages") / "locales" / name
    catalogue = read_po(BytesIO(written.read_bytes()), locale=str(language))
    for message in catalogue:
        if message.id:
            said = message.string
            message.string = printed(said) if isinstance(said, str) else tuple(map(printed, said or ()))
    return catalogue


def marked(text: str) -> str:
    """Mark a text that is translated where it is shown: catalogues are made from what is marked."""
    return text
