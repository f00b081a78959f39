"""What browsers call themselves, in a few words.

Each says that it is several others; what it is stands in one word, which the others don't say. These few cover what
people use; what says none of them is shown as it calls itself.
"""

from collections.abc import Sequence
from typing import Final

# A browser is the first of these that it names: those that are made of another one stand before that.
_BROWSERS: Final = (
    ("Edge", ("Edg/", "EdgA/", "EdgiOS/", "Edge/")),
    ("Opera", ("OPR/", "OPT/")),
    ("Vivaldi", ("Vivaldi/",)),
    ("Samsung Internet", ("SamsungBrowser/",)),
    ("Firefox", ("Firefox/", "FxiOS/")),
    ("Chrome", ("Chrome/", "CriOS/", "Chromium/")),
    ("Safari", ("Safari/",)),
)
_SYSTEMS: Final = (
    ("iPhone", ("iPhone",)),
    ("iPad", ("iPad",)),
    ("Android", ("Android",)),
    ("ChromeOS", ("CrOS",)),
    ("Windows", ("Windows",)),
    ("macOS", ("Macintosh", "Mac OS X")),
    ("Linux", ("Linux", "X11")),
)


def known_browser(said: str) -> tuple[str, str] | None:
    """Tell which browser this is and on what it runs, as people call both; None where it is none of the usual ones."""
    browser, system = _first_of(_BROWSERS, said), _first_of(_SYSTEMS, said)
    return (browser, system) if browser and system else None


def _first_of(names: Sequence[tuple[str, Sequence[str]]], said: str) -> str | None:
    return next((name for name, words in names if any(word in said for word in words)), None)
