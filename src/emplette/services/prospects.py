"""What happens to a request if nobody decides: when people are reminded, when it goes up, and to whom."""

from dataclasses import dataclass
from datetime import date, datetime

from emplette.domain.approvals import Request
from emplette.domain.charts import Chart
from emplette.domain.dossiers import Dossier, commitment_of, request_of
from emplette.domain.escalating import Deadlines, GoesUp, deadlines_of, goes_up_to
from emplette.domain.people import User
from emplette.domain.planning import NOT_LOOKED_UP, facts_of
from emplette.domain.policies import PolicyStep
from emplette.domain.routing import goes_up_from
from emplette.formats.working_days import days_of
from emplette.services import planning
from emplette.services.policies_in_force import PolicyInForce
from emplette.services.work import Work


@dataclass(frozen=True, slots=True)
class Prospect:
    """What happens to a request if nobody decides: people are reminded, and it goes up, by today's people to whom."""

    asked_at: datetime
    reminders_on: tuple[date, ...]
    goes_up_on: date | None
    goes_up_to: tuple[User, ...]


async def prospect_of(work: Work, dossier: Dossier) -> Prospect | None:
    """Work out what happens to a request if nobody decides; None when nothing does."""
    request = dossier.request
    if request is None or request.asked_at is None:
        return None
    deadlines = deadlines_of(request, work.tenant, days_of)
    if deadlines == Deadlines():
        return None
    found = None if deadlines.goes_up_on is None else await goes_up(work, dossier)
    higher = () if found is None else goes_up_to(request, found[1], found[0], work.today)
    return Prospect(
        request.asked_at,
        deadlines.reminders_from(work.today),
        deadlines.goes_up_on,
        tuple(approver.user for approver in higher),
    )


async def goes_up(work: Work, dossier: Dossier) -> tuple[Chart, GoesUp] | None:
    """Find to whom the step that is being asked goes up, by the policy that the request started with."""
    request = request_of(dossier)
    in_force, step = await planning.policy_of(work, request), request.current_step
    rule = None if in_force is None or step is None else _step_of(in_force, request, step.name)
    if in_force is None or step is None or rule is None:
        return None
    purchase, commitment, chart = dossier.purchase, commitment_of(dossier), in_force.chart
    amount = commitment.total.counter.excluding
    facts = facts_of(purchase, commitment.terms, amount, chart, NOT_LOOKED_UP, request.requesters)
    return chart, goes_up_from(rule, step.number, facts, chart, work.today)


def _step_of(in_force: PolicyInForce, request: Request, name: str) -> PolicyStep | None:
    rules = (rule for rule in in_force.policy.outcomes if rule.name == request.rule)
    return next((step for rule in rules for step in rule.steps if step.name == name), None)
