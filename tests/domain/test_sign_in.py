"""Signing in: when sessions end, what forms hold, which passwords are taken."""

from datetime import UTC, datetime, timedelta

import pytest

from emplette.domain.sign_in import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    Session,
    Terms,
    fault_of_length,
    folded_login,
    form_token,
    is_form_of,
)

BEGUN = datetime(2025, 4, 14, 8, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
TERMS = Terms(idle=timedelta(hours=12), whole=timedelta(days=7))


def session(used_after: timedelta) -> Session:
    return Session(71, 35, BEGUN, BEGUN + used_after, BEGUN + TERMS.whole, "192.0.2.1", "Browser")


def test_a_session_ends_when_it_is_not_used() -> None:
    used = session(timedelta(hours=3))
    assert not used.is_over(BEGUN + timedelta(hours=15) - MOMENT, TERMS)
    assert used.is_over(BEGUN + timedelta(hours=15), TERMS)


def test_a_session_ends_at_last_however_it_is_used() -> None:
    used = session(TERMS.whole - MOMENT)
    assert not used.is_over(BEGUN + TERMS.whole - MOMENT, TERMS)
    assert used.is_over(BEGUN + TERMS.whole, TERMS)


def test_a_form_is_known_by_the_cookie_that_it_was_made_for_and_by_no_other() -> None:
    secret = "what the cookie holds"
    token = form_token(secret)
    assert secret not in token
    assert is_form_of(secret, token)
    assert not is_form_of("another", token)


@pytest.mark.parametrize("token", ["", "a", "é", "\ud800"])
def test_what_is_no_token_is_of_no_form(token: str) -> None:
    assert not is_form_of("secret", token)


@pytest.mark.parametrize("written", ["Olive@Example.test", "  olive@example.TEST "])
def test_how_a_mail_address_is_written_does_not_count(written: str) -> None:
    assert folded_login(written) == "olive@example.test"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (SHORTEST_PASSWORD - 1, "at least 12"),
        (SHORTEST_PASSWORD, None),
        (LONGEST_PASSWORD, None),
        (LONGEST_PASSWORD + 1, "at most 256"),
    ],
)
def test_of_a_password_its_length_counts_and_each_character_does(length: int, said: str | None) -> None:
    fault = fault_of_length("é" * length)
    assert (fault is None) if said is None else (fault is not None and said in fault)
