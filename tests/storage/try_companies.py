"""People, keys, policies, rates and what a company brings along, as a rival."""

from decimal import Decimal

from emplette.domain.approvals import Policy, PolicyStep
from emplette.domain.keys import KeyDraft
from emplette.domain.organisation import Nature, Organisation
from emplette.storage import exchange_rates, ids, keys, organisation, people, policies
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


@case(policies.people_named)
async def _people_named(call: Call) -> object:
    policy = Policy(1, (PolicyStep("Curious", (call.ids.word,)),))
    return await policies.people_named(call.db, call.tenant, policy)


@case(policies.load)
async def _load_policy(call: Call) -> object:
    steps = [PolicyStep("Mine", (36,))]
    return await policies.load(call.db, call.tenant, source="mine", steps=steps, actor=36, now=NOW)
