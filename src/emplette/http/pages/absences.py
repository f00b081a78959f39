"""Absences on the pages: who is away when and who decides meanwhile; one's own, and for administrators everybody's."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from secrets import token_hex
from typing import Final

from emplette.domain.absences import Absence, AbsenceLoops
from emplette.domain.currencies import CURRENCIES
from emplette.domain.errors import Faults, Invalid
from emplette.domain.money import Money
from emplette.domain.people import Permission
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.pages.choosing import Choice
from emplette.http.pages.declaring import page
from emplette.http.pages.numbers import id_in
from emplette.http.pages.telling import telling
from emplette.http.pages.typed import NO_CHOICE, choice_in, choice_or_none_in, day_in, money_in
from emplette.http.pages.visits import Values, Visit
from emplette.http.pages.whole_lists import every, pages_of
from emplette.services.absences import AbsenceDraft, end_absence, enter_absence, list_absences
from emplette.services.cost_centers import list_cost_centers
from emplette.services.people import list_people

ABSENCES: Final = "/absences"
_FIELDS: Final = {
    "userId": "user",
    "deputyId": "deputy",
    "startDate": "from",
    "endDate": "until",
    "costCenterId": "center",
    "atMost.value": "most",
}
"""Where on the form stands what the rules name."""
_NAMES: Final = tuple(_FIELDS.values())


@dataclass(frozen=True, slots=True)
class ShownAbsence:
    """An absence in one line: of whom, who decides meanwhile and what of, and whether the visitor can take it back."""

    id: int
    who: str
    deputy: str
    first: date
    last: date
    center: str
    most: Money | None
    is_now: bool
    is_mine: bool


@page(GET, ABSENCES)
async def show_absences(visit: Visit) -> Response:
    """Show who is away, the own absences first, and a form to enter one."""
    return await _show(visit, {"from": f"{visit.work.today}"})


@page(POST, ABSENCES)
async def add_absence(visit: Visit) -> Response:
    """Enter an absence: one's own or, for who configures the company, anybody's."""
    form, faults = visit.form, Faults()
    draft = _read(visit, form, faults)
    said = {name: form[name] for name in _NAMES}
    if draft is None:
        return await _show(visit, said, faults=faults.as_dict())
    try:
        await enter_absence(visit.work, draft)
    except AbsenceLoops as loop:
        return await _show(visit, said, faults={"deputy": [(await telling(visit, [loop.detail]))(loop.detail)]})
    except Invalid as invalid:
        placed: dict[str, list[str]] = {}
        for path, messages in invalid.faults.items():
            placed.setdefault(_FIELDS.get(path, "$"), []).extend(messages)
        return await _show(visit, said, faults=placed)
    return visit.go(ABSENCES, said="away")


@page(POST, "/absences/{absence_id}/ending")
async def take_back(visit: Visit, absence_id: int) -> Response:
    """Take an absence back: what waits comes back."""
    await end_absence(visit.work, absence_id)
    return visit.go(ABSENCES, said="back")


def _read(visit: Visit, form: Values, faults: Faults) -> AbsenceDraft | None:
    user_id = id_in(form["user"]) if visit.may(Permission.CONFIGURE) and form["user"] else _own(visit)
    if user_id is None:
        faults.add("user", NO_CHOICE)
    deputy_id = choice_in(form, "deputy", faults)
    first, last = (day_in(form, name, faults) for name in ("from", "until"))
    center_id = choice_or_none_in(form, "center", faults)
    most = money_in(form, "most", CURRENCIES[visit.tenant.currency], faults) if form["most"] else None
    if faults or user_id is None or deputy_id is None or first is None or last is None:
        return None
    return AbsenceDraft(user_id, deputy_id, first, last, center_id, most)


def _own(visit: Visit) -> int | None:
    return None if visit.who.person is None else visit.who.person.id


async def _show(visit: Visit, said: dict[str, str], *, faults: dict[str, list[str]] | None = None) -> Response:
    work, own = visit.work, _own(visit)
    people = [each for each in await every(partial(list_people, work, [])) if each.left_on is None]
    centers = await every(partial(list_cost_centers, work))
    coming, names = list[Absence](), dict[int, str]()
    async for found in pages_of(partial(list_absences, work, {})):
        coming += [each for each in found.items if each.ends_on >= work.today]
        names |= {number: user.name for number, user in found.known.users.items()}
    codes = {each.id: f"{each.code} {each.name}" for each in centers}
    listed = [_shown(each, names, codes, own, work.today) for each in coming]
    return visit.show(
        "absences.html",
        absences=sorted(listed, key=lambda each: (not each.is_mine, each.first, each.id)),
        people=[Choice(str(each.id), each.name) for each in people],
        deputies=[
            Choice(str(each.id), each.name) for each in people if each.id != own or visit.may(Permission.CONFIGURE)
        ],
        centers=[Choice(str(number), name) for number, name in codes.items()],
        own=own,
        for_others=visit.may(Permission.CONFIGURE),
        currency=visit.tenant.currency,
        said=dict.fromkeys(_NAMES, "") | said,
        faults=faults,
        once=token_hex(16),
    )


def _shown(
    absence: Absence, names: dict[int, str], codes: dict[int, str], own: int | None, today: date
) -> ShownAbsence:
    return ShownAbsence(
        absence.id,
        names[absence.user_id],
        names[absence.deputy_id],
        absence.starts_on,
        absence.ends_on,
        "" if absence.cost_center_id is None else codes.get(absence.cost_center_id, str(absence.cost_center_id)),
        absence.most,
        absence.is_on(today),
        absence.user_id == own,
    )
