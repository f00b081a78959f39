"""What waits, in a browser: an administrator gives it away, an owner changes it."""

from tests.fixtures.absences import WEEKS
from tests.fixtures.browsers import OWNER, SECOND, Tour
from tests.fixtures.offices import Office
from tests.fixtures.policies import put_in_force

POLICY = "steps: [{name: Head, any: [36], goesUpTo: [37], reminders: {after: [2], escalateAfter: 4}}]"


async def test_an_administrator_sees_to_it_that_nothing_lies_about(tour: Tour, office: Office) -> None:
    page = tour.page
    await put_in_force(office.company, POLICY)
    request = (await office.ask(35)).json()
    await tour.sign_in(SECOND, "administrator")
    await tour.open("/settings/working-days")
    await page.select_option("#place", "FR-57")
    await page.fill("#off", "soon")
    await tour.send("main form button.btn-primary")
    assert await page.locator("#off-wrong1").count() == 1
    await page.fill("#off", "2031-12-24")
    await tour.send("main form button.btn-primary")
    assert await page.input_value("#off") == "2031-12-24"

    await tour.open("/absences")
    await page.select_option("#user", "36")
    await page.select_option("#deputy", "39")
    await page.fill("#until", WEEKS["startDate"])
    await page.click("details.more summary")
    await page.fill("#most", "0")
    await tour.send("main form button.btn-primary")
    assert await page.locator("#most-wrong1, #until-wrong1").count() == 2
    await page.fill("#until", WEEKS["endDate"])
    await page.fill("#most", "1 000")
    await tour.send("main form button.btn-primary")
    assert await page.locator(".list-group-item").count() == 1

    await tour.open(f"/approvals/{request['id']}")
    await tour.send(f"a[href='/approvals/{request['id']}/reassignment']")
    await page.select_option("#to", "39")
    await page.fill("#reason", "Knows about lamps")
    await tour.send("main form button.btn-primary")
    assert await page.locator(".step-people li").count() == 2

    await tour.open("/absences")
    await tour.send(".list-group-item button")
    assert await page.locator(".empty").count() == 1


async def test_an_owner_changes_what_waits_and_sees_first_where_it_begins_anew(tour: Tour, office: Office) -> None:
    page = tour.page
    await put_in_force(office.company, "changesUnderReview: {by: [owner]}\nsteps: [{name: Head, any: [36]}]")
    request = (await office.ask(35)).json()
    await tour.sign_in(OWNER)
    await tour.open(f"/purchases/{request['purchase']['id']}")
    await tour.send(f"a[href='/approvals/{request['id']}/change']")
    await page.wait_for_selector("#beside >> text=Alma Approver")
    await page.fill("#amount", "150")
    await page.set_input_files("#pick", {"name": "offer.txt", "mimeType": "text/plain", "buffer": b"An offer"})
    await page.wait_for_selector(".files-list [data-remove]")
    await page.wait_for_selector("#beside >> text=offer.txt")
    await tour.look()
    await tour.send("button[value=change]")
    assert page.url.endswith(f"/approvals/{request['id']}")
    assert await page.locator("table:not(.card-table) tbody tr").count() == 2
