"""The types of which the structs of the wire are made.

A field says what it accepts by its type; decoding, the sentences of a refusal and the OpenAPI document all
follow from it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact
from typing import Annotated, NewType

import msgspec
from msgspec import Meta

from emplette.domain.money import FARTHEST_EXPONENT, LONGEST_AMOUNT
from emplette.domain.text import LONGEST_COMMENT, LONGEST_NAME, LONGEST_TITLE, SHOWN

LARGEST_INT32 = 2**31 - 1

_INT32 = {"format": "int32"}

Id = Annotated[int, Meta(ge=1, le=LARGEST_INT32, extra_json_schema=_INT32)]
"""The number of something in this company."""

Count = Annotated[int, Meta(ge=1, le=LARGEST_INT32, extra_json_schema=_INT32)]
"""A whole number of at least one: of months, of days."""

Int32 = Annotated[int, Meta(ge=-(2**31), le=LARGEST_INT32, extra_json_schema=_INT32)]
"""A whole number."""

Title = Annotated[str, Meta(max_length=LONGEST_TITLE, min_length=1, pattern=SHOWN)]
"""One or more words that say what something is."""

Comment = Annotated[str, Meta(max_length=LONGEST_COMMENT)]
"""Free text, which may be empty."""

Reason = Annotated[str, Meta(max_length=LONGEST_COMMENT, min_length=1, pattern=SHOWN)]
"""Why something is done: one or more words for whoever has to live with it."""

Name = Annotated[str, Meta(max_length=LONGEST_NAME, min_length=1, pattern=SHOWN)]
"""What something is called."""

Code = Annotated[str, Meta(max_length=LONGEST_NAME, min_length=1, pattern=SHOWN)]
"""A short text by which other programs know something."""

ShortText = Annotated[str, Meta(max_length=LONGEST_NAME)]
"""A short text, which may be empty."""

Moment = Annotated[
    datetime,
    Meta(
        description="An instant, or a date, which is midnight in the company's time zone.",
        extra_json_schema={"format": "date-time"},
    ),
]
"""A moment in a query."""

_Written = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]

Instant = NewType("Instant", _Written)
"""An instant in an answer: UTC, written with `+00:00`."""


def instant(moment: datetime) -> Instant:
    """Write an instant as every answer writes it."""
    # msgspec writes the same with a Z, many times faster than Python would.
    written: str = msgspec.to_builtins(moment.astimezone(UTC))
    return Instant(f"{written.removesuffix('Z')}+00:00")


class Amount(Decimal):
    """A decimal number: at most 15 significant digits, and never in quotes.

    It is kept exact and in one form: 120, 120.0 and 1.2E2 are the same Amount, and -0 is 0.
    """

    __slots__ = ()


_EXACT = Context(prec=LONGEST_AMOUNT, traps=[Inexact])


def amount_of(number: Decimal) -> Amount:
    """Take the number as an amount.

    Raises:
        ValueError: when it can't be one; the text says what would be right.
    """
    if not number:
        if abs(number.adjusted()) > FARTHEST_EXPONENT:
            raise ValueError(_ABSURD_EXPONENT)
        return Amount(0)
    if not number.is_finite() or abs(number.adjusted()) > FARTHEST_EXPONENT:
        raise ValueError(_ABSURD_EXPONENT)
    try:
        exact = _EXACT.normalize(number)
    except Inexact:
        raise ValueError(_TOO_MANY_DIGITS) from None
    exponent = exact.as_tuple().exponent
    if isinstance(exponent, int) and exponent > 0:
        return Amount(int(exact))
    return Amount(exact)


_ABSURD_EXPONENT = "Must be an amount of money; its exponent is beyond the reach of any currency."
_TOO_MANY_DIGITS = f"Must have at most {LONGEST_AMOUNT} significant digits."

NUMERIC: dict[type, Callable[[Decimal], object]] = {Amount: amount_of}
"""The field types of our own that are read from a JSON number, each with how."""


def take_number(kind: type, value: object) -> object:
    """Read one of our own numeric types for msgspec, which offers it what it found in the JSON.

    Raises:
        ValueError: the value is not a number, or not one that the type accepts.
    """
    read = NUMERIC.get(kind)
    if read is None:
        raise NotImplementedError(kind)
    if isinstance(value, Decimal):
        return read(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return read(Decimal(value))
    raise ValueError(NOT_A_NUMBER)


NOT_A_NUMBER = "Must be a number, without quotes."
