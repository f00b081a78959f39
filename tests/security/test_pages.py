"""Every page that is not for anybody: who has not signed in is sent to do so, and nothing is written."""

import re
from typing import Final

import pytest

from emplette.http.pages.declaring import Page, pages_in
from emplette.http.pages.served import PAGES
from tests.fixtures.behind import snapshot
from tests.fixtures.companies import Company

SIGN_IN: Final = "/sign-in"
# What is for anybody, each for a reason: a new one has to be put here.
FOR_ANYBODY: Final = {
    "show_sign_in": "how one gets in",
    "sign_in_with_password": "how one gets in; who guesses is slowed down",
    "show_code_form": "the second step of getting in",
    "sign_in_with_code": "the second step of getting in; who guesses is slowed down",
    "show_password_link": "for whoever was sent the secret in the address",
    "set_password_by_link": "for whoever was sent the secret in the address",
    "show_founding": "for whoever was shown the link of a server without a company",
    "found": "for whoever was shown the link of a server without a company",
    "go_to_provider": "leads to the company's identity provider",
    "come_back_from_provider": "takes what the identity provider has signed",
    "show_decision": "for whoever was sent the secret in the address",
    "approve_by_link": "for whoever was sent the secret in the address",
    "deny_by_link": "for whoever was sent the secret in the address",
}
CLOSED: Final = [made for made in pages_in(PAGES) if not made.operation.public]


def test_what_needs_nobody_signed_in_is_on_the_list() -> None:
    assert {made.operation.name for made in pages_in(PAGES) if made.operation.public} == set(FOR_ANYBODY)


@pytest.mark.parametrize("made", CLOSED, ids=lambda made: f"{made.operation.method} {made.operation.path}")
async def test_who_has_not_signed_in_is_sent_to_do_so(made: Page, company: Company) -> None:
    path = re.sub(r"\{.+?\}", "1", made.operation.path)
    before = await snapshot(company.owner, company.tenant_id)
    async with company.client() as nobody:
        answer = await nobody.request(made.operation.method, path)
    assert answer.status_code == 303
    assert answer.headers["Location"].partition("?")[0] == SIGN_IN
    assert await snapshot(company.owner, company.tenant_id) == before
