"""A policy is loaded from a file or from what is piped in, and shown as it was loaded."""

import json
from pathlib import Path

import pytest

from emplette.domain.people import Tenant
from emplette.storage import policies
from emplette.storage.database import Database
from tests.cli.conftest import Type
from tests.cli.events import events_of
from tests.fixtures.database import OwnerConnection

ONE_STEP = "# Zoe decides.\nsteps:\n  - {name: Boss, anyOf: [36]}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(ONE_STEP, "utf-8")
    return path


@pytest.mark.usefixtures("zoe")
async def test_a_policy_is_in_force_once_it_is_loaded(
    emplette: Type, acme: Tenant, file: Path, database: Database
) -> None:
    loaded = await emplette("policy", "load", str(file), "--tenant", acme.account)
    assert (loaded.code, loaded.err) == (0, ["emplette: version 1 is in force: Boss"])
    current = await policies.current(database.session(), acme.id)
    assert current == (1, {"steps": [{"name": "Boss", "anyOf": [36]}]})


@pytest.mark.usefixtures("zoe")
async def test_a_policy_that_is_piped_in_takes_the_place_of_the_one_before(
    emplette: Type, acme: Tenant, file: Path
) -> None:
    await emplette("policy", "load", str(file), "--tenant", acme.account)
    two_steps = "steps: [{name: Boss, anyOf: [36]}, {name: Boss again, anyOf: [36]}]"
    loaded = await emplette("policy", "load", "-", "--tenant", acme.account, piped=two_steps)
    assert loaded.err == ["emplette: version 2 is in force: Boss, then Boss again"]
    shown = await emplette("policy", "show", "--tenant", acme.account)
    assert (shown.out, shown.err) == ([two_steps], ["emplette: version 2"])


@pytest.mark.usefixtures("zoe")
async def test_what_is_shown_can_be_loaded_again_comments_included(emplette: Type, acme: Tenant, file: Path) -> None:
    await emplette("policy", "load", str(file), "--tenant", acme.account)
    shown = await emplette("policy", "show", "--tenant", acme.account)
    assert "\n".join(shown.out) + "\n" == ONE_STEP


@pytest.mark.usefixtures("zoe")
async def test_loading_is_written_down(emplette: Type, acme: Tenant, file: Path, owner: OwnerConnection) -> None:
    await emplette("policy", "load", str(file), "--tenant", acme.account)
    loaded = (await events_of(owner, acme.id))[-1]
    assert (loaded.type, loaded.object_id, loaded.actor) == ("policy.loaded", 1, "Command line")
    assert loaded.facts["policy"]["rules"] == {"steps": [{"name": "Boss", "anyOf": [36]}]}
    assert loaded.is_to_be_sealed


@pytest.mark.usefixtures("zoe")
async def test_everybody_who_cannot_decide_is_named_and_nothing_is_loaded(
    emplette: Type, acme: Tenant, database: Database
) -> None:
    source = "steps: [{name: Boss, anyOf: [36, 37]}, {name: Key, anyOf: [1000000000]}]"
    refused = await emplette("policy", "load", "-", "--tenant", acme.account, piped=source)
    assert refused.code == 1
    assert refused.err == [
        "emplette: steps[0].anyOf: There is no active user 37.",
        "emplette: steps[1].anyOf: There is no active user 1000000000.",
    ]
    assert await policies.current(database.session(), acme.id) is None


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("steps: [", "policy: Is not YAML"),
        ("steps: []", "steps: Must be a list of steps"),
        ("steps: [{name: Boss, anyOf: [99999999999]}]", "steps[0].anyOf: Must list the ids of one or more users."),
        ("steps: [{name: Boss, anyOf: [36], allOf: [37]}]", "steps[0].allOf: Is unknown here"),
    ],
)
async def test_a_file_that_is_no_policy_is_refused_at_its_place(
    emplette: Type, acme: Tenant, source: str, said: str
) -> None:
    refused = await emplette("policy", "load", "-", "--tenant", acme.account, piped=source)
    assert refused.code == 1
    assert refused.err[0].startswith(f"emplette: {said}")


async def test_a_file_that_is_not_there_is_one_line(emplette: Type, acme: Tenant, tmp_path: Path) -> None:
    refused = await emplette("policy", "load", str(tmp_path / "none.yaml"), "--tenant", acme.account)
    assert refused.code == 1
    assert refused.err == [f"emplette: FILE: {tmp_path / 'none.yaml'} cannot be read: No such file or directory."]


async def test_a_company_without_a_policy_is_told_how_to_load_one(emplette: Type, acme: Tenant) -> None:
    refused = await emplette("policy", "show", "--tenant", acme.account)
    assert refused.code == 1
    assert f"`emplette policy load FILE.yaml --tenant {acme.account}`" in refused.err[0]


@pytest.mark.usefixtures("zoe")
async def test_a_check_tells_errors_and_warnings_by_their_place_and_loads_nothing(
    emplette: Type, acme: Tenant, database: Database
) -> None:
    source = "rules: [{name: A, when: {amount: {over: 5}}, approve: at once}, {name: B, steps: [{name: S, any: [37]}]}]"
    checked = await emplette("policy", "check", "-", "--tenant", acme.account, piped=source)
    assert checked.code == 1
    assert checked.out == [
        "error: rules[1].steps[0].any: There is no active user 37.",
        "warning: rules[0]: Rule 'A' lets pass at once whatever it is for, at any amount.",
    ]
    assert checked.err == ["emplette: 2 rules, 1 error, 1 warning"]
    assert await policies.current(database.session(), acme.id) is None


@pytest.mark.usefixtures("zoe")
async def test_a_check_without_errors_succeeds_and_speaks_json(emplette: Type, acme: Tenant, file: Path) -> None:
    checked = await emplette("policy", "check", str(file), "--tenant", acme.account, "--json")
    assert checked.code == 0
    told = json.loads(checked.out[0])
    assert told["errors"] == 0
    assert [finding["path"] for finding in told["findings"]] == ["steps"]


@pytest.mark.usefixtures("zoe")
async def test_differences_from_the_policy_in_force_are_told_rule_by_rule(
    emplette: Type, acme: Tenant, file: Path
) -> None:
    missing = await emplette("policy", "diff", str(file), "--tenant", acme.account)
    assert (missing.code, "has no policy" in missing.err[0]) == (1, True)
    await emplette("policy", "load", str(file), "--tenant", acme.account)
    same = await emplette("policy", "diff", str(file), "--tenant", acme.account)
    assert (same.out, same.err) == ([], ["emplette: nothing is different"])
    other = "currency: EUR\nrules: [{name: Small, when: {amount: {atMost: 5}}, approve: at once}]\notherwise: {steps: [{name: Boss, any: [36], distinct: true}]}"  # noqa: E501
    told = await emplette("policy", "diff", "-", "--tenant", acme.account, piped=other)
    assert told.out == [
        "+ currency: EUR",
        "+ rule 'Small': amount at most 5: approved at once",
        "+ rule 'Otherwise': everything: Boss: user 36 (Boss distinct)",
        "- rule 'Everything': everything: Boss: user 36",
    ]


@pytest.mark.usefixtures("zoe")
async def test_a_rehearsal_counts_what_would_have_come_of_it(emplette: Type, acme: Tenant, file: Path) -> None:
    rehearsed = await emplette("policy", "rehearse", str(file), "--tenant", acme.account, "--since", "2025-01-01")
    assert (rehearsed.code, rehearsed.out) == (0, [])
    (said,) = rehearsed.err
    assert said.startswith("emplette: 0 requests rehearsed, 0 otherwise than they went: 0 pass at once, 0 pass, 0 wait")


async def test_templates_are_listed_and_printed(emplette: Type) -> None:
    listed = await emplette("policy", "templates")
    assert [line.split()[0] for line in listed.out] == ["template", "small", "growing", "strict"]
    assert (await emplette("policy", "templates", "small")).out[0].startswith("# For a small company")
    unknown = await emplette("policy", "templates", "other")
    assert (unknown.code, unknown.err) == (
        1,
        ["emplette: NAME: There is no template other: there are small, growing, strict."],
    )
