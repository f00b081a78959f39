"""Signs that no font has: what stands in their place in the texts that a template is given."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from typing import Any, Final

INSTEAD: Final = "\ufffd"
_LAST_RESORT: Final = "?"
# Letters of Europe, digits, punctuation: what every font of ours has.
_UNSURE: Final = re.compile("[^\n\u0020-\u024f\u0386-\u0481\u048a-\u052f\u2010-\u2027\u202f\u20ac]")


def without(value: Any, signs: Collection[str]) -> Any:  # noqa: ANN401  whatever JSON has
    """Put a sign that fonts have in the place of those that they have not.

    Of a letter with marks the letter is named, though it may be the marks that can't be shown: where there are marks,
    the letters that bear some go, and those that bear none stay.
    """
    long = [sign for sign in signs if len(sign) > 1]
    marked = {
        cluster[0] for said in _texts(value) for cluster in _clusters(said) if len(cluster) > 1 and cluster[0] in signs
    }
    bare = {sign for sign in signs if sign not in marked and not sign.isascii()}

    def shown(cluster: str) -> str:
        if cluster[0] in (bare if len(cluster) == 1 else marked):
            return _LAST_RESORT if cluster[0] == INSTEAD else INSTEAD
        return cluster

    def change(said: str) -> str:
        for sign in long:
            said = said.replace(sign, INSTEAD)
        return "".join(map(shown, _clusters(said)))

    return _changed(value, change)


def plainest(value: Any) -> Any:  # noqa: ANN401  whatever JSON has
    """Leave only signs that our fonts surely have."""
    return _changed(value, lambda said: _UNSURE.sub(_LAST_RESORT, unicodedata.normalize("NFC", said)))


def _clusters(said: str) -> Iterator[str]:
    """Part a text into its signs, each with the marks that it bears."""
    cluster = ""
    for sign in said:
        if cluster and unicodedata.category(sign).startswith("M"):
            cluster += sign
            continue
        if cluster:
            yield cluster
        cluster = sign
    if cluster:
        yield cluster


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401  as `without`
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))


def _changed(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401  as `without`
    """Change every text; the names of fields stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_changed(part, change) for part in value]
    if isinstance(value, dict):
        return {name: _changed(part, change) for name, part in value.items()}
    return value
