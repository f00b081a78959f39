"""A journey over TLS: there browsers speak HTTP/2, and send each of their cookies by itself."""

from tests.fixtures.browsers import OWNER, Tour


async def test_over_tls_one_stays_signed_in_whatever_others_keep_in_the_browser(secure_tour: Tour) -> None:
    page = secure_tour.page
    await secure_tour.sign_in(OWNER)
    spoken = await page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol")
    assert spoken == "h2"
    await page.context.add_cookies([{"name": "seen", "value": '{"news":[1]}', "url": secure_tour.url}])
    await secure_tour.fill_in()
    await secure_tour.send("button[value=ask]")
    assert await secure_tour.heading() == "Two desk lamps"
    assert len(await page.context.cookies()) > 2
