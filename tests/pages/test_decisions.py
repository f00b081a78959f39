"""Deciding by a link from a mail: looking decides nothing, a button decides once."""

import re

from emplette.storage.database import Database
from tests.fixtures.guide import API
from tests.fixtures.mailboxes import Mailbox, correspondent, text_of, write_all
from tests.fixtures.offices import Office
from tests.fixtures.visitors import browser


async def link_for(office: Office, box: Mailbox, database: Database, person: int = 36) -> str:
    """Take the link out of the last mail that somebody got."""
    await write_all(database, correspondent(box))
    found = re.search(r"https://[^/]+(/decisions/\S+)", text_of(box.to(person)[-1]))
    assert found is not None, office
    return found[1]


async def state_of(office: Office, request: int) -> tuple[str, int]:
    shown = (await (await office.of(37)).get(f"{API}/requests/{request}")).json()
    return shown["state"], len(shown["decisions"])


async def test_opening_the_link_shows_the_facts_and_decides_nothing(
    office: Office, box: Mailbox, database: Database
) -> None:
    request = (await office.ask(35, title="Chairs")).json()
    link = await link_for(office, box, database)
    async with browser(office.company) as visitor:
        for _ in range(3):
            page = await visitor.get(link)
            assert (page.status_code, "Chairs" in page.text, f'action="{link}/approval"' in page.text) == (
                200,
                True,
                True,
            )
    assert await state_of(office, request["id"]) == ("Pending", 0)


async def test_the_button_decides_once_as_the_person_and_on_the_content_of_the_mail(
    office: Office, box: Mailbox, database: Database
) -> None:
    request = (await office.ask(35)).json()
    link = await link_for(office, box, database)
    async with browser(office.company) as visitor:
        first = await visitor.post(f"{link}/approval", data={"comment": ""})
        again = await visitor.post(f"{link}/denial", data={"comment": "No"})
        after = await visitor.get(link, headers={"accept-language": "en"})
    assert (first.status_code, again.status_code) == (303, 409)
    assert "This link was used: it decides once. You approved it: " in after.text
    shown = (await (await office.of(37)).get(f"{API}/requests/{request['id']}")).json()
    (decision,) = shown["decisions"]
    assert (shown["state"], decision["by"]["id"]) == ("Approved", 36)
    assert decision["contentHash"] == request["contentHash"]


async def test_denying_by_link_wants_a_reason_and_the_link_is_still_good_after(
    office: Office, box: Mailbox, database: Database
) -> None:
    request = (await office.ask(35)).json()
    link = await link_for(office, box, database)
    async with browser(office.company) as visitor:
        assert (await visitor.post(f"{link}/denial", data={"comment": ""})).status_code == 400
        assert (await visitor.post(f"{link}/denial", data={"comment": "Too dear"})).status_code == 303
    assert await state_of(office, request["id"]) == ("Denied", 1)


async def test_a_link_decides_nothing_once_somebody_else_has_or_it_is_too_old(
    office: Office, box: Mailbox, database: Database
) -> None:
    first, second = [(await office.ask(35, title=f"Chairs {n}")).json() for n in (1, 2)]
    await write_all(database, correspondent(box))
    links = [re.findall(r"(/decisions/\S+)", text_of(mail))[0] for mail in box.to(36)]
    await office.decide(36, first["id"])
    await office.company.owner.execute(
        """UPDATE decision_links SET ends_at = now() - interval '1 s'
        WHERE tenant_id = $1 AND request_id = $2""",
        office.company.tenant_id,
        second["id"],
    )
    async with browser(office.company) as visitor:
        answers = [await visitor.post(f"{link}/approval", headers={"accept-language": "en"}) for link in links]
    assert [answer.status_code for answer in answers] == [409, 409]
    said = "".join(answer.text for answer in answers)
    assert "does not wait for you any more" in said
    assert "too old" in said
    assert await state_of(office, second["id"]) == ("Pending", 0)


async def test_a_link_of_nobody_opens_nothing(office: Office) -> None:
    async with browser(office.company) as visitor:
        assert (await visitor.get(f"/decisions/{'x' * 43}")).status_code == 404


async def test_who_has_a_second_factor_gets_no_link_past_it(office: Office, box: Mailbox, database: Database) -> None:
    await office.company.owner.execute(
        """INSERT INTO second_factors (tenant_id, user_id, secret, made_at, confirmed_at, last_step, recovery)
        VALUES ($1, 36, 'x', now(), now(), 0, '{}')""",
        office.company.tenant_id,
    )
    await office.ask(35)
    await write_all(database, correspondent(box))
    (mail,) = box.to(36)
    assert "/decisions/" not in text_of(mail) + text_of(mail, "html")
