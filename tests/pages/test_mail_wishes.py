"""How somebody wants to be written to: said on a page, by each for themselves."""

import pytest

from tests.fixtures.pages import Visiting, seen

MAILS = "/account/mails"


async def test_quiet_hours_over_midnight_are_kept(buyer: Visiting, decider: Visiting) -> None:
    answer = await buyer.send(await buyer.see(MAILS), MAILS, mode="Digest", **{"from": "22:00", "until": "07:30"})
    assert answer.status_code == 303
    form = (await buyer.see(MAILS)).form(MAILS)
    assert (form["mode"], form["from"], form["until"]) == ("Digest", "22:00", "07:30")
    assert (await decider.see(MAILS)).form(MAILS)["mode"] == "Immediate"


async def test_who_says_nothing_is_written_to_in_the_language_of_their_pages(buyer: Visiting) -> None:
    page = await buyer.see(MAILS)
    assert page.form(MAILS)["language"] == "fr", "as is spoken where the company is"
    await buyer.send(page, "/appearance", language="en")
    assert (await buyer.see(MAILS)).form(MAILS)["language"] == "en"


@pytest.mark.parametrize(
    ("begins", "ends", "field"),
    [("22:00", "", "until"), ("", "07:00", "from"), ("late", "07:00", "from"), ("09:00", "09:00", "until")],
)
async def test_quiet_hours_that_are_none_are_refused_and_stay_typed(
    buyer: Visiting, begins: str, ends: str, field: str
) -> None:
    typed = {"from": begins, "until": ends}
    page = seen(await buyer.send(await buyer.see(MAILS), MAILS, **typed))
    assert (page.status, len(page.tree.xpath(f"//*[@id='{field}-wrong1']"))) == (400, 1)
    assert typed.items() <= page.form(MAILS).items()
