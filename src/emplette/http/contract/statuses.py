"""HTTP statuses: the only file that decides them, by kind of refusal."""

from emplette.domain import errors, seals
from emplette.http.contract import refusals

OK = 200
NO_CONTENT = 204
PARTIAL_CONTENT = 206
MULTI_STATUS = 207
"""Of several things asked for at once something was refused: what became of each stands in the body alone."""
SEE_OTHER = 303
NOT_MODIFIED = 304

BY_KIND: dict[type[errors.Refusal], int] = {
    errors.Invalid: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    refusals.MethodNotAllowed: 405,
    refusals.NotAcceptable: 406,
    refusals.ReceivedTooSlowly: 408,
    errors.Conflict: 409,
    seals.PositionGone: 410,
    errors.PreconditionFailed: 412,
    refusals.TooLarge: 413,
    refusals.AddressTooLong: 414,
    refusals.MediaTypeUnsupported: 415,
    refusals.RangeUnsatisfiable: 416,
    errors.KeyReused: 422,
    errors.PreconditionRequired: 428,
    refusals.TooManyRequests: 429,
    refusals.KeysTriedOften: 429,
    refusals.SignInTriedOften: 429,
    refusals.HeadersTooLarge: 431,
    refusals.InternalFault: 500,
    errors.Unavailable: 503,
    errors.OutcomeUnknown: 504,
}


def status_of(kind: type[errors.Refusal]) -> int:
    """Find the status of a refusal: that of the nearest kind it derives from."""
    for ancestor in kind.__mro__:
        status = BY_KIND.get(ancestor)
        if status is not None:
            return status
    return BY_KIND[refusals.InternalFault]


REFUSED = status_of(errors.Invalid)
"""The status of a page that marks what is wrong in its form."""
CONFLICT = status_of(errors.Conflict)
"""The status of a page on which something else was found than was shown."""
UNREAD = frozenset({BY_KIND[refusals.ReceivedTooSlowly], BY_KIND[refusals.TooLarge]})
"""The statuses with which a body is given up: what still comes of it is no next call."""
WITHOUT_LENGTH = frozenset({NO_CONTENT, NOT_MODIFIED})
"""The statuses of answers that have no body, and say no length of one."""
