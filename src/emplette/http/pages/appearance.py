"""How pages look to somebody: in which language, in which colours."""

from typing import Final

from emplette.domain.parties import Language
from emplette.http.contract.registry import POST
from emplette.http.contract.replies import Response
from emplette.http.pages.declaring import page
from emplette.http.pages.visits import LANGUAGE_COOKIE, THEME_COOKIE, Visit, cookie, place_here

_A_YEAR: Final = 365 * 24 * 3600


@page(POST, "/appearance")
async def change_appearance(visit: Visit) -> Response:
    """Choose language and colours for this browser, and go on where one was."""
    kept = [
        cookie(name, value, seconds=_A_YEAR if value else 0, secure=visit.is_secure)
        for name, value, known in (
            (LANGUAGE_COOKIE, visit.form["language"], set(Language)),
            (THEME_COOKIE, visit.form["theme"], {"", "light", "dark"}),
        )
        if value in known
    ]
    return visit.go(place_here(visit.form["back"]), said="appearance", cookies=kept)
