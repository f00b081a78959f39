"""The typed decoder and the thorough readers agree: whichever of them reads a body, it says the same."""

import json
from contextlib import suppress
from typing import Annotated, Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, inspect

from emplette.domain.errors import Faults
from emplette.http.contract import Body
from emplette.http.contract.decode import BodyDecoder, hash_of
from emplette.http.contract.readers import reader_of
from emplette.http.contract.refusals import MalformedJson
from emplette.http.contract.scan import scan
from tests.contract.toys import OFTEN, ONCE, Often, Once


class Sack(Body):
    """Things of any kind."""

    things: Annotated[list[Any], Meta(max_length=9)]
    full: bool = False


DECODER = BodyDecoder(Once | Often)
SACK = BodyDecoder(Sack)
READ = reader_of(inspect.type_info(Once | Often))

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(["2025-04-14", "2025-04-14T00:00:00Z", "EUR", "Day", "Created", "Once", "12", "1E5", 1.0, -0.0]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["value", "unit", "x"]), inner),
    max_leaves=4,
)
paths = st.sampled_from(
    ["title", "ownerId", "on", "price", "price.value", "price.currency", "taxes", "tagIds", "urgent"]
)


@given(st.sampled_from([ONCE, OFTEN]), st.dictionaries(paths, anything, max_size=3))
def test_a_body_reads_the_same_in_both_passes(order: dict[str, Any], changes: dict[str, Any]) -> None:
    body = json.loads(json.dumps(order))
    for path, value in changes.items():
        *parents, last = path.split(".")
        place = body
        for name in parents:
            place = place[name] if isinstance(place.get(name), dict) else {}
        place[last] = value
    raw = json.dumps(body).encode()

    faults, thoroughly = Faults(), Faults()
    decoded = DECODER.decode(raw, faults)
    read = READ(scan(raw, thoroughly).tree, "", thoroughly)
    if isinstance(read, Once):
        read.check(thoroughly)

    assert faults.as_dict() == thoroughly.as_dict()
    assert decoded == read


@given(anything)
def test_what_may_be_anything_is_the_same_in_both_passes(thing: object) -> None:
    raw = json.dumps({"things": [thing]}).encode()
    fast, thorough = (SACK.decode(each, Faults()) for each in (raw, raw.removesuffix(b"}") + b', "full": null}'))
    assert fast == thorough
    assert hash_of(fast) == hash_of(thorough)


def test_an_exponent_beyond_all_reach_is_a_fault_also_in_what_may_be_anything() -> None:
    faults = Faults()
    SACK.decode(b'{"things": [{"x": [1E99999999999999999999]}]}', faults)
    assert list(faults.as_dict()) == ["things[0]"]


@given(st.binary(max_size=60))
def test_no_bytes_whatever_break_the_decoder(raw: bytes) -> None:
    faults = Faults()
    with suppress(MalformedJson):
        assert DECODER.decode(raw, faults) is None or faults
