"""Purchases and all under them, as a rival."""

from dataclasses import replace

from emplette.domain.dossiers import Happening
from emplette.domain.people import Visible
from emplette.domain.purchases import PurchaseDraft
from emplette.storage import commands, dossiers, idempotency, lists, names, purchases, suppliers, visibility
from emplette.storage.rows import DossierRows
from emplette.storage.writing import rows_of
from tests.fixtures.dossiers import stamp
from tests.storage.trying import DAY, Call, author, case


def draft_of(word: int) -> PurchaseDraft:
    return PurchaseDraft(
        title="Curious",
        owner_id=word,
        nature_id=word,
        cost_center_id=word,
        establishment_id=word,
        department_id=word,
        supplier_id=word,
        supplier_name=None,
        supplier_territory_id=None,
        axis_section_ids=(word,),
        declared_type=None,
    )


@case(purchases.there_already)
async def _there_already(call: Call) -> object:
    return await purchases.there_already(call.db, call.tenant, [call.ids.purchase])


@case(commands.write)
async def _write(call: Call) -> object:
    before = await call.neighbours.dossier(call.neighbours.theirs.purchase)
    before = replace(before, purchase=replace(before.purchase, id=call.ids.purchase))
    purchase = replace(before.purchase, title="Mine", version=before.purchase.version + 1, modified=stamp())
    happening = Happening("purchase.revised", "purchase", call.ids.purchase)
    key = commands.Key("PUT", "curious", b"", 200)
    changed = replace(before, purchase=replace(purchase, modified=replace(stamp(), by=author().who.user)))
    command = commands.Command(before, changed, (happening,), author(), key, happening, DAY)
    return await commands.write(call.db, call.tenant, [command])


@case(dossiers.of_purchase)
async def _of_purchase(call: Call) -> object:
    return await dossiers.of_purchase(call.db, call.tenant, call.ids.purchase)


@case(dossiers.of_commitment)
async def _of_commitment(call: Call) -> object:
    return await dossiers.of_commitment(call.db, call.tenant, call.ids.commitment)


@case(dossiers.of_request)
async def _of_request(call: Call) -> object:
    return await dossiers.of_request(call.db, call.tenant, call.ids.request)


@case(dossiers.of_order)
async def _of_order(call: Call) -> object:
    return await dossiers.of_order(call.db, call.tenant, call.ids.order)


@case(idempotency.find)
async def _find_key(call: Call) -> object:
    scope = "POST /cleemy-procurement/api/purchases"
    return await idempotency.find(call.db, call.tenant, call.ids.api_key, scope, call.ids.key)


def filters_of(**values: int) -> lists.Filters:
    return lists.Filters({name: [value] for name, value in values.items()})


PIECE = lists.Slice(limit=100, counted=True)


@case(visibility.sees_few, alike=True)
async def _sees_few(call: Call) -> object:
    visible = Visible(frozenset({call.ids.word}), asked_id=call.ids.word)
    return await visibility.sees_few(call.db, call.tenant, visible)


@case(visibility.own_few, alike=True)
async def _own_few(call: Call) -> object:
    return await visibility.own_few(call.db, call.tenant, [call.ids.word])


@case(lists.purchases)
async def _all_purchases(call: Call) -> object:
    return await lists.purchases(call.db, call.tenant, None, lists.Filters(), PIECE)


@case(lists.purchases)
async def _purchases_by_words(call: Call) -> object:
    return await lists.purchases(call.db, call.tenant, None, lists.Filters(terms=call.ids.key), PIECE)


@case(lists.purchases)
async def _purchases_of_a_supplier(call: Call) -> object:
    return await lists.purchases(call.db, call.tenant, None, filters_of(supplierId=call.ids.word), PIECE)


@case(lists.purchases)
async def _purchases_of_people(call: Call) -> object:
    visible = Visible(frozenset({call.ids.word}), asked_id=call.ids.word)
    return await lists.purchases(call.db, call.tenant, visible, lists.Filters(), PIECE)


@case(lists.requests)
async def _requests_of_a_commitment(call: Call) -> object:
    return await lists.requests(call.db, call.tenant, None, filters_of(commitmentId=call.ids.commitment), PIECE)


@case(lists.requests)
async def _requests_of_people(call: Call) -> object:
    visible = Visible(frozenset({call.ids.word}), asked_id=call.ids.word)
    return await lists.requests(call.db, call.tenant, visible, lists.Filters(), PIECE)


@case(lists.orders)
async def _orders_of_a_purchase(call: Call) -> object:
    return await lists.orders(call.db, call.tenant, None, filters_of(purchaseId=call.ids.purchase), PIECE)


@case(lists.orders)
async def _orders_of_people(call: Call) -> object:
    visible = Visible(frozenset({call.ids.word}), asked_id=None)
    return await lists.orders(call.db, call.tenant, visible, lists.Filters(), PIECE)


@case(names.of_rows)
async def _names(call: Call) -> object:
    dossier = await call.neighbours.dossier(call.neighbours.theirs.purchase)
    word = call.ids.word
    rows = rows_of(call.tenant, dossier).purchase
    rows.owner_id = rows.author_id = rows.modifier_id = rows.nature_id = rows.cost_center_id = word
    rows.establishment_id = rows.department_id = rows.supplier_id = word
    rows.axis_section_ids = [word]
    return await names.of_rows(call.db, call.tenant, DossierRows(purchase=rows))


@case(purchases.create)
async def _create_purchase(call: Call) -> object:
    key = commands.Key("POST", "curious", b"", 201)
    creation = purchases.Creation(4711, draft_of(call.ids.word), DAY, author(), key)
    return await purchases.create(call.db, call.tenant, [creation])


@case(purchases.find_references)
async def _find_references(call: Call) -> object:
    return await purchases.find_references(call.db, call.tenant, draft_of(call.ids.word))


@case(purchases.find_with_references)
async def _find_with_references(call: Call) -> object:
    draft = draft_of(call.ids.word)
    return await purchases.find_with_references(call.db, call.tenant, call.ids.purchase, draft)


@case(suppliers.with_purchase)
async def _supplier_with_purchase(call: Call) -> object:
    return await suppliers.with_purchase(call.db, call.tenant, call.ids.purchase, call.ids.word)
