"""The bases of all structs of the wire.

Names are camelCase there and snake_case here; structs are frozen, and made by naming their fields.
"""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, dataclass_transform

import msgspec

from emplette.domain.errors import Faults


class _OfTheWire(msgspec.StructMeta):
    """Makes structs as the wire wants them, without each of them having to say so."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any) -> "_OfTheWire":  # noqa: ANN401
        return super().__new__(cls, name, bases, namespace, **{"frozen": True, "kw_only": True, **config})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Body(msgspec.Struct, metaclass=_OfTheWire, frozen=True, kw_only=True, rename="camel"):
    """What a request carries.

    A field without a default is mandatory. A field with one may be absent or null; a field that tells null
    from absent is declared `T | None | UnsetType = UNSET`. ``ignored_beside`` names, for a field of the wire, those
    that don't count where it is given, and are not looked at then.
    """

    ignored_beside: ClassVar[Mapping[str, Collection[str]]] = {}

    def check(self, faults: Faults) -> None:
        """Add what only this struct can know to be wrong: rules that join its fields.

        It is also asked about a body that has faults already: then a field at fault is None here (a list with
        an item that can't be read at all counts as such a field), whatever its type says.
        """

    def meant(self) -> "Body":
        """Say the same in one form: what two bodies that ask for the same have in common.

        A body without faults is compared in this form when its Idempotency-Key is used again.
        """
        return self


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Query(msgspec.Struct, metaclass=_OfTheWire, frozen=True, kw_only=True, rename="camel"):
    """The query parameters of an operation; names with dots are given by `msgspec.field(name=...)`."""

    def check(self, faults: Faults) -> None:
        """Add what only this struct can know to be wrong; it is asked when every parameter could be read."""

    @classmethod
    def check_rest(cls, read: Mapping[str, Any], faults: Faults) -> None:
        """Add what is wrong with the parameters that could be read, by attribute, when others are at fault.

        It is for what a handler looks up and refuses itself, so that everything at fault is said at once.
        """


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Answer(msgspec.Struct, metaclass=_OfTheWire, frozen=True, kw_only=True, rename="camel"):
    """What an answer carries: None is written as null, UNSET is not written."""
