"""What every page has around it: the places one can go to, and what was just done."""

from dataclasses import dataclass
from typing import Final

from emplette.domain.people import Permission, Principal
from emplette.http.pages.translations import marked

_P = Permission


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the navigation; ``needs`` are the permissions of which one is enough, none for everybody."""

    name: str
    href: str
    icon: str
    needs: frozenset[Permission] = frozenset()


@dataclass(frozen=True, slots=True)
class Shown:
    """A place as a page shows it."""

    name: str
    href: str
    icon: str
    here: bool
    count: int


PLACES: Final = (
    Place(marked("Home"), "/", "home"),
    Place(marked("Ask"), "/ask", "ask", frozenset({_P.PURCHASES})),
    Place(marked("Approvals"), "/approvals", "approvals", frozenset({_P.APPROVE})),
    Place(marked("Purchases"), "/purchases", "purchases", frozenset({_P.PURCHASES, _P.VIEW})),
    Place(marked("Overview"), "/overview", "overview", frozenset({_P.PURCHASES, _P.VIEW})),
    Place(marked("Settings"), "/settings", "settings", frozenset({_P.CONFIGURE, _P.MANAGE})),
)
LOG: Final = Place(marked("Log"), "/settings/log", "history")
"""Where the settings lead as well."""

SAID: Final = {
    "asked": marked("Your request is on its way."),
    "asked-approved": marked("It is approved, and the order exists."),
    "view-kept": marked("The view is kept."),
    "kept": marked("It is kept. Nobody was asked yet."),
    "approved": marked("You have approved it."),
    "approved-last": marked("You have approved it. Nothing else waits for you."),
    "approved-several": marked("You have approved them."),
    "denied": marked("You have denied it."),
    "denied-last": marked("You have denied it. Nothing else waits for you."),
    "withdrawn": marked("It is withdrawn."),
    "closed": marked("The purchase is closed."),
    "said": marked("It is said."),
    "link-revoked": marked("The link opens nothing any more."),
    "amendment-asked": marked("The change is on its way. Until it is approved, nothing changes."),
    "amended": marked("The change is approved, and holds."),
    "changed-anew": marked("It is changed, and its approval begins anew."),
    "renewed": marked("This is the renewal. Look whether everything is right, and ask for approval."),
    "stopped": marked("It is stopped. Now give notice to the supplier."),
    "let-run": marked("It runs to its end, and nobody is reminded any more."),
    "changed": marked("It is changed."),
    "away": marked("It is entered. It counts within seconds."),
    "back": marked("It is taken back: what waits comes back within seconds."),
    "reassigned": marked("Somebody else is asked now."),
    "added": marked("It is added."),
    "removed": marked("It is removed."),
    "imported": marked("The budgets of the table are there, each with what falls into it."),
    "imported-nothing": marked("All is as the table says: nothing was written."),
    "password-changed": marked("Your password is changed."),
    "founded": marked("The company is there, and you are signed in."),
    "policy-chosen": marked("The policy is in force."),
    "mail-taken": marked("The server took the mail. Look whether it arrived."),
    "invited": marked("The mail server took the link. It is good once, for three days."),
    "key-revoked": marked("It is revoked. Within seconds it lets nobody in any more."),
    "pinged": marked("A trial is on its way. Look again in a moment."),
    "resumed": marked("What waited is tried anew."),
    "replayed": marked("It is told anew from there on."),
    "sessions-ended": marked("They are signed out there, within seconds."),
    "session-ended": marked("You are signed out there."),
    "second-factor-removed": marked("You are asked for no codes any more."),
    "password-set": marked("Your password is set, and you are signed in."),
    "signed-out": marked("You have signed out."),
    "appearance": marked("That is how pages look from now on."),
}
"""What a page says of the form that led to it, by code."""


def places_for(who: Principal, *, path: str, waiting: int) -> list[Shown]:
    """List the places that somebody can go to, from where they are."""
    places = [place for place in PLACES if not place.needs or not place.needs.isdisjoint(who.permissions)]
    # Who keeps no settings and may read all that happens has no other way there.
    if who.follows and not any(LOG.href.startswith(place.href) for place in places if place.href != "/"):
        places.append(LOG)
    return [
        Shown(
            place.name,
            place.href,
            place.icon,
            here=path == place.href or (place.href != "/" and path.startswith(f"{place.href}/")),
            count=waiting if place.href == "/approvals" else 0,
        )
        for place in places
    ]


def initials_of(name: str) -> str:
    """Shorten a name to the letters that stand for a picture."""
    words = [word for word in name.split() if word]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()
