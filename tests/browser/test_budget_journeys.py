"""Budgets in a browser: an administrator makes one, fills it from another, and sees what a purchase leaves of it."""

from datetime import UTC, datetime

from tests.fixtures.browsers import SECOND, Tour

YEAR = datetime.now(UTC).year
TABLE = f"name;startDate;endDate;amount;currency;kind\nTrips;{YEAR}-01-01;{YEAR}-12-31;100;EUR;Soft\n".encode()
WRONG = TABLE.replace(b";EUR;", b";;")


async def test_an_administrator_keeps_budgets_and_sees_what_is_left(tour: Tour) -> None:
    page = tour.page
    await tour.sign_in(SECOND, "administrator")
    await tour.open("/settings/budgets")
    await tour.send("main .empty a")
    await page.fill("#name", "Last year")
    await page.fill("#startDate", f"{YEAR - 1}-01-01")
    await page.fill("#endDate", f"{YEAR - 1}-12-31")
    await page.fill("#amount", "much")
    await tour.send("main form button.btn-primary")
    assert await page.locator("#amount-wrong1").count() == 1
    await page.fill("#amount", "1 000")
    await tour.send("main form button.btn-primary")
    assert await tour.heading() == "Last year"
    await tour.open("/settings/budgets/new")
    await page.fill("#name", "Marketing")
    await page.fill("#amount", "500")
    await page.select_option("#costCenterId", "3")
    await tour.send("main form button.btn-primary")
    await page.select_option("#carry-from", index=0)
    await page.fill("#carry-amount", "100")
    await tour.send("form[action$=carry-over] button")
    await page.fill("#amount", "50")
    await page.fill("#reason", "The new hall")
    await tour.send("form[action$=correction] button")
    assert await page.locator(".history li").count() == 2
    await tour.open("/settings/budgets/import")
    for content, button in ((WRONG, ".btn-primary"), (TABLE, ".btn:not(.btn-primary)"), (TABLE, ".btn-primary")):
        await page.set_input_files("#file", {"name": "budgets.csv", "mimeType": "text/csv", "buffer": content})
        await tour.send(f"form[enctype] {button}")
    assert await page.locator(".list-group-item").count() == 2
    await tour.fill_in()
    await page.wait_for_selector("#beside .budget-share")
    await tour.look()
    await tour.send("button[value=ask]")
    assert await page.locator(".budget-share").count() == 2
    await tour.open("/settings/budgets?when=all")
    await page.click("text=Marketing")
    await page.wait_for_selector("table")
    await tour.look()
