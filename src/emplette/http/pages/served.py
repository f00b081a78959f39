"""The pages that are served: a module of them that is not here is not reached."""

from types import ModuleType
from typing import Final

from emplette.http.pages import (
    absences as absence_pages,
)
from emplette.http.pages import (
    account,
    appearance,
    ask,
    budget_tables,
    decisions,
    founding,
    home,
    inspections,
    keys,
    mail_wishes,
    overview,
    overview_lists,
    policies,
    providers,
    saved_views,
    set_up,
    sign_in,
)
from emplette.http.pages import amending as amendment_pages
from emplette.http.pages import approvals as approval_pages
from emplette.http.pages import budgets as budget_pages
from emplette.http.pages import changing as change_pages
from emplette.http.pages import events as log_pages
from emplette.http.pages import feeds as calendar_pages
from emplette.http.pages import files as file_pages
from emplette.http.pages import people as people_pages
from emplette.http.pages import purchase as one_purchase
from emplette.http.pages import purchases as purchase_pages
from emplette.http.pages import replacing as replacing_pages
from emplette.http.pages import settings as setting_pages
from emplette.http.pages import webhooks as webhook_pages
from emplette.http.pages import working_days as working_day_pages

PAGES: Final[tuple[ModuleType, ...]] = (
    sign_in,
    providers,
    account,
    mail_wishes,
    decisions,
    home,
    ask,
    approval_pages,
    change_pages,
    replacing_pages,
    absence_pages,
    purchase_pages,
    saved_views,
    one_purchase,
    amendment_pages,
    calendar_pages,
    overview,
    overview_lists,
    setting_pages,
    policies,
    budget_tables,
    budget_pages,
    people_pages,
    working_day_pages,
    keys,
    webhook_pages,
    log_pages,
    inspections,
    set_up,
    founding,
    file_pages,
    appearance,
)
"""The modules whose pages are served."""
