"""Commitments: what a purchase costs, once or as a subscription, and the dates and totals that follow."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from emplette.domain.commitments import (
    LIFE,
    LIVE,
    CommitmentAction,
    CommitmentState,
    CommitmentType,
    Subscription,
    Terms,
    note_faults_of_subscription,
    note_faults_of_total,
)
from emplette.domain.currencies import EUR, Currency
from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.errors import Faults
from emplette.domain.money import UNREACHED, Conversion, DualAmount, Money, TaxedAmount
from emplette.domain.purchases import PurchaseType
from tests.fixtures.dossiers import CHF, IN_FRANCS, ONCE, YEARLY, committed, draft

DAY, WEEK, MONTH, YEAR = TimeUnit


def faults_of(terms: Subscription) -> dict[str, list[str]]:
    faults = Faults()
    note_faults_of_subscription(terms, faults)
    return faults.as_dict()


def faults_of_total(minor: int, terms: Subscription | None = None, *, rate: str = "1") -> dict[str, list[str]]:
    faults = Faults()
    amount = DualAmount.of(TaxedAmount(Money(minor, EUR)), Conversion(Decimal(rate), date(2025, 4, 14), CHF))
    note_faults_of_total(amount, terms or ONCE, faults)
    return faults.as_dict()


@pytest.mark.parametrize(
    ("action", "sources"),
    [
        (CommitmentAction.REVISE, {"Created"}),
        (CommitmentAction.SUBMIT, {"Created"}),
        (CommitmentAction.APPROVE, {"UnderReview"}),
        (CommitmentAction.DENY, {"UnderReview"}),
        (CommitmentAction.CANCEL, {"UnderReview", "Provisioned"}),
    ],
)
def test_an_action_is_possible_from_the_states_that_were_decided(action: CommitmentAction, sources: set[str]) -> None:
    assert set(LIFE.sources(action)) == sources


def test_a_denied_or_cancelled_commitment_is_never_used_again() -> None:
    over = {CommitmentState.DENIED, CommitmentState.CANCELLED}
    assert set(CommitmentState) - over == LIVE
    assert all(LIFE.actions(state) == [] for state in over)


@pytest.mark.parametrize("state", CommitmentState)
def test_a_commitment_stands_in_the_way_of_another_one_while_it_lives(state: CommitmentState) -> None:
    commitment = committed().commitment
    assert commitment is not None
    assert replace(commitment, state=state).is_live is (state in LIVE)


def test_what_is_bought_once_has_one_period_and_the_rates_of_its_delivery() -> None:
    assert (ONCE.type, ONCE.purchase_type) == (CommitmentType.ONE_TIME, PurchaseType.ONE_TIME)
    assert ONCE.periods_count == 1
    assert ONCE.starts_on == date(2025, 4, 14)


def test_a_subscription_has_periods_an_end_and_the_rates_of_its_start() -> None:
    assert (YEARLY.type, YEARLY.purchase_type) == (CommitmentType.SUBSCRIPTION, PurchaseType.SUBSCRIPTION)
    assert YEARLY.periods_count == 12
    assert YEARLY.starts_on == date(2025, 4, 14)
    assert YEARLY.end_date == date(2026, 4, 13)


def test_notice_is_given_before_the_end_of_the_obligation_if_there_is_one() -> None:
    assert YEARLY.contractual_end_date == date(2025, 10, 13)
    assert YEARLY.last_notice_date == date(2025, 9, 29)
    assert replace(YEARLY, obligation=None).contractual_end_date is None
    assert replace(YEARLY, obligation=None).last_notice_date == date(2026, 3, 30)
    assert replace(YEARLY, notice=None).last_notice_date is None


def test_the_total_of_a_subscription_is_its_period_times_their_number_in_both_currencies() -> None:
    commitment = committed(terms=YEARLY).commitment
    assert commitment is not None
    assert commitment.amount == IN_FRANCS
    assert commitment.total.base.including == IN_FRANCS.base.including.times(12)
    assert commitment.total.counter.including == IN_FRANCS.counter.including.times(12)


@pytest.mark.parametrize(("currency", "expected"), [(None, CHF), ("CHF", CHF), ("EUR", EUR), ("USD", None)])
def test_the_whole_is_known_in_its_two_currencies_and_in_no_other(
    currency: str | None, expected: Currency | None
) -> None:
    commitment = committed(terms=YEARLY).commitment
    assert commitment is not None
    total = commitment.total_in(currency)
    assert (None if total is None else total.currency) == expected
    assert total in {None, commitment.total.base.excluding, commitment.total.counter.excluding}


@pytest.mark.parametrize(
    ("terms", "path", "field"),
    [
        (ONCE, None, "amountIncludingTaxes"),
        (YEARLY, None, "amountIncludingTaxesPerPeriod"),
        (ONCE, "amountIncludingTaxes.base", "amountIncludingTaxes.base"),
    ],
)
def test_a_draft_lists_the_rates_that_its_amount_needs_by_the_fields_that_name_them(
    terms: Terms, path: str | None, field: str
) -> None:
    rates = replace(draft(terms), amount_path=path).rates
    assert rates.on == terms.starts_on
    assert rates.rate_types == {f"{field}.taxes[0].rateTypeId": 45, f"{field}.taxes[1].rateTypeId": 46}
    assert (rates.currency, rates.currency_path) == (EUR, f"{field}.excludingTaxes.currency")


def test_a_sound_subscription_has_no_faults() -> None:
    assert faults_of(YEARLY) == {}
    assert faults_of(replace(YEARLY, obligation=None, notice=None)) == {}


def test_every_duration_that_can_not_be_is_named() -> None:
    terms = replace(
        YEARLY,
        frequency=Duration(0, DAY),
        duration=Duration(101, YEAR),
        obligation=Duration(-1, MONTH),
        notice=Duration(101, YEAR),
    )
    paths = {"invoicingFrequency", "subscriptionDuration", "contractualObligation", "terminationNotice"}
    assert set(faults_of(terms)) == paths


def test_more_than_two_thousand_periods_are_a_fault_of_the_frequency() -> None:
    fits = replace(YEARLY, frequency=Duration(1, DAY), duration=Duration(2_000, DAY))
    assert faults_of(fits) == {}
    assert set(faults_of(replace(fits, duration=Duration(2_001, DAY)))) == {"invoicingFrequency"}


def test_what_can_be_judged_is_judged_beside_what_can_not() -> None:
    too_many = replace(YEARLY, frequency=Duration(1, DAY), duration=Duration(100, YEAR), obligation=Duration(0, DAY))
    assert set(faults_of(too_many)) == {"invoicingFrequency", "contractualObligation"}
    too_late = replace(YEARLY, start_date=date(1, 1, 1), frequency=Duration(0, DAY), notice=Duration(7, MONTH))
    assert set(faults_of(too_late)) == {"invoicingFrequency", "terminationNotice"}


def test_notice_must_leave_a_day_to_give_it() -> None:
    assert set(faults_of(replace(YEARLY, notice=Duration(0, WEEK)))) == {"terminationNotice"}
    assert set(faults_of(replace(YEARLY, start_date=date(1, 1, 1), notice=Duration(7, MONTH)))) == {"terminationNotice"}
    assert faults_of(replace(YEARLY, notice=Duration(3, YEAR))) == {}


def test_a_total_must_stay_below_what_can_be_kept() -> None:
    assert faults_of_total(UNREACHED - 1) == {}
    assert set(faults_of_total(UNREACHED)) == {"amountIncludingTaxes"}


def test_the_total_of_all_periods_counts_and_names_the_amount_of_one() -> None:
    assert faults_of_total((UNREACHED - 1) // 12, YEARLY) == {}
    assert set(faults_of_total(UNREACHED // 12 + 1, YEARLY)) == {"amountIncludingTaxesPerPeriod"}


def test_the_counter_value_must_stay_below_what_can_be_kept_too() -> None:
    assert set(faults_of_total(UNREACHED // 2 + 1, rate="2")) == {"amountIncludingTaxes"}
