"""Views of the list of purchases: each keeps their own, and finds them wherever they sign in."""

from collections.abc import Sequence

from emplette.domain.errors import Invalid
from emplette.domain.saved_views import MOST_VIEWS, SavedView, check_view, fault_of_view_name
from emplette.services.work import Work
from emplette.storage import saved_views


async def list_views(work: Work) -> Sequence[SavedView]:
    """List the views that the caller keeps, the first kept first."""
    return await saved_views.of_person(work.db, work.tenant.id, work.who.user.id)


async def keep_view(work: Work, view: SavedView) -> None:
    """Keep a view for the caller, in the place of their own of the same name.

    Raises:
        Invalid: its name or its filters can't be kept, or there are as many views as anybody keeps.
    """
    check_view(view)
    if not await saved_views.keep(work.db, work.tenant.id, work.who.user.id, view):
        raise Invalid.field("name", f"At most {MOST_VIEWS} views are kept: remove one first.")


async def remove_view(work: Work, name: str) -> None:
    """Keep a view of the caller's no longer; nobody keeps one under a name that none can have."""
    if fault_of_view_name(name) is None:
        await saved_views.remove(work.db, work.tenant.id, work.who.user.id, name)
