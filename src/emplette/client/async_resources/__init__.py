"""All resources; written by scripts/write_client.py, never by hand."""

from emplette.client.async_resources.absences import AsyncAbsences
from emplette.client.async_resources.amendments import AsyncAmendments
from emplette.client.async_resources.approvals import AsyncApprovals
from emplette.client.async_resources.attachments import AsyncAttachments
from emplette.client.async_resources.axes import AsyncAxes
from emplette.client.async_resources.axis_sections import AsyncAxisSections
from emplette.client.async_resources.budget_entries import AsyncBudgetEntries
from emplette.client.async_resources.budgets import AsyncBudgets
from emplette.client.async_resources.calendar_links import AsyncCalendarLinks
from emplette.client.async_resources.comments import AsyncComments
from emplette.client.async_resources.commitments import AsyncCommitments
from emplette.client.async_resources.cost_centers import AsyncCostCenters
from emplette.client.async_resources.departments import AsyncDepartments
from emplette.client.async_resources.establishments import AsyncEstablishments
from emplette.client.async_resources.events import AsyncEvents
from emplette.client.async_resources.files import AsyncFiles
from emplette.client.async_resources.legal_units import AsyncLegalUnits
from emplette.client.async_resources.natures import AsyncNatures
from emplette.client.async_resources.orders import AsyncOrders
from emplette.client.async_resources.over_budgets import AsyncOverBudgets
from emplette.client.async_resources.overview import AsyncOverview
from emplette.client.async_resources.price_rises import AsyncPriceRises
from emplette.client.async_resources.purchases import AsyncPurchases
from emplette.client.async_resources.request_plans import AsyncRequestPlans
from emplette.client.async_resources.requests import AsyncRequests
from emplette.client.async_resources.schedules import AsyncSchedules
from emplette.client.async_resources.server import AsyncServer
from emplette.client.async_resources.subscription_runs import AsyncSubscriptionRuns
from emplette.client.async_resources.subscriptions import AsyncSubscriptions
from emplette.client.async_resources.suppliers import AsyncSuppliers
from emplette.client.async_resources.territories import AsyncTerritories
from emplette.client.async_resources.users import AsyncUsers
from emplette.client.async_resources.vat_rates import AsyncVatRates
from emplette.client.async_resources.webhooks import AsyncWebhooks
from emplette.client.async_resources.working_days import AsyncWorkingDays
from emplette.client.sending import AsyncSender


class AsyncResources:
    """Every operation, by its noun."""

    def __init__(self, sender: AsyncSender) -> None:
        self.absences = AsyncAbsences(sender)
        self.amendments = AsyncAmendments(sender)
        self.approvals = AsyncApprovals(sender)
        self.attachments = AsyncAttachments(sender)
        self.axes = AsyncAxes(sender)
        self.axis_sections = AsyncAxisSections(sender)
        self.budget_entries = AsyncBudgetEntries(sender)
        self.budgets = AsyncBudgets(sender)
        self.calendar_links = AsyncCalendarLinks(sender)
        self.comments = AsyncComments(sender)
        self.commitments = AsyncCommitments(sender)
        self.cost_centers = AsyncCostCenters(sender)
        self.departments = AsyncDepartments(sender)
        self.establishments = AsyncEstablishments(sender)
        self.events = AsyncEvents(sender)
        self.files = AsyncFiles(sender)
        self.legal_units = AsyncLegalUnits(sender)
        self.natures = AsyncNatures(sender)
        self.orders = AsyncOrders(sender)
        self.over_budgets = AsyncOverBudgets(sender)
        self.overview = AsyncOverview(sender)
        self.price_rises = AsyncPriceRises(sender)
        self.purchases = AsyncPurchases(sender)
        self.request_plans = AsyncRequestPlans(sender)
        self.requests = AsyncRequests(sender)
        self.schedules = AsyncSchedules(sender)
        self.server = AsyncServer(sender)
        self.subscription_runs = AsyncSubscriptionRuns(sender)
        self.subscriptions = AsyncSubscriptions(sender)
        self.suppliers = AsyncSuppliers(sender)
        self.territories = AsyncTerritories(sender)
        self.users = AsyncUsers(sender)
        self.vat_rates = AsyncVatRates(sender)
        self.webhooks = AsyncWebhooks(sender)
        self.working_days = AsyncWorkingDays(sender)
