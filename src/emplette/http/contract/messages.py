"""What is said about a field at fault: always what would be right."""

from collections.abc import Iterable

MISSING = "Must be given."
NOT_CLEARED = "Can't be cleared: leave it out to keep what it is."
NOT_TEXT = "Must be text, in quotes."
NOT_BOOLEAN = "Must be true or false."
NOT_OBJECT = "Must be an object, in braces."
NOT_LIST = "Must be a list, in brackets."
NOT_DATE = "Must be a date like 2025-04-14, and a day that exists."
NOT_INSTANT = "Must be an instant like 2025-04-14T09:30:00+02:00."
NOT_INSTANT_OR_DATE = "Must be a date like 2025-04-14 or an instant like 2025-04-14T09:30:00+02:00."
NOT_UUID = "Must be a UUID like 123e4567-e89b-12d3-a456-426614174000."
NOTHING_SHOWN = "Must not be empty."
ONCE = "Must be given once."

_LONGEST_LIST = 12


def whole_number(lowest: int | None, highest: int | None) -> str:
    """Say which whole numbers are right."""
    if lowest is not None and highest is not None:
        return f"Must be a whole number between {lowest} and {highest}."
    if lowest is not None:
        return f"Must be a whole number of at least {lowest}."
    if highest is not None:
        return f"Must be a whole number of at most {highest}."
    return "Must be a whole number."


def one_of(values: Iterable[object]) -> str:
    """Say which words are right; of a long list, the first few."""
    words = [str(value) for value in values]
    if len(words) == 1:
        return f"Must be {words[0]}."
    if len(words) > _LONGEST_LIST:
        return f"Must be one of the {len(words)} known values: {', '.join(words[:_LONGEST_LIST])} ..."
    return f"Must be one of {', '.join(words)}."


def either(messages: Iterable[str]) -> str:
    """Join what several readings of one field would accept."""
    parts = [message.removeprefix("Must be ").removesuffix(".") for message in dict.fromkeys(messages)]
    return f"Must be {' or '.join(parts)}."


def list_length(shortest: int, longest: int | None) -> str:
    """Say how many items are right."""
    if longest is None:
        return f"Must have at least {shortest} items."
    return f"Must have between {shortest} and {longest} items."
