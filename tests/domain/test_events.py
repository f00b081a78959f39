"""What events are called, and what is said of a name that none has."""

import pytest

from emplette.domain.errors import Faults
from emplette.domain.events import EVENT_TYPES, OBJECT_TYPES, fault_of_event_type, fault_of_object_type, note_unknown


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_every_name_is_one_and_of_a_thing_that_events_tell_of(name: str) -> None:
    assert fault_of_event_type(name) is None
    assert fault_of_object_type(name.partition(".")[0]) is None


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("order.create", "order.create is no type of event; order.created is one."),
        ("Order.Created", "Order.Created is no type of event; order.created is one."),
        ("invoice", "invoice is no type of event."),
        ("", " is no type of event."),
    ],
)
def test_a_name_that_is_none_is_answered_with_the_one_that_was_meant(name: str, fault: str) -> None:
    assert fault_of_event_type(name) == fault


def test_so_is_a_kind_of_thing() -> None:
    assert fault_of_object_type("suplier") == "Events tell of no suplier; of supplier they do."
    assert fault_of_object_type("invoice") == "Events tell of no invoice."
    assert "supplier" in OBJECT_TYPES


def test_all_that_is_unknown_is_noted_by_the_names_of_the_filters() -> None:
    faults = Faults()
    note_unknown(["order.created", "a.b"], ["order", "x"], faults, names=("topics", "kinds"))
    assert faults.as_dict() == {"topics": ["a.b is no type of event."], "kinds": ["Events tell of no x."]}
