"""How people come in, and the roles that they have, as a rival: the other company knows nothing of it."""

from datetime import timedelta

from emplette.domain.appearances import Appearance, Theme
from emplette.domain.keys import hash_of_secret
from emplette.domain.parties import Language
from emplette.domain.people import User
from emplette.domain.roles import Role, RoleGrant
from emplette.domain.sign_in import Session
from emplette.storage import appearances, identities, roles, second_factors, sign_in
from tests.fixtures.sign_ins import ISSUER, TIME_STEP
from tests.storage.trying import NOW, Call, case


@case(appearances.choose)
async def _choose(call: Call) -> None:
    await appearances.choose(call.db, call.tenant, call.ids.word, Appearance(Language.ENGLISH, Theme.LIGHT))


@case(sign_in.credentials)
async def _credentials(call: Call) -> object:
    return await sign_in.credentials(call.db, call.tenant, f"{call.ids.key}@example.test", browser_hash=b"")


@case(sign_in.member)
async def _member(call: Call) -> object:
    return await sign_in.member(call.db, call.tenant, call.ids.word)


@case(sign_in.rehash)
async def _rehash(call: Call) -> None:
    await sign_in.rehash(call.db, call.tenant, call.ids.word, before=call.ids.key, after="another")


@case(sign_in.set_password)
async def _set_password(call: Call) -> object:
    return await sign_in.set_password(call.db, call.tenant, call.ids.word, hashed="new", actor=36, now=NOW)


@case(sign_in.begin)
async def _begin(call: Call) -> object:
    session = Session(0, call.ids.word, NOW, NOW, NOW + timedelta(days=1), "127.0.0.1", "")
    begun = await sign_in.begin(
        call.db, call.tenant, session, secret_hash=bytes(32), idle_since=NOW, browser_hash=bytes(32)
    )
    return begun is not None


@case(sign_in.find)
async def _find(call: Call) -> object:
    return await sign_in.find(call.db, call.tenant, hash_of_secret(call.ids.key))


@case(sign_in.find_session)
async def _find_session(call: Call) -> object:
    return await sign_in.find_session(call.db, call.tenant, hash_of_secret(call.ids.key))


@case(sign_in.complete)
async def _complete(call: Call) -> object:
    ends_at = NOW + timedelta(days=1)
    return await sign_in.complete(call.db, call.tenant, hash_of_secret(call.ids.key), now=NOW, ends_at=ends_at)


@case(sign_in.principal)
async def _principal(call: Call) -> object:
    who = await sign_in.principal(call.db, call.tenant, User(call.ids.word, "", ""))
    return who.permissions


@case(sign_in.note_use)
async def _note_use(call: Call) -> None:
    await sign_in.note_use(call.db, call.tenant, call.ids.word, at=NOW + timedelta(days=1))


@case(sign_in.sessions_of)
async def _sessions_of(call: Call) -> object:
    return await sign_in.sessions_of(call.db, call.tenant, call.ids.word)


@case(sign_in.sign_out)
async def _sign_out(call: Call) -> object:
    return await sign_in.sign_out(call.db, call.tenant, call.ids.word, call.ids.word)


@case(sign_in.end_sessions)
async def _end_sessions(call: Call) -> object:
    return await sign_in.end_sessions(call.db, call.tenant, call.ids.word, actor=36, now=NOW)


@case(sign_in.make_link)
async def _make_link(call: Call) -> object:
    return await sign_in.make_link(
        call.db,
        call.tenant,
        call.ids.word,
        secret_hash=bytes(32),
        ends_at=NOW + timedelta(days=1),
        actor=36,
        now=NOW,
    )


@case(sign_in.person_of_link)
async def _person_of_link(call: Call) -> object:
    return await sign_in.person_of_link(call.db, call.tenant, hash_of_secret(call.ids.key), now=NOW)


@case(roles.held_by)
async def _held_by(call: Call) -> object:
    return await roles.held_by(call.db, call.tenant, call.ids.word)


@case(roles.find_held)
async def _find_held(call: Call) -> object:
    grant = RoleGrant(id=1, user_id=call.ids.word, role=Role.VIEWER, granted_at=NOW)
    held, _ = await roles.find_held(call.db, call.tenant, grant)
    return held


@case(roles.find_with_administrators)
async def _find_with_administrators(call: Call) -> object:
    found, _ = await roles.find_with_administrators(call.db, call.tenant, call.ids.word)
    return found


@case(roles.find_administrators)
async def _find_administrators(call: Call) -> object:
    return await roles.find_administrators(call.db, call.tenant)


@case(second_factors.read)
async def _read_factor(call: Call) -> object:
    found = await second_factors.read(call.db, call.tenant, call.ids.word)
    return found is not None and found.secret


@case(second_factors.is_set)
async def _is_set(call: Call) -> object:
    return await second_factors.is_set(call.db, call.tenant, call.ids.word)


@case(second_factors.begin)
async def _begin_factor(call: Call) -> object:
    # The person themselves has one that counts; the other one can be made anew.
    user_id = 37 if call.tenant == call.neighbours.company.tenant_id else call.ids.word
    return await second_factors.begin(call.db, call.tenant, user_id, secret="new", now=NOW)


@case(second_factors.confirm)
async def _confirm_factor(call: Call) -> object:
    user_id = 37 if call.tenant == call.neighbours.company.tenant_id else call.ids.word
    return await second_factors.confirm(call.db, call.tenant, user_id, step=1, recovery=[], now=NOW)


@case(second_factors.take)
async def _take(call: Call) -> object:
    return await second_factors.take(call.db, call.tenant, call.ids.word, TIME_STEP + 1)


@case(second_factors.take_recovery)
async def _take_recovery(call: Call) -> object:
    return await second_factors.take_recovery(call.db, call.tenant, call.ids.word, hash_of_secret(call.ids.key))


@case(second_factors.remove)
async def _remove_factor(call: Call) -> object:
    return await second_factors.remove(call.db, call.tenant, call.ids.word, actor=36, now=NOW)


@case(identities.find)
async def _find_identity(call: Call) -> object:
    return await identities.find(call.db, call.tenant, ISSUER, call.ids.key)


@case(identities.bind)
async def _bind_identity(call: Call) -> object:
    login = f"{call.ids.key}@example.test"
    return await identities.bind(call.db, call.tenant, "https://other.test", "new", login=login, now=NOW)
