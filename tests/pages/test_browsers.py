"""Browsers are called as people call them, and what nobody knows as it calls itself."""

import pytest

from emplette.http.pages.browsers import known_browser
from tests.fixtures.companies import Company
from tests.fixtures.pages import Visiting

_LIKE_GECKO = "AppleWebKit/537.36 (KHTML, like Gecko)"
_ON_WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_LIKE_GECKO} Chrome/141.0.0.0 Safari/537.36"
_ON_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_ON_ANDROID = f"Mozilla/5.0 (Linux; Android 10; K) {_LIKE_GECKO}"
_ON_CHROME_OS = f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {_LIKE_GECKO}"
_ON_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "called"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", ("Firefox", "Linux")),
        (_ON_WINDOWS, ("Chrome", "Windows")),
        (f"{_ON_WINDOWS} Edg/141.0.0.0", ("Edge", "Windows")),
        (f"{_ON_WINDOWS} OPR/122.0.0.0", ("Opera", "Windows")),
        (f"{_ON_IPHONE} Version/18.6 Mobile/15E148 Safari/604.1", ("Safari", "iPhone")),
        (f"{_ON_IPHONE} CriOS/141.0.0.0 Mobile/15E148 Safari/604.1", ("Chrome", "iPhone")),
        (f"{_ON_IPHONE} FxiOS/144.0 Mobile/15E148 Safari/605.1.15", ("Firefox", "iPhone")),
        (f"{_ON_MAC} Version/18.6 Safari/605.1.15", ("Safari", "macOS")),
        (f"{_ON_ANDROID} SamsungBrowser/28.0 Chrome/130.0.0.0 Safari/537.36", ("Samsung Internet", "Android")),
        (f"{_ON_CHROME_OS} Chrome/141.0.0.0 Safari/537.36", ("Chrome", "ChromeOS")),
        ("curl/8.14.1", None),
        ("Googlebot for Linux", None),
        ("", None),
    ],
)
def test_a_browser_is_called_as_people_call_it(said: str, called: tuple[str, str] | None) -> None:
    assert known_browser(said) == called


@pytest.mark.parametrize(("language", "called"), [("en", "Firefox on Linux"), ("fr", "Firefox sur Linux")])
async def test_the_account_names_the_browser_in_the_language_of_the_page(
    company: Company, buyer: Visiting, language: str, called: str
) -> None:
    said = 'Mozilla/5.0 (X11; Linux x86_64; rv:144.0; ">) Gecko/20100101 Firefox/144.0'
    await company.owner.execute("UPDATE sessions SET browser = $2 WHERE tenant_id = $1", company.tenant_id, said)
    shown = (await buyer.see("/account", **{"accept-language": language})).tree.xpath("//strong[@title]")
    assert [(one.text_content(), one.get("title")) for one in shown] == [(called, said)]
