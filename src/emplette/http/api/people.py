"""Users: list and read the people of a company, and read the users that stand for its keys."""

from datetime import date

from emplette.domain.organisation import Person, UserNotFound
from emplette.domain.people import User, UserKind
from emplette.domain.registers import Known
from emplette.http.api.lists import REGISTER_READERS, OrganisationQuery, listed, slice_of
from emplette.http.api.references import ORGANIZATION, NamedOut, UserOut, user_out
from emplette.http.contract import GET, Call, Listed, operation
from emplette.services import people
from emplette.services.work import Work

USERS = "/api/v3/users"


class UsersQuery(OrganisationQuery):
    """Which people to list."""


class PersonOut(UserOut):
    """A user: somebody of the company, or the row that stands for an API key."""

    kind: UserKind
    mail: str | None
    manager: UserOut | None
    department: NamedOut | None
    establishment: NamedOut | None
    left_on: date | None


@operation(
    GET,
    USERS,
    answers={200: Listed[PersonOut]},
    needs=REGISTER_READERS,
    tag="Organisation",
    links={"read_user": {"user_id": "items.0.id"}},
)
async def list_users(work: Work, call: Call, query: UsersQuery) -> Listed[PersonOut]:
    """List the people of the company, by id.

    The path is the documented one; the envelope is that of the other lists here, and ours.
    """
    page = await people.list_people(work, query.id, slice_of(query))
    return listed(query, page, [person_out(person, page.known, call.base_url) for person in page.items])


@operation(
    GET,
    f"{USERS}/{{user_id}}",
    answers={200: PersonOut},
    needs=REGISTER_READERS,
    tag="Organisation",
    problems=(UserNotFound,),
)
async def read_user(work: Work, call: Call, user_id: int) -> PersonOut:
    """Read a user: what the hrefs of owners, authors and approvers lead to."""
    done = await people.read_user(work, user_id)
    return person_out(done.entry, done.known, call.base_url)


def person_out(person: Person, known: Known, base_url: str) -> PersonOut:
    """Tell a user."""
    reference = user_out(User(person.id, person.first_name, person.last_name), base_url)
    return PersonOut(
        id=reference.id,
        href=reference.href,
        name=reference.name,
        first_name=reference.first_name,
        last_name=reference.last_name,
        kind=person.kind,
        mail=person.email,
        manager=None if person.manager_id is None else user_out(known.users[person.manager_id], base_url),
        department=_place(known, "departments", person.department_id),
        establishment=_place(known, "establishments", person.establishment_id),
        left_on=person.left_on,
    )


def _place(known: Known, register: str, number: int | None) -> NamedOut | None:
    if number is None:
        return None
    place = known.word(register, number)
    return NamedOut(id=place.id, name=place.name, href=f"{ORGANIZATION}/{register}/{place.id}")
