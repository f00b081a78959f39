"""Each storage function as a rival company: nothing seen, nothing changed, and not told apart from absent."""

import inspect
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from emplette.domain.approvals import Policy, PolicyStep
from emplette.domain.dossiers import Happening
from emplette.domain.keys import KeyDraft
from emplette.domain.organisation import Nature, Organisation
from emplette.domain.people import User
from emplette.domain.purchases import PurchaseDraft
from emplette.storage import (
    commands,
    dossiers,
    exchange_rates,
    idempotency,
    ids,
    keys,
    lists,
    names,
    organisation,
    people,
    policies,
    purchases,
    suppliers,
    taxes,
)
from emplette.storage.database import Session
from emplette.storage.rows import DossierRows
from emplette.storage.writing import rows_of
from tests.fixtures.dossiers import caller, stamp
from tests.fixtures.rivals import SECRET, Ids, Neighbours
from tests.house.source import modules

NOW = datetime(2025, 4, 14, 12, tzinfo=UTC)
DAY = date(2025, 4, 14)


@dataclass(frozen=True, slots=True)
class Call:
    """A storage function as a company calls it: for which of its ids, beside what else."""

    db: Session
    tenant: int
    ids: Ids
    neighbours: Neighbours


Do = Callable[[Call], Awaitable[object]]
CASES: dict[str, list[Do]] = {}


def case(function: Callable[..., Any]) -> Callable[[Do], Do]:
    def note(do: Do) -> Do:
        CASES.setdefault(f"{function.__module__}.{function.__qualname__}", []).append(do)
        return do

    return note


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


def author() -> commands.Author:
    return commands.Author(replace(caller(), user=User(36, "Alma", "Approver")), NOW, call_id=None)


@case(commands.write)
async def _write(call: Call) -> object:
    before = await call.neighbours.dossier(call.neighbours.theirs.purchase)
    before = replace(before, purchase=replace(before.purchase, id=call.ids.purchase))
    purchase = replace(before.purchase, title="Mine", version=before.purchase.version + 1, modified=stamp())
    happening = Happening("purchase.revised", "purchase", call.ids.purchase)
    key = commands.Key("PUT", "curious", b"", 200)
    changed = replace(before, purchase=replace(purchase, modified=replace(stamp(), by=author().who.user)))
    command = commands.Command(before, changed, (happening,), author(), key, happening)
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


@case(exchange_rates.last_rates)
async def _last_rates(call: Call) -> object:
    return await exchange_rates.last_rates(call.db, call.tenant, ["USD"], day=DAY)


@case(exchange_rates.set_rate)
async def _set_rate(call: Call) -> None:
    own = exchange_rates.DayRate("USD", DAY, Decimal("1.5"))
    await exchange_rates.set_rate(call.db, call.tenant, own, by="Curious", actor=36, at=NOW)


@case(idempotency.find)
async def _find_key(call: Call) -> object:
    scope = "POST /cleemy-procurement/api/purchases"
    return await idempotency.find(call.db, call.tenant, call.ids.api_key, scope, call.ids.key)


@case(ids.keep_above)
async def _keep_above(call: Call) -> None:
    await ids.keep_above(call.db, call.tenant, "purchase", 1_000_000)


@case(ids.Ids.next)
async def _next_id(call: Call) -> object:
    return await ids.Ids().next(call.db, call.tenant, "purchase")


@case(keys.command_line_user)
async def _command_line_user(call: Call) -> object:
    return await keys.command_line_user(call.db, call.tenant)


@case(keys.create)
async def _create_key_for_a_person(call: Call) -> object:
    draft = KeyDraft("Curious", "me@example.test", ("view:own",), person_id=call.ids.word, auto_approve=False)
    return await keys.create(call.db, call.tenant, draft, secret_hash=b"mine", actor=36, now=NOW)


@case(keys.create)
async def _create_key_with_a_secret(call: Call) -> object:
    draft = KeyDraft("Curious", "me@example.test", ("view:own",))
    return await keys.create(call.db, call.tenant, draft, secret_hash=call.ids.secret_hash, actor=36, now=NOW)


@case(keys.revoke)
async def _revoke_key(call: Call) -> object:
    return await keys.revoke(call.db, call.tenant, call.ids.api_key, actor=36, now=NOW)


@case(keys.all_of)
async def _all_keys(call: Call) -> object:
    return await keys.all_of(call.db, call.tenant)


@case(keys.by_id)
async def _key_by_id(call: Call) -> object:
    return await keys.by_id(call.db, call.tenant, call.ids.api_key)


@case(keys.by_secret)
async def _key_by_secret(call: Call) -> object:
    return await keys.by_secret(call.db, call.tenant, call.ids.secret_hash)


def filters_of(**values: int) -> lists.Filters:
    return lists.Filters({name: [value] for name, value in values.items()})


PIECE = lists.Slice(limit=100, counted=True)


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
    visible = lists.Visible((call.ids.word,), asked_id=call.ids.word)
    return await lists.purchases(call.db, call.tenant, visible, lists.Filters(), PIECE)


@case(lists.requests)
async def _requests_of_a_commitment(call: Call) -> object:
    return await lists.requests(call.db, call.tenant, None, filters_of(commitmentId=call.ids.commitment), PIECE)


@case(lists.requests)
async def _requests_of_people(call: Call) -> object:
    visible = lists.Visible((call.ids.word,), asked_id=call.ids.word)
    return await lists.requests(call.db, call.tenant, visible, lists.Filters(), PIECE)


@case(lists.orders)
async def _orders_of_a_purchase(call: Call) -> object:
    return await lists.orders(call.db, call.tenant, None, filters_of(purchaseId=call.ids.purchase), PIECE)


@case(lists.orders)
async def _orders_of_people(call: Call) -> object:
    visible = lists.Visible((call.ids.word,), asked_id=None)
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


@case(organisation.take_over)
async def _take_over(call: Call) -> None:
    brought = Organisation(natures=(Nature(id=call.ids.word, name="Mine", cost_family_id=None),))
    await organisation.take_over(call.db, call.tenant, brought)


@case(organisation.take_over)
async def _take_over_what_refers_to_others(call: Call) -> None:
    brought = Organisation(natures=(Nature(id=4711, name="Mine", cost_family_id=call.ids.word),))
    await organisation.take_over(call.db, call.tenant, brought)


@case(organisation.has_people)
async def _has_people(call: Call) -> object:
    return await organisation.has_people(call.db, call.tenant)


@case(people.by_id)
async def _people(call: Call) -> object:
    return await people.by_id(call.db, call.tenant, [call.ids.word])


@case(people.key)
async def _who_calls(call: Call) -> object:
    return await people.key(call.db, call.tenant, call.ids.secret_hash)


@case(people.note_use)
async def _note_use(call: Call) -> None:
    await people.note_use(call.db, call.tenant, call.ids.api_key, on=DAY)


@case(policies.current)
async def _policy(call: Call) -> object:
    return await policies.current(call.db, call.tenant)


@case(policies.current_source)
async def _source_of_policy(call: Call) -> object:
    return await policies.current_source(call.db, call.tenant)


@case(policies.people_named)
async def _people_named(call: Call) -> object:
    policy = Policy(1, (PolicyStep("Curious", (call.ids.word,)),))
    return await policies.people_named(call.db, call.tenant, policy)


@case(policies.load)
async def _load_policy(call: Call) -> object:
    steps = [PolicyStep("Mine", (36,))]
    return await policies.load(call.db, call.tenant, source="mine", steps=steps, actor=36, now=NOW)


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


@case(taxes.vat_rates)
async def _vat_rates(call: Call) -> object:
    return await taxes.vat_rates(call.db, call.tenant)


def functions_of_a_tenant() -> Iterator[str]:
    """Find every function of the storage that is for one tenant."""
    for module in modules("emplette.storage"):
        own = [value for value in vars(module).values() if getattr(value, "__module__", "") == module.__name__]
        members = [member for value in own if inspect.isclass(value) for member in vars(value).values()]
        for value in [*own, *members]:
            if not inspect.iscoroutinefunction(value) or value.__name__.startswith("_"):
                continue
            arguments = [name for name in inspect.signature(value).parameters if name != "self"]
            if arguments[:2] == ["db", "tenant"]:
                yield f"{value.__module__}.{value.__qualname__}"


async def outcome(do: Do, call: Call) -> str:
    """Say what came of it."""
    try:
        return repr(await do(call))
    except asyncpg.IntegrityConstraintViolationError as refused:
        return f"{type(refused).__name__} {refused.constraint_name}"


def alike(told: str) -> str:
    """Say the same whatever the numbers in it are."""
    return re.sub(r"\d+", "#", told)


def test_every_storage_function_is_tried_as_a_rival() -> None:
    assert set(CASES) == set(functions_of_a_tenant())


@pytest.mark.parametrize(
    "do", [do for some in CASES.values() for do in some], ids=lambda do: str(do.__name__).removeprefix("_")
)
async def test_a_rival_sees_nothing_changes_nothing_and_cannot_tell_what_exists(do: Do, neighbours: Neighbours) -> None:
    db, rival = neighbours.database.session(), neighbours.rival.tenant_id
    before = await neighbours.rows()
    named = await outcome(do, Call(db, rival, neighbours.theirs, neighbours))
    assert SECRET not in named
    assert await neighbours.rows() == before
    assert alike(named) == alike(await outcome(do, Call(db, rival, neighbours.absent, neighbours)))
    if do is _has_people:
        return  # Both have some.
    # The company itself finds it, or changes it: else this would prove nothing.
    own = await outcome(do, Call(db, neighbours.company.tenant_id, neighbours.theirs, neighbours))
    assert own != named or await neighbours.rows() != before


async def test_a_company_has_no_people_because_others_have(neighbours: Neighbours) -> None:
    nobody = await neighbours.owner.fetchval(
        """INSERT INTO tenants (account, name, time_zone, currency, country)
        VALUES ('nobody-' || $1::int, 'Nobody', 'Europe/Paris', 'EUR', 'FR') RETURNING tenant_id""",
        neighbours.company.tenant_id,
    )
    assert not await organisation.has_people(neighbours.database.session(), nobody)
    assert await organisation.has_people(neighbours.database.session(), neighbours.company.tenant_id)
