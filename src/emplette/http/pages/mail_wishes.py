"""Which mails one gets, in which language, and when: the page to which every mail leads."""

from dataclasses import dataclass
from typing import Final

from emplette.domain.errors import Invalid
from emplette.domain.mails import MailMode
from emplette.domain.parties import Language
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.pages.declaring import page
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services.mail_wishes import read_wish, write_wish

MAILS: Final = "/account/mails"

_MODES: Final = {
    MailMode.IMMEDIATE: marked("At once"),
    MailMode.DIGEST: marked("Once a day, all in one"),
    MailMode.NONE: marked("Never"),
}
_LANGUAGES: Final = {Language.ENGLISH: "English", Language.FRENCH: "Français"}
_FIELDS: Final = ("mode", "language", "from", "until")


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be chosen, and what it is called."""

    value: str
    label: str


@page(GET, MAILS)
async def show_wishes(visit: Visit) -> Response:
    """Show how one is written to."""
    wish = await read_wish(visit.work)
    hours = {"from": wish.quiet_from, "until": wish.quiet_until}
    said = {name: "" if at is None else f"{at:%H:%M}" for name, at in hours.items()}
    return _show(visit, {"mode": str(wish.mode), "language": str(wish.language), **said})


@page(POST, MAILS)
async def change_wishes(visit: Visit) -> Response:
    """Choose how one is written to."""
    said = {name: visit.form[name] for name in _FIELDS}
    try:
        await write_wish(
            visit.work,
            mode=said["mode"],
            language=said["language"],
            quiet_from=said["from"],
            quiet_until=said["until"],
        )
    except Invalid as invalid:
        return _show(visit, said, faults=invalid.faults)
    return visit.go(MAILS, said="changed")


def _show(visit: Visit, said: dict[str, str], *, faults: dict[str, list[str]] | None = None) -> Response:
    return visit.show(
        "mail-wishes.html",
        said=said,
        modes=[Choice(mode, visit.say(label)) for mode, label in _MODES.items()],
        languages=[Choice(language, label) for language, label in _LANGUAGES.items()],
        zone=visit.tenant.time_zone.key,
        faults=faults,
    )
