"""All resources; written by scripts/write_client.py, never by hand."""

from emplette.client.resources.absences import Absences
from emplette.client.resources.amendments import Amendments
from emplette.client.resources.approvals import Approvals
from emplette.client.resources.attachments import Attachments
from emplette.client.resources.axes import Axes
from emplette.client.resources.axis_sections import AxisSections
from emplette.client.resources.budget_entries import BudgetEntries
from emplette.client.resources.budgets import Budgets
from emplette.client.resources.calendar_links import CalendarLinks
from emplette.client.resources.comments import Comments
from emplette.client.resources.commitments import Commitments
from emplette.client.resources.cost_centers import CostCenters
from emplette.client.resources.departments import Departments
from emplette.client.resources.establishments import Establishments
from emplette.client.resources.events import Events
from emplette.client.resources.files import Files
from emplette.client.resources.legal_units import LegalUnits
from emplette.client.resources.natures import Natures
from emplette.client.resources.orders import Orders
from emplette.client.resources.over_budgets import OverBudgets
from emplette.client.resources.overview import Overview
from emplette.client.resources.price_rises import PriceRises
from emplette.client.resources.purchases import Purchases
from emplette.client.resources.request_plans import RequestPlans
from emplette.client.resources.requests import Requests
from emplette.client.resources.schedules import Schedules
from emplette.client.resources.server import Server
from emplette.client.resources.subscription_runs import SubscriptionRuns
from emplette.client.resources.subscriptions import Subscriptions
from emplette.client.resources.suppliers import Suppliers
from emplette.client.resources.territories import Territories
from emplette.client.resources.users import Users
from emplette.client.resources.vat_rates import VatRates
from emplette.client.resources.webhooks import Webhooks
from emplette.client.resources.working_days import WorkingDays
from emplette.client.sending import Sender


class Resources:
    """Every operation, by its noun."""

    def __init__(self, sender: Sender) -> None:
        self.absences = Absences(sender)
        self.amendments = Amendments(sender)
        self.approvals = Approvals(sender)
        self.attachments = Attachments(sender)
        self.axes = Axes(sender)
        self.axis_sections = AxisSections(sender)
        self.budget_entries = BudgetEntries(sender)
        self.budgets = Budgets(sender)
        self.calendar_links = CalendarLinks(sender)
        self.comments = Comments(sender)
        self.commitments = Commitments(sender)
        self.cost_centers = CostCenters(sender)
        self.departments = Departments(sender)
        self.establishments = Establishments(sender)
        self.events = Events(sender)
        self.files = Files(sender)
        self.legal_units = LegalUnits(sender)
        self.natures = Natures(sender)
        self.orders = Orders(sender)
        self.over_budgets = OverBudgets(sender)
        self.overview = Overview(sender)
        self.price_rises = PriceRises(sender)
        self.purchases = Purchases(sender)
        self.request_plans = RequestPlans(sender)
        self.requests = Requests(sender)
        self.schedules = Schedules(sender)
        self.server = Server(sender)
        self.subscription_runs = SubscriptionRuns(sender)
        self.subscriptions = Subscriptions(sender)
        self.suppliers = Suppliers(sender)
        self.territories = Territories(sender)
        self.users = Users(sender)
        self.vat_rates = VatRates(sender)
        self.webhooks = Webhooks(sender)
        self.working_days = WorkingDays(sender)
