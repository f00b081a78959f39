"""The demo as a newcomer runs it: what it shows, what is in it, what it refuses, and that it goes on where it was."""

import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from emplette.domain.approvals import RequestState
from emplette.domain.commitments import CommitmentState, CommitmentType
from emplette.domain.orders import OrderState
from emplette.domain.purchases import PurchaseState
from tests.fixtures.guide import API, PURCHASE
from tests.runtime.servers import (
    EMPLETTE,
    KEY,
    PATIENCE,
    Server,
    alive,
    descendants,
    environment_of,
    folder_of_its_own,
    run,
    served,
    wait_until,
)

pytestmark = pytest.mark.slow

DEMO = [*EMPLETTE, "demo"]


@pytest.fixture(scope="module")
def demo() -> Iterator[Server]:
    """Run a demo in a new folder, with a key of one's own choice."""
    with folder_of_its_own() as folder, served(folder, command=DEMO, demo_key=KEY) as running:
        yield running


def ask(demo: Server, path: str, *, key: str = KEY, **more: Any) -> Any:  # noqa: ANN401  JSON
    answer = httpx2.get(demo.url + path, headers={"Authorization": f"lucca application={key}"} | more, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    return answer.json()


def listed(demo: Server, noun: str, *, key: str = KEY) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = ask(demo, f"{API}/{noun}?limit=1000", key=key)["items"]
    return items


def titles(demo: Server, key: str = KEY) -> list[str]:
    return [purchase["title"] for purchase in listed(demo, "purchases", key=key)]


# What it shows ----------------------------------------------------------------------------------------------


def test_it_shows_each_call_of_the_guide_and_its_answer_then_where_to_go_on(demo: Server) -> None:
    shown = [
        "> POST /cleemy-procurement/api/purchases\n",
        '"ownerId": 35',
        "< 201 Created",
        '"purchaseId": ',
        "> GET /cleemy-procurement/taxes/api/rates?date=2025-04-14&territoryId=FR",
        "< 200 OK",
        "> POST /cleemy-procurement/api/commitments\n",
        "< 201 Created",
        '"commitmentId": ',
        "/requests\n",
        "> Content-Length: 0",
        "< 201 Created",
        '"state": "Approved"',
        '"state": "Open"',
        f"\nready: {demo.url}\n",
        f"API key: {KEY}\n",
    ]
    places = [demo.output.find(words) for words in shown]
    assert -1 not in places, shown[places.index(-1)]
    calls, _, rest = demo.output.partition("ready: ")
    assert KEY not in calls
    assert "curl" in rest


def test_the_curl_can_be_pasted(demo: Server) -> None:
    command = next(line for line in demo.output.splitlines() if line.strip().startswith("curl"))
    pasted = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert '"items"' in pasted.stdout


def test_the_people_whom_it_shows_can_sign_in_with_the_password_beside_them(demo: Server) -> None:
    shown = re.findall(r"^  (\S+@\S+)\s+(\S+)  \((buyer|approver|administrator)\)$", demo.output, re.MULTILINE)
    assert [what for _, _, what in shown] == ["buyer", "approver", "administrator"]
    for login, password, _ in shown:
        with httpx2.Client(base_url=demo.url, timeout=PATIENCE) as browser:
            page = browser.get("/sign-in").text
            token = page.partition('name="csrf" value="')[2].partition('"')[0]
            let_in = browser.post("/sign-in", data={"csrf": token, "login": login, "password": password})
            assert (let_in.status_code, let_in.headers["Location"]) == (303, "/")
            assert browser.get("/").status_code == 200


def test_nothing_is_logged_unless_something_is_wrong(demo: Server) -> None:
    assert demo.log == ""


# What is in it ----------------------------------------------------------------------------------------------


def test_the_company_has_purchases_commitments_requests_and_orders_in_every_state(demo: Server) -> None:
    purchases = listed(demo, "purchases")
    commitments = [purchase["commitment"] for purchase in purchases if "commitment" in purchase]
    assert {one["state"] for one in purchases} == set(PurchaseState)
    assert {one["state"] for one in commitments} == set(CommitmentState)
    assert {one["type"] for one in commitments} == set(CommitmentType)
    assert {one["state"] for one in listed(demo, "requests")} == set(RequestState)
    assert {one["state"] for one in listed(demo, "orders")} == set(OrderState)


def test_purchases_are_made_abroad_in_other_currencies_and_from_unlisted_suppliers(demo: Server) -> None:
    purchases = listed(demo, "purchases")
    amounts = [one["commitment"]["amountIncludingTaxes"] for one in purchases if "commitment" in one]
    base = {amount["base"]["excludingTaxes"]["currency"] for amount in amounts}
    counter = {amount["counter"]["excludingTaxes"]["currency"] for amount in amounts}
    assert {"EUR", "CHF", "USD", "GBP", "JPY", "MAD"} <= base
    assert counter == {"EUR", "CHF"}
    assert any("id" not in one["supplier"] for one in purchases)


def test_people_decided_and_were_asked_as_the_policy_says(demo: Server) -> None:
    requests = [one for one in listed(demo, "requests") if one["steps"]]
    asked = {person["user"]["id"] for one in requests for step in one["steps"] for person in step["approvers"]}
    decided = {decision["by"]["id"] for one in requests for decision in one["decisions"]}
    assert asked == decided == {36}


def test_lists_tell_the_purchases_in_the_order_in_which_they_were_made(demo: Server) -> None:
    moments = [purchase["createdAt"] for purchase in listed(demo, "purchases")]
    assert moments == sorted(moments)
    assert len(moments) > 30


@pytest.mark.parametrize("host", ["example.ilucca.net", "EXAMPLE.ilucca.net:443", "anything.test"])
def test_it_answers_under_the_guides_host_and_under_every_other(demo: Server, host: str) -> None:
    answer = httpx2.post(
        f"{demo.url}{API}/purchases",
        json=PURCHASE,
        headers={"Authorization": f"lucca application={KEY}", "Host": host},
        timeout=PATIENCE,
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["owner"]["href"] == f"http://{host}/api/v3/users/35"


def test_other_commands_work_beside_it(demo: Server) -> None:
    made = run(
        [*EMPLETTE, "key", "create", "--tenant", "example", "--name", "Beside", "--contact", "it@example.org"],
        demo.environment,
    )
    assert made.returncode == 0, made.stderr
    assert titles(demo, made.stdout.splitlines()[-1])


# What it refuses --------------------------------------------------------------------------------------------


def refused(folder: Path, **settings: object) -> tuple[int, list[str]]:
    """Start a demo that can't start; its exit code, and what it said."""
    ended = run(DEMO, environment_of(folder, **settings))
    assert "ready: " not in ended.stdout
    return ended.returncode, ended.stderr.splitlines()


def test_a_second_one_in_the_same_folder_is_told_of_the_first(demo: Server) -> None:
    code, (said,) = refused(demo.folder)
    assert code == 75
    assert f"already running, process {demo.pid} (emplette demo)" in said


def test_a_port_in_use_is_one_clear_line() -> None:
    with folder_of_its_own() as folder, socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, (said,) = refused(folder, port=port)
    assert code == 69
    assert f"port {port} is in use" in said


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, (said,) = refused(tmp_path / "file" / "data")
    assert code == 73
    assert str(tmp_path / "file" / "data") in said


@pytest.mark.parametrize("key", ["too-short", "with a space in it", "x" * 129, "größer-als-ascii-x"])
def test_a_key_that_no_caller_could_send_is_refused_and_not_repeated(tmp_path: Path, key: str) -> None:
    code, (said,) = refused(tmp_path, demo_key=key)
    assert code == 78
    assert "EMPLETTE_DEMO_KEY" in said
    assert key not in said


# That it goes on --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stopped() -> Iterator[tuple[Path, str]]:
    """Kill a demo while it loads its company, run it again, and stop it; the folder, and what the second one said."""
    with folder_of_its_own() as folder:
        environment = environment_of(folder)
        log = folder.with_suffix(".txt")
        with log.open("wb") as output:
            first = subprocess.Popen(DEMO, env=environment, stdout=output, stderr=output)
            wait_until(lambda: "loading the demo company" in log.read_text(), "it loads its company")
            time.sleep(0.3)
            first.kill()
            first.wait()
        assert "ready: " not in log.read_text()
        log.unlink()
        with served(folder, command=DEMO) as again:
            said = again.output
            everything = descendants(again.pid)
            again.signal(signal.SIGINT)
            assert again.wait() == 0
            assert alive(everything) == set()
            assert "stopped; the data stays in" in again.output
        yield folder, said


def _key(output: str) -> str:
    found = re.search(r"^API key: (.+)$", output, re.MULTILINE)
    assert found is not None
    return found[1]


def test_killed_while_it_loads_it_loads_the_rest_and_nothing_twice(stopped: tuple[Path, str]) -> None:
    folder, said = stopped
    with served(folder, command=DEMO) as demo:
        made = [title for title in titles(demo, _key(said)) if title != PURCHASE["title"]]
        assert len(made) == len(set(made)) == 36


def test_it_goes_on_with_the_same_company_and_key(stopped: tuple[Path, str]) -> None:
    folder, said = stopped
    with served(folder, command=DEMO) as demo:
        assert _key(demo.output) == _key(said)
        assert "loading" not in demo.output
        assert titles(demo, _key(said)).count(PURCHASE["title"]) >= 2


def test_the_key_that_it_made_is_for_its_owner_alone(stopped: tuple[Path, str]) -> None:
    folder, said = stopped
    assert (folder / "demo-key").read_text().strip() == _key(said)
    assert (folder / "demo-key").stat().st_mode & 0o777 == 0o600


@pytest.mark.long
def test_a_key_that_was_revoked_is_replaced_unless_it_was_chosen(stopped: tuple[Path, str]) -> None:
    folder, _ = stopped
    environment = environment_of(folder)
    with served(folder, command=DEMO, demo_key=KEY) as chosen:
        numbers = run([*EMPLETTE, "key", "list", "--tenant", "example"], environment).stdout.splitlines()
        for line in numbers:
            if line.endswith("active"):
                run([*EMPLETTE, "key", "revoke", "--tenant", "example", line.split()[0]], environment)
        assert chosen.pid
    code, (said,) = refused(folder, demo_key=KEY)
    assert (code, said) == (78, "emplette: EMPLETTE_DEMO_KEY: that key was revoked; choose another")
    with served(folder, command=DEMO) as again:
        assert titles(again, _key(again.output))
        left = folder.with_suffix(".csv")
        left.write_text("id;firstName;lastName;leftOn\n35;Camille;Durand;2020-01-01\n")
        imported = run([*EMPLETTE, "user", "import", str(left), "--tenant", "example"], environment)
        left.unlink()
        assert imported.returncode == 0, imported.stderr
    with served(folder, command=DEMO) as changed:
        assert "because the company was changed since. It is served as it is." in changed.output
        assert "API key: " in changed.output


@pytest.mark.long
def test_it_goes_on_when_somebody_who_signed_in_there_was_erased() -> None:
    with folder_of_its_own() as folder:
        with served(folder, command=DEMO) as demo:
            assert "(approver)" in demo.output
            words = ["erase", "person", "--tenant", "example", "36", "--anyway", "--yes"]
            erased = run([*EMPLETTE, *words], environment_of(folder))
            assert erased.returncode == 0, erased.stderr
        with served(folder, command=DEMO) as again:
            assert "(buyer)" in again.output
            assert "(approver)" not in again.output


def test_the_folder_of_a_company_of_ones_own_is_refused_and_left_as_it_is() -> None:
    with folder_of_its_own() as folder:
        made = run(
            [*EMPLETTE, "tenant", "create", "acme", "--host", "acme.test", "--name", "Acme"], environment_of(folder)
        )
        assert made.returncode == 0, made.stderr
        code, (said,) = refused(folder)
        assert code == 73
        assert f"{folder} holds the company acme" in said
        after = run([*EMPLETTE, "tenant", "list"], environment_of(folder))
        assert [line.split()[0] for line in after.stdout.splitlines()] == ["ACCOUNT", "acme"]
