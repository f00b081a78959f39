"""People, keys, policies, rates and what a company brings along, as a rival."""

from datetime import UTC, datetime
from decimal import Decimal

from emplette.domain.conditions import Field
from emplette.domain.keys import KeyDraft
from emplette.domain.organisation import Nature, Organisation
from emplette.storage import (
    charts,
    exchange_rates,
    ids,
    keys,
    looking_up,
    organisation,
    people,
    policies,
    rehearsing,
)
from tests.storage.trying import DAY, NOW, Call, case


@case(exchange_rates.last_rates)
async def _last_rates(call: Call) -> object:
    return await exchange_rates.last_rates(call.db, call.tenant, ["USD"], day=DAY)


@case(exchange_rates.set_rate)
async def _set_rate(call: Call) -> None:
    own = exchange_rates.DayRate("USD", DAY, Decimal("1.5"))
    await exchange_rates.set_rate(call.db, call.tenant, own, by="Curious", actor=36, at=NOW)


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


@case(keys.rotate)
async def _rotate_key(call: Call) -> object:
    return await keys.rotate(
        call.db, call.tenant, call.ids.api_key, secret_hash=b"new", former_until=NOW, actor=36, now=NOW
    )


@case(keys.all_of)
async def _all_keys(call: Call) -> object:
    return await keys.all_of(call.db, call.tenant)


@case(keys.by_secret)
async def _key_of_a_secret(call: Call) -> object:
    return await keys.by_secret(call.db, call.tenant, call.ids.secret_hash)


@case(keys.by_id)
async def _key_by_id(call: Call) -> object:
    return await keys.by_id(call.db, call.tenant, call.ids.api_key)


@case(organisation.take_over)
async def _take_over(call: Call) -> None:
    brought = Organisation(natures=(Nature(id=call.ids.word, name="Mine", cost_family_id=None),))
    await organisation.take_over(call.db, call.tenant, brought)


@case(organisation.take_over)
async def _take_over_what_refers_to_others(call: Call) -> None:
    brought = Organisation(natures=(Nature(id=4711, name="Mine", cost_family_id=call.ids.word),))
    await organisation.take_over(call.db, call.tenant, brought)


@case(organisation.has_people, alike=True)
async def _has_people(call: Call) -> object:
    return await organisation.has_people(call.db, call.tenant)


@case(people.find)
async def _find_people(call: Call) -> object:
    return await people.find(call.db, call.tenant, [], after=call.ids.word - 1, limit=1)


@case(people.by_id)
async def _people(call: Call) -> object:
    return await people.by_id(call.db, call.tenant, [call.ids.word])


@case(people.key)
async def _who_calls(call: Call) -> object:
    return await people.key(call.db, call.tenant, call.ids.secret_hash)


@case(people.note_use)
async def _note_use(call: Call) -> None:
    await people.note_use(call.db, call.tenant, call.ids.api_key, secret_hash=call.ids.secret_hash, on=DAY)


@case(policies.current)
async def _policy(call: Call) -> object:
    return await policies.current(call.db, call.tenant)


@case(policies.current_source)
async def _source_of_policy(call: Call) -> object:
    return await policies.current_source(call.db, call.tenant)


@case(policies.of_version, alike=True)
async def _policy_of_version(call: Call) -> object:
    return await policies.of_version(call.db, call.tenant, 1)


@case(charts.find)
async def _chart(call: Call) -> object:
    return await charts.find(call.db, call.tenant, today=DAY)


@case(looking_up.of_supplier)
async def _looked_up(call: Call) -> object:
    return await looking_up.of_supplier(call.db, call.tenant, call.ids.word)


@case(looking_up.with_commitment)
async def _looked_up_with_commitment(call: Call) -> object:
    return await looking_up.with_commitment(call.db, call.tenant, call.ids.commitment)


@case(rehearsing.requests_behind)
async def _rehearsing(call: Call) -> object:
    return await rehearsing.requests_behind(call.db, call.tenant, (datetime(2000, 1, 1, tzinfo=UTC), 0), most=100)


@case(policies.unknown_places)
async def _known_places(call: Call) -> object:
    unknown = await policies.unknown_places(call.db, call.tenant, {Field.NATURE: [call.ids.word]})
    return call.ids.word not in unknown[Field.NATURE]


@case(policies.load)
async def _load_policy(call: Call) -> object:
    document = {"steps": [{"name": "Mine", "anyOf": [36]}]}
    return await policies.load(call.db, call.tenant, source="mine", document=document, actor=36, now=NOW)
