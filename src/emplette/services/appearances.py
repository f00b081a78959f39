"""How pages look to a person: each says so for themselves, and it holds wherever they sign in."""

from emplette.domain.appearances import Appearance, Theme
from emplette.domain.errors import Faults
from emplette.domain.parties import Language
from emplette.services.work import Work
from emplette.storage import appearances


async def choose_appearance(work: Work, *, language: str, theme: str) -> Appearance:
    """Choose how pages look to the caller from now on; what is empty is left to the browser, or to the device.

    Raises:
        Invalid: there is no such language, or no such colours.
    """
    faults = Faults()
    for name, said, known in (("language", language, set(Language)), ("theme", theme, set(Theme))):
        if said and said not in known:
            faults.add(name, "Must be one of those that are offered.")
    faults.raise_if_any()
    chosen = Appearance(Language(language) if language else None, Theme(theme) if theme else None)
    await appearances.choose(work.db, work.tenant.id, work.who.user.id, chosen)
    return chosen
