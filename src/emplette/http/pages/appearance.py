"""How pages look to somebody: in which language, in which colours."""

from typing import Final

from emplette.http.contract.registry import POST
from emplette.http.contract.replies import Response
from emplette.http.pages.declaring import page
from emplette.http.pages.sign_in import forget_session
from emplette.http.pages.visits import LANGUAGE_COOKIE, THEME_COOKIE, Visit, cookie, place_here
from emplette.services.appearances import choose_appearance

_A_YEAR: Final = 365 * 24 * 3600


@page(POST, "/appearance")
async def change_appearance(visit: Visit) -> Response:
    """Choose language and colours, wherever one signs in and before that in this browser; go on where one was."""
    chosen = await choose_appearance(visit.work, language=visit.form["language"], theme=visit.form["theme"])
    forget_session(visit)
    kept = [
        cookie(name, value, seconds=_A_YEAR if value else 0, secure=visit.is_secure)
        for name, value in ((LANGUAGE_COOKIE, chosen.language or ""), (THEME_COOKIE, chosen.theme or ""))
    ]
    return visit.go(place_here(visit.form["back"]), said="appearance", cookies=kept)
