"""Numbers as they stand in addresses and forms: whatever somebody wrote there."""

from typing import Final

LARGEST_ID: Final = 2**31 - 1
_DIGITS: Final = len(str(LARGEST_ID))


def id_in(text: str) -> int | None:
    """Read the id of something; None when the text can be none, however long it is."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        return None
    number = int(text)
    return number if 0 < number <= LARGEST_ID else None


def number_in(text: str, largest: int) -> int:
    """Read a number that can be 0, of ASCII digits.

    Raises:
        ValueError: it is none, or too large.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(largest)) and int(text) <= largest):
        raise ValueError(text)
    return int(text)
