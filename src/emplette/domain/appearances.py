"""How pages look to a person: in which language, in which colours."""

from dataclasses import dataclass
from enum import StrEnum

from emplette.domain.parties import Language


class Theme(StrEnum):
    """The colours of pages."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Appearance:
    """What a person has chosen; what they have not, the browser says, or the device."""

    language: Language | None = None
    theme: Theme | None = None
