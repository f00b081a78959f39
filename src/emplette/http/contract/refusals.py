"""What the wire itself refuses, before any use case is asked."""

from typing import ClassVar

from emplette.domain.errors import WHOLE, Forbidden, Invalid, NotFound, Refusal, Unauthenticated


class MalformedJson(Invalid):
    """The body is not JSON as RFC 8259 defines it."""

    code = "body.not_json"

    def __init__(self, message: str) -> None:
        super().__init__({WHOLE: [message]}, f"The body can't be read: it {message}.")


class MalformedForm(Invalid):
    """The body is not a form as RFC 7578 defines it."""

    code = "body.not_form"

    def __init__(self, message: str) -> None:
        super().__init__({WHOLE: [message]}, f"The body can't be read: it {message}.")


class BrokenBody(Invalid):
    """The body broke off, or the chunks in which it came can't be read."""

    code = "body.broken"

    def __init__(self) -> None:
        super().__init__({WHOLE: ["did not arrive whole."]}, "The body can't be read: it did not arrive whole.")


class PathUnknown(NotFound):
    """Nothing answers at this path."""

    code = "path.unknown"


class KeyMissing(Unauthenticated):
    """The call carries no API key."""

    code = "key.missing"


class KeyMalformed(Unauthenticated):
    """The Authorization header is not of the form `lucca application={key}`."""

    code = "key.malformed"


class OnlyFromHere(Forbidden):
    """This is answered to programs on the same machine only."""

    code = "caller.elsewhere"


class WireRefusal(Refusal):
    """The call can't be served as it was sent."""

    code = "call.refused"


class MethodNotAllowed(WireRefusal):
    """The path exists, but not with this method."""

    code = "method.not_allowed"


class NotAcceptable(WireRefusal):
    """The Accept header excludes what this operation answers."""

    code = "accept.impossible"


class ReceivedTooSlowly(WireRefusal):
    """The body did not arrive in time."""

    code = "body.too_slow"


class TooLarge(WireRefusal):
    """The body is larger than this operation accepts."""

    code = "body.too_large"


class AddressTooLong(WireRefusal):
    """The path and query are longer than accepted."""

    code = "address.too_long"


class MediaTypeUnsupported(WireRefusal):
    """The body is not of a media type that this operation reads."""

    code = "body.unsupported_media_type"


class RangeUnsatisfiable(WireRefusal):
    """What the Range header asks for lies beyond the end of the file."""

    code = "range.unsatisfiable"


class HeadersTooLarge(WireRefusal):
    """The header section is larger than accepted."""

    code = "headers.too_large"


class TooManyRequests(WireRefusal):
    """More calls came than the rate limit allows."""

    code = "rate.exceeded"

    retry_after: ClassVar[int] = 60


class KeysTriedOften(TooManyRequests):
    """Wrong API keys came too often: from this address, or this one."""

    code = "key.tried_often"


class SignInTriedOften(TooManyRequests):
    """Wrong passwords came too often: from this address, or for this account."""

    code = "sign_in.tried_often"


class InternalFault(WireRefusal):
    """Emplette failed, and that is a fault of Emplette."""

    code = "internal"
