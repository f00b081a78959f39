"""Views of the list of purchases, as a rival."""

from emplette.domain.saved_views import SavedView
from emplette.storage import saved_views
from tests.storage.trying import Call, case


@case(saved_views.of_person)
async def _of_person(call: Call) -> object:
    return await saved_views.of_person(call.db, call.tenant, call.ids.word)


@case(saved_views.keep)
async def _keep(call: Call) -> object:
    return await saved_views.keep(call.db, call.tenant, call.ids.word, SavedView(call.ids.key, (("whose", "team"),)))


@case(saved_views.remove)
async def _remove(call: Call) -> None:
    await saved_views.remove(call.db, call.tenant, call.ids.word, call.ids.key)
