"""A chain shows what was done to it, and a cursor where it belongs."""

from dataclasses import replace

import pytest

from emplette.domain.seals import GENESIS, Cursor, Head, PositionGone, Seal, Walk, chained


def chain(count: int) -> list[Seal]:
    """Seal so many events."""
    seals, last = [], GENESIS
    for number in range(1, count + 1):
        form = f"event {number}".encode()
        last = chained(last, form)
        seals.append(Seal(number, 100 + number, last, form))
    return seals


def findings(seals: list[Seal]) -> list[str]:
    walk = Walk()
    for start in range(0, len(seals), 3):
        walk.pass_by(seals[start : start + 3])
    return walk.end()


def numbered(seals: list[Seal]) -> list[Seal]:
    """Give positions without gaps."""
    return [replace(seal, position=position) for position, seal in enumerate(seals, start=1)]


def test_a_chain_that_nobody_touched_is_good() -> None:
    assert findings(chain(10)) == []
    assert findings([]) == []


def test_a_changed_event_is_named() -> None:
    seals = chain(10)
    seals[4] = replace(seals[4], form=b"another")
    assert findings(seals) == [
        "Event 105 at position 5 is not what was sealed there: it was changed, or something before it was removed."
    ]


@pytest.mark.parametrize("last", [False, True])
def test_a_removed_event_is_named(last: bool) -> None:  # noqa: FBT001
    seals = chain(5)
    place = 4 if last else 1
    seals[place] = replace(seals[place], form=None)
    assert findings(seals) == [f"Event 10{place + 1}, sealed at position {place + 1}, is missing: removed."]


def test_removed_seals_are_named() -> None:
    seals = chain(10)
    del seals[6:8], seals[2]
    assert findings(seals) == [
        "The seal of position 3 is missing: removed.",
        "The seals 7 to 8 are missing: removed.",
    ]


def test_a_seal_that_was_removed_and_closed_over_is_noticed() -> None:
    seals = chain(10)
    del seals[2]
    (found,) = findings(numbered(seals))
    assert found.startswith("Event 104 at position 3 is not what was sealed there")


def test_a_changed_seal_is_named() -> None:
    seals = chain(10)
    seals[4] = replace(seals[4], hash=bytes(32))
    assert findings(seals) == ["The seal of position 5 is not what it was: changed."]


def test_an_inserted_event_is_named_also_with_a_hash_that_fits() -> None:
    seals = chain(10)
    fitting = chained(seals[3].hash, b"forged")
    for forged in (fitting, bytes(32)):
        changed = [*seals[:4], Seal(0, 999, forged, b"forged"), *seals[4:]]
        (found,) = findings(numbered(changed))
        if forged == fitting:
            # It follows from what is before it, so what comes after it is what does not fit.
            assert found.startswith("Event 105 at position 6 is not what was sealed there")
        else:
            assert found == "The seal of position 5, event 999, was not there: inserted."


@pytest.mark.parametrize(("one", "other"), [(4, 5), (4, 8), (1, 2)])
def test_events_in_another_order_are_named(one: int, other: int) -> None:
    told = f"Events 10{one} and 10{other}, at the positions {one} and {other}, are not in the order of their seals"
    seals = chain(9)
    first, second = seals[one - 1], seals[other - 1]
    events = list(seals)
    events[one - 1] = replace(first, event_id=second.event_id, form=second.form)
    events[other - 1] = replace(second, event_id=first.event_id, form=first.form)
    (found,) = findings(events)
    assert found == told.replace(f"10{one} and 10{other}", f"10{other} and 10{one}") + ": reordered."
    whole = list(seals)
    whole[one - 1], whole[other - 1] = second, first
    found, *others = findings(numbered(whole))
    assert "reordered" in found
    assert others == [] or other - one > 1


@pytest.mark.parametrize(
    ("text", "cursor"), [("0", 0), ("42", 42), ("1-42", Cursor(1, 42)), ("1763760000-7", Cursor(1763760000, 7))]
)
def test_a_cursor_is_read_as_it_is_written(text: str, cursor: Cursor | int) -> None:
    assert Cursor.parse(text) == cursor
    assert str(cursor) == text


@pytest.mark.parametrize("text", ["", "-", "1-", "-1", "1-2-3", "x", "1.5", "٣", "9" * 19])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Cursor.parse(text)


RESTORED = Head(epoch=30, position=120, begins_after={20: 50, 30: 80})


@pytest.mark.parametrize(
    "cursor",
    [0, 120, Cursor(30, 120), Cursor(30, 0), Cursor(20, 80), Cursor(20, 3), Cursor(1, 50), Cursor(1, 0), Cursor(7, 0)],
)
def test_a_cursor_of_any_epoch_leads_on_while_its_history_is_there(cursor: Cursor | int) -> None:
    expected = cursor if isinstance(cursor, int) else cursor.position
    assert RESTORED.locate(cursor) == expected


@pytest.mark.parametrize(
    ("cursor", "onward"),
    [
        (121, "30-120"),
        (Cursor(30, 121), "30-120"),
        (Cursor(20, 81), "30-80"),
        (Cursor(1, 51), "30-50"),
        (Cursor(1, 999), "30-50"),
        (Cursor(25, 1), "30-0"),
        (Cursor(31, 1), "30-0"),
    ],
)
def test_a_cursor_beyond_its_history_is_told_where_to_go_on(cursor: Cursor | int, onward: str) -> None:
    with pytest.raises(PositionGone) as refused:
        RESTORED.locate(cursor)
    assert refused.value.facts["after"] == onward
    assert f"`after={onward}`" in refused.value.detail


@pytest.mark.parametrize(("cursor", "shared"), [(Cursor(30, 999), 120), (Cursor(20, 99), 80), (Cursor(20, 3), 3)])
def test_what_two_logs_share_ends_where_one_of_them_was_restored(cursor: Cursor, shared: int) -> None:
    assert RESTORED.shared(cursor) == shared
