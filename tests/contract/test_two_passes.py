"""The typed decoder and the thorough readers agree: whichever of them reads a body, it says the same."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect

from emplette.domain.errors import Faults
from emplette.http.contract.decode import BodyDecoder
from emplette.http.contract.readers import reader_of
from emplette.http.contract.refusals import MalformedJson
from emplette.http.contract.scan import scan
from tests.contract.toys import OFTEN, ONCE, Often, Once

DECODER = BodyDecoder(Once | Often)
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


@given(st.binary(max_size=60))
def test_no_bytes_whatever_break_the_decoder(raw: bytes) -> None:
    faults = Faults()
    with suppress(MalformedJson):
        assert DECODER.decode(raw, faults) is None or faults
