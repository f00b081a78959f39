"""Reminding and going up: what happens to a request that nobody decides, counted in the company's working days.

They are counted from the day on which the step was asked, or went to somebody else. A reminder changes nothing. Going
up asks another one in the place of who kept it waiting, on record: needed are as many as before.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from emplette.domain.approvals import Approver, Request, RequestState, Step, Waiting
from emplette.domain.charts import Chart
from emplette.domain.people import Tenant
from emplette.domain.replacing import may_join, with_approvers
from emplette.domain.working_days import PublicHolidays

GoesUp = Callable[[Approver], Iterable[tuple[Approver, ...]]]
"""Says to whom a question goes up that somebody has not answered: those nearest first, together who are as near."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """What happens if nobody decides the step that is being asked: on which days people are reminded, and it goes up.

    Days are the company's. Those gone by are listed as well; without a day for it, it never goes up.
    """

    remind: tuple[tuple[int, date], ...] = ()
    goes_up_on: date | None = None

    def reminder_due(self, today: date) -> int | None:
        """Tell of which reminder it is time: after how many working days. Of several, the last stands for all."""
        return max((after for after, day in self.remind if day <= today), default=None)

    def is_slow(self, today: date) -> bool:
        """Tell whether it is time to ask those above."""
        return self.goes_up_on is not None and self.goes_up_on <= today

    def reminders_from(self, today: date) -> tuple[date, ...]:
        """List the days of the reminders that are still to come, and before which it does not go up."""
        return tuple(
            day for _, day in self.remind if day > today and (self.goes_up_on is None or day < self.goes_up_on)
        )


def deadlines_of(request: Request, tenant: Tenant, public: PublicHolidays) -> Deadlines:
    """Work out what happens when, if nobody decides; nothing does once it is decided, or where no policy says so."""
    step, asked_at = request.current_step, request.asked_at
    if step is None or asked_at is None or request.state is not RequestState.PENDING:
        return Deadlines()
    return deadlines_from(asked_at, step.waiting, tenant, public)


def deadlines_from(asked_at: datetime, waiting: Waiting, tenant: Tenant, public: PublicHolidays) -> Deadlines:
    """Work out what happens when to a step that is asked since a moment."""
    asked_on = asked_at.astimezone(tenant.time_zone).date()
    days = ((after, tenant.calendar.day_after(asked_on, after, public)) for after in waiting.remind_after)
    return Deadlines(
        tuple((after, day) for after, day in days if day is not None),
        None if waiting.escalate_after is None else tenant.calendar.day_after(asked_on, waiting.escalate_after, public),
    )


def escalated(request: Request, goes_up: GoesUp, chart: Chart, on: date) -> Request:
    """Return the request when those above are asked in the place of who kept it waiting: as many as are missing.

    It goes up by one: where the next above are asked in this step already, it goes on waiting for who is asked there.
    Whoever was asked in the step before is not asked again. Where there is nobody, the request stays as it is.
    """
    step = request.current_step
    if step is None or request.state is not RequestState.PENDING:
        return request
    missing = step.needed - len(request.approvers_of(step))
    is_there = partial(chart.is_there, on=on)
    for slow in request.waits_for:
        higher = _next_above(request, step, slow, goes_up, is_there) if missing > 0 else None
        if higher is not None:
            request = with_approvers(request, {step.number: replace(higher, in_place_of=slow.user.id)})
            step = next(one for one in request.steps if one.number == step.number)
            missing -= 1
    return request


def goes_up_to(request: Request, goes_up: GoesUp, chart: Chart, on: date) -> tuple[Approver, ...]:
    """List who would be asked, were it to go up on a day."""
    before, after = request.current_step, escalated(request, goes_up, chart, on).current_step
    return () if before is None or after is None else after.approvers[len(before.approvers) :]


def _next_above(
    request: Request, step: Step, slow: Approver, goes_up: GoesUp, can_decide: Callable[[int], bool]
) -> Approver | None:
    asked_before = {approver.user.id for approver in step.approvers}
    barred = asked_before if step.own_too else asked_before | request.requesters
    for level in goes_up(slow):
        for higher in level:
            person = higher.user.id
            if person not in barred and can_decide(person) and may_join(request, step, person):
                return higher
        if any(step.asks(higher.user.id) for higher in level if higher.user.id != slow.user.id):
            return None
    return None
