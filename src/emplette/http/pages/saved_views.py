"""Views of the list of purchases: its filters kept under a name, and found wherever one signs in."""

from emplette.domain.errors import Invalid
from emplette.domain.saved_views import SavedView
from emplette.http.contract.registry import POST
from emplette.http.contract.replies import Response
from emplette.http.pages.declaring import page
from emplette.http.pages.purchases import READERS, filters_of, list_of, show_list
from emplette.http.pages.visits import Values, Visit
from emplette.services.saved_views import keep_view, remove_view


@page(POST, "/purchases/views", needs=READERS)
async def keep_a_view(visit: Visit) -> Response:
    """Keep the filters of the list on which the form stood, under a name."""
    visit.query = _narrowed(visit)
    view = SavedView(visit.form["name"], filters_of(visit.query))
    try:
        await keep_view(visit.work, view)
    except Invalid as refusal:
        return await show_list(visit, faults=refusal.faults)
    return visit.go(list_of(view.filters), said="view-kept")


@page(POST, "/purchases/views/removal", needs=READERS)
async def remove_a_view(visit: Visit) -> Response:
    """Keep a view no longer, and go on with the list as it was."""
    await remove_view(visit.work, visit.form["name"])
    return visit.go(list_of(filters_of(_narrowed(visit))), said="removed")


def _narrowed(visit: Visit) -> Values:
    return Values.of_address(visit.form["filters"].encode())
