"""From the bytes of a body to a struct, or to every field at fault."""

from collections.abc import Callable
from decimal import Decimal
from hashlib import sha256
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
from msgspec import inspect

from emplette.domain.errors import WHOLE, Faults
from emplette.http.contract.fields import Amount, take_number
from emplette.http.contract.messages import NOT_OBJECT
from emplette.http.contract.readers import reader_of
from emplette.http.contract.scan import scan
from emplette.http.contract.structs import Body

_REFUSED_BY_TYPE = (msgspec.MsgspecError, ArithmeticError, RecursionError)


class BodyDecoder:
    """Decodes the bodies of one operation; made once."""

    def __init__(self, kind: Any) -> None:  # noqa: ANN401 - a struct, or a union of structs
        self._typed = msgspec.json.Decoder(kind, dec_hook=take_number, float_hook=Decimal)
        self._thorough = reader_of(inspect.type_info(kind))
        self._has_checks = any(struct.check is not Body.check for struct in structs_in(kind))

    def decode(self, raw: bytes, faults: Faults) -> Body | None:
        """Decode a body; what is wrong with it goes to the faults.

        A body with faults is answered as far as it could be read, for whoever can find more faults in it.

        Raises:
            MalformedJson: the body is not JSON at all.
        """
        scanned = scan(raw, faults)
        body: Any = None
        if scanned.trusted:
            try:
                body = self._typed.decode(raw)
            except _REFUSED_BY_TYPE:
                body = None
        if body is None:
            body = self._thorough(scanned.tree, "", faults)
        if self._has_checks and body is not None:
            body.check(faults)
        checked: Body | None = body
        return checked

    def decode_nothing(self, faults: Faults) -> Body | None:
        """Decode the absence of a body: an object without fields."""
        return self.decode(b"{}", faults)


def structs_in(kind: Any) -> list[type[Body]]:  # noqa: ANN401 - any annotation
    """List the body structs that an annotation names: one, several in a union, or none."""
    if get_origin(kind) in {Union, UnionType}:
        found = [structs_in(each) for each in get_args(kind)]
        return [struct for structs in found for struct in structs] if all(found) else []
    return [kind] if isinstance(kind, type) and issubclass(kind, Body) else []


def _plain(value: object) -> object:
    if isinstance(value, Amount):
        return Decimal(value)
    raise NotImplementedError(type(value))


_canonical: Callable[[object], bytes] = msgspec.json.Encoder(
    decimal_format="number", order="deterministic", enc_hook=_plain
).encode


def hash_of(body: Body | None) -> bytes:
    """Hash what a body says, whatever way it was written.

    Defaults are filled in, null is absent, and an amount has one form; unknown fields, the order of keys and white
    space do not count.
    """
    return sha256(_canonical(None if body is None else body.meant())).digest()


def refuse_anything(raw: bytes, faults: Faults) -> None:
    """Accept a body only where it says nothing: white space, `null` or `{}`."""
    if raw.strip(b" \t\r\n"):
        tree = scan(raw, faults).tree
        if tree is not None and tree != {}:
            faults.add(WHOLE, "Must be empty; this operation takes no body.")


def expect_a_body(faults: Faults) -> None:
    """Note that there is no body where one is mandatory."""
    faults.add(WHOLE, f"{NOT_OBJECT.removesuffix('.')}; it is empty.")
