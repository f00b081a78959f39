"""Loading the demo company: once, and again from where it stopped when it was interrupted."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from importlib import resources

from emplette.cli.demo_company.purchases import Actors, play, read_purchases
from emplette.domain.errors import Unauthenticated
from emplette.domain.keys import KeyDraft
from emplette.domain.people import Principal, Tenant, User
from emplette.domain.roles import Role
from emplette.domain.sign_in import NoMailAddress
from emplette.domain.tenants import TenantDraft
from emplette.formats.organisation import read_organisation
from emplette.services import exchange_rates, keys, policies, purchases, roles, sign_in, tenants
from emplette.services.access import Access, KeyUnknown
from emplette.services.passwords import Passwords
from emplette.services.roles import RoleDraft
from emplette.services.work import Shelf, Work
from emplette.storage.database import Database
from emplette.storage.keys import command_line_user
from emplette.storage.lists import Filters, Slice

ACCOUNT = "example"
KEY_NAME = "Demo"
"""What the key is called that the demo shows. It is made last: with it there, the company is complete."""

PEOPLE = (("buyer", 35, None), ("approver", 36, None), ("administrator", 20, Role.ADMINISTRATOR))
"""Who can be tried: what they are, who that is, and the role that they have beyond what everybody may."""

_CONTACT = "demo@example.org"
_APPROVER_ID = 36
_DIRHAMS_A_EURO = Decimal("10.62")
_RATES_SET_DAYS_AGO = (60, 30, 0)
_MOST_PURCHASES = 1000
_COMPANY = TenantDraft(account=ACCOUNT, name="Example", hosts=("example.ilucca.net",), is_default=True, is_demo=True)


def file(name: str) -> str:
    """Read one of the files beside."""
    return (resources.files("emplette.cli.demo_company") / name).read_text("utf-8")


async def load_company(database: Database, *, now: datetime, say: Callable[[str], None]) -> Tenant:
    """Load what is missing of the demo company.

    Args:
        database: where to.
        now: the moment from which the past of its purchases is counted.
        say: told when there is something to load.
    """
    db = database.session()
    if ACCOUNT not in {known.tenant.account for known in await tenants.list_tenants(db)}:
        await tenants.create_tenant(db, _COMPANY, now=now)
    tenant = await tenants.find_tenant(db, ACCOUNT)
    if any(key.name == KEY_NAME for key in await keys.list_keys(db, tenant)):
        return tenant
    say("loading the demo company (once)")
    if not await tenants.is_staffed(db, tenant):
        await tenants.take_over(db, tenant, read_organisation(file("company.yaml")))
    if await policies.read_source(db, tenant.id) is None:
        await policies.load_policy(db, tenant, source=file("policy.yaml"), now=now)
    await _load_purchases(database, tenant, now=now)
    return tenant


async def ensure_key(database: Database, tenant: Tenant, secret: str, *, now: datetime) -> bool:
    """Make the key that the demo shows, unless it is there; False when it was revoked, or its secret replaced."""
    try:
        await Access(database).principal_of_key(tenant, secret)
    except KeyUnknown:
        await keys.create_key(database.session(), tenant, KeyDraft(KEY_NAME, _CONTACT), now=now, secret=secret)
    except Unauthenticated:
        return False
    return True


async def ensure_people(database: Database, tenant: Tenant, password: str, *, now: datetime) -> list[tuple[str, str]]:
    """Let three people sign in with a password; answer what each is, and their mail address.

    Who was erased since has none, and signs in no more.
    """
    db, passwords, shown = database.session(), Passwords(), []
    by_id = {person.id: person for person in read_organisation(file("company.yaml")).people}
    actor = await command_line_user(db, tenant.id)
    work = Work(tenant, Principal(User(actor, "Demo", ""), 0, "", {}, auto_approve=False), now, db, Shelf())
    for what, user_id, role in PEOPLE:
        login = by_id[user_id].email or ""
        if not await sign_in.has_password(db, tenant, user_id, password, passwords=passwords):
            try:
                await sign_in.set_password(db, tenant, user_id, password, passwords=passwords, actor=actor, now=now)
            except NoMailAddress:
                continue
        if role is not None and not (await roles.list_roles(work, Slice(1), user_ids=[user_id])).items:
            await roles.grant_role(work, RoleDraft(user_id, role))
        shown.append((what, login))
    passwords.close()
    return shown


async def _load_purchases(database: Database, tenant: Tenant, *, now: datetime) -> None:
    db = database.session()
    for days_ago in _RATES_SET_DAYS_AGO:
        on = tenant.today(now) - timedelta(days=days_ago)
        await exchange_rates.set_rate(
            db, tenant.id, currency="MAD", on=on, rate=_DIRHAMS_A_EURO, set_by="the demo", now=now
        )
    actors = Actors(
        form=await _act(database, tenant, KeyDraft("Order form", _CONTACT, auto_approve=False), now=now),
        shop=await _act(database, tenant, KeyDraft("Catalogue", _CONTACT), now=now),
        approver=await _act(
            database,
            tenant,
            KeyDraft("Alma's telephone", _CONTACT, permissions=("approve", "view:all"), person_id=_APPROVER_ID),
            now=now,
        ),
    )
    work = Work(tenant, actors.form, now, db, Shelf())
    there = await purchases.list_purchases(work, Filters(), Slice(_MOST_PURCHASES))
    titles = {dossier.purchase.title for dossier in there.items}
    told = [one for one in read_purchases(file("purchases.yaml")) if one.title not in titles]
    await play(database, tenant, actors, told, now=now)
    # Nobody knows the secrets of these keys; what nobody can use should not look as if somebody could.
    for key in await keys.list_keys(db, tenant):
        if key.contact == _CONTACT and key.revoked_at is None:
            await keys.revoke_key(db, tenant, key.id, now=now)


async def _act(database: Database, tenant: Tenant, draft: KeyDraft, *, now: datetime) -> Principal:
    """Make a key and act through it."""
    _, secret = await keys.create_key(database.session(), tenant, draft, now=now)
    return await Access(database).principal_of_key(tenant, secret)
