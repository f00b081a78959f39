"""Sending to an address that somebody else has named: nothing private is reached, and no answer does harm."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from emplette.domain.addresses import Reach
from emplette.domain.deliveries import Answered
from emplette.domain.webhooks import Target
from emplette.formats.posting import Line, Poster, Resolver
from tests.fixtures.names import server_of_names
from tests.fixtures.receivers import (
    Receiver,
    answer_for_ever,
    answer_letter_by_letter,
    head_for_ever,
    never_answer,
    receiver,
)

HERE = Reach.parse(["127.0.0.0/8"])


class Names(Resolver):
    """A server of names that changes its mind with every answer."""

    def __init__(self, *answers: list[str]) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int) -> list[str]:
        del port
        self.asked.append(host)
        return self.answers.pop(0)


@asynccontextmanager
async def line_to(url: str, reach: Reach = HERE, resolver: Resolver | None = None) -> AsyncIterator[Line]:
    poster = Poster(reach, resolver or Resolver(), seconds=0.5)
    async with poster.line(Target.parse(url), width=4) as line:
        yield line
    await poster.resolver.close()


async def post(url: str, reach: Reach = HERE, resolver: Resolver | None = None) -> Answered:
    async with line_to(url, reach, resolver) as line:
        return await line.post({"X-Test": "1"}, b"{}")


async def test_a_message_arrives_as_it_was_sent_and_a_connection_serves_several() -> None:
    async with receiver() as there, line_to(there.url) as line:
        assert [await line.post({"X-Test": "1"}, b'{"a": 1}') for _ in range(3)] == [Answered(status=204)] * 3
        assert there.connections == 1
        heard = there.heard[0]
    assert (heard.path, heard.body) == ("/hooks", b'{"a": 1}')
    assert heard.headers["host"] == f"127.0.0.1:{there.port}"
    assert heard.headers["x-test"] == "1"


async def test_an_address_that_is_not_allowed_is_not_connected_to() -> None:
    async with receiver() as there:
        answered = await post(there.url, Reach())
        assert there.connections == 0
    assert answered == Answered(error="127.0.0.1 is no address of the public internet.")


async def test_a_name_that_changes_its_mind_leads_nowhere_the_second_time() -> None:
    # The first look-up is allowed, the second leads to where only this machine should: nothing is connected to.
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    reach = Reach.parse(["127.0.0.1"])
    async with receiver() as there:
        url = f"http://hooks.example:{there.port}/"
        assert await post(url, reach, names) == Answered(status=204)
        assert there.heard[0].headers["host"] == f"hooks.example:{there.port}"
        answered = await post(url, reach, names)
        assert (answered.status, there.connections) == (None, 1)
    assert answered.error is not None
    assert "127.0.0.2" in answered.error


async def test_a_name_is_looked_up_once_and_exactly_that_address_is_connected_to() -> None:
    names = Names(["127.0.0.1"])
    async with receiver() as there:
        assert await post(f"http://rebinding.example:{there.port}/", HERE, names) == Answered(status=204)
    assert names.asked == ["rebinding.example"]


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    answered = await post("https://hooks.example/", Reach(), Names(["93.184.215.14", "10.0.0.1"]))
    assert answered == Answered(error="hooks.example is at 10.0.0.1, which is no address of the public internet.")


@pytest.mark.parametrize("address", ["::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1%lo", "fd00::1"])
async def test_another_way_to_write_a_private_address_does_not_help(address: str) -> None:
    answered = await post("https://hooks.example/", Reach(), Names([address]))
    assert answered.error is not None
    assert "no address of the public internet" in answered.error


@pytest.mark.parametrize("name", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1"])
async def test_an_address_in_disguise_is_checked_as_what_it_leads_to(name: str) -> None:
    async with receiver() as there:
        answered = await post(f"http://{name}:{there.port}/", Reach())
        assert (answered.status, there.connections) == (None, 0)


async def test_what_is_public_is_called_with_tls_only() -> None:
    answered = await post("http://hooks.example/", Reach.parse(["10.0.0.0/8"]), Names(["93.184.215.14"]))
    assert answered.error == "hooks.example is at 93.184.215.14, which may be called with https:// only."


async def test_a_redirect_is_an_answer_and_not_followed() -> None:
    async with receiver() as elsewhere, receiver(lambda _: 302) as there:
        there.headers = f"Location: {elsewhere.url}\r\n"
        assert await post(there.url) == Answered(status=302)
        assert elsewhere.connections == 0


@pytest.mark.parametrize(
    ("status", "said", "least", "most"),
    [
        (429, "120", 120, 120),
        (503, "Fri, 31 Dec 2100 23:59:59 GMT", 3_600, 1e11),
        (503, "Fri, 31 Dec 1999 23:59:59 GMT", 0, 0),
        (503, "9" * 5_000, 3_600, float("inf")),
        (503, "-5", 0, 0),
        (503, "soon", 0, 0),
        (503, "Fri, 99 Dec 99999999 23:59:59 GMT", 0, 0),
        (500, "120", 0, 0),
        (204, "120", 0, 0),
    ],
)
async def test_a_receiver_that_has_too_much_says_when_to_come_back(
    status: int, said: str, least: float, most: float
) -> None:
    async with receiver(lambda _: status) as there:
        there.headers = f"Retry-After: {said}\r\n"
        answered = await post(there.url)
    assert answered.status == status
    assert least <= answered.rest <= most


async def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver() as proxy, receiver() as there:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert await post(there.url) == Answered(status=204)
        assert proxy.connections == 0


@pytest.mark.parametrize("behave", [never_answer, answer_letter_by_letter, head_for_ever])
async def test_who_does_not_come_to_an_answer_is_cut_off_in_time(behave: object) -> None:
    async with receiver(behave=behave) as there:  # type: ignore[arg-type]
        began = time.monotonic()
        answered = await post(there.url)
        assert (answered.status, answered.error is None) == (None, False)
        assert time.monotonic() - began < 30


async def test_an_answer_without_an_end_is_cut_off_and_its_status_counts() -> None:
    async with receiver(behave=answer_for_ever) as there:
        assert await post(there.url) == Answered(status=200)


async def test_whoever_breaks_off_or_is_not_there_is_told_and_not_raised() -> None:
    async def hang_up(_: Receiver, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def babble(_: Receiver, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()

    for behave in (hang_up, babble):
        async with receiver(behave=behave) as there:
            assert (await post(there.url)).error is not None
    async with receiver() as gone:
        await gone.leave()
        assert (await post(gone.url)).error is not None


@pytest.mark.parametrize("name", ["no..name", f"{'a' * 64}.example"])
async def test_a_name_that_none_can_have_leads_nowhere(name: str) -> None:
    assert await post(f"https://{name}/") == Answered(error=f"The name {name} leads nowhere.")


async def test_tls_is_checked_for_the_name_and_not_the_address() -> None:
    # The certificate of the tests is for localhost, and nobody has signed it: whoever shows it is not believed.
    folder = Path(__file__).parents[1] / "runtime" / "certificate"
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "localhost.pem", folder / "localhost.key")
    made = Receiver()
    server = await asyncio.start_server(made._serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    url, names = f"https://localhost:{port}/", Names(["127.0.0.1"], ["127.0.0.1"], ["127.0.0.1"])
    answered = await post(url, HERE, names)
    assert answered.error is not None
    assert "certificate" in answered.error.lower()
    trusting = ssl.create_default_context(cafile=str(folder / "localhost.pem"))
    poster = Poster(HERE, names, tls=trusting)
    async with poster.line(Target.parse(url), width=1) as line:
        assert await line.post({}, b"{}") == Answered(status=204)
    async with poster.line(Target.parse(f"https://other.example:{port}/"), width=1) as line:
        assert (await line.post({}, b"{}")).error is not None
    server.close()


async def test_names_that_are_never_answered_keep_nobody_elses_from_being_found() -> None:
    async with server_of_names({"quick.example": "127.0.0.9"}) as address:
        resolver = Resolver([address], seconds=60)
        waiting = [asyncio.create_task(resolver.resolve(f"silent-{n}.example", 443)) for n in range(300)]
        assert await asyncio.wait_for(resolver.resolve("quick.example", 443), 30) == ["127.0.0.9"]
        assert not any(one.done() for one in waiting)
        # Who stops waits for none of them either.
        await asyncio.wait_for(resolver.close(), 30)
        ends = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 30)
    assert {type(end) for end in ends} == {OSError}


async def test_a_name_that_nobody_answers_for_is_told_from_one_that_nobody_has() -> None:
    async with server_of_names({"other.example": None}) as address:
        for name, reason in (("silent.example", "Timeout while contacting"), ("other.example", "leads nowhere")):
            resolver = Resolver([address], seconds=0.05)
            poster = Poster(HERE, resolver, seconds=30)
            async with poster.line(Target.parse(f"http://{name}/"), width=1) as line:
                assert reason in (await line.post({}, b"{}")).reason
            await resolver.close()


async def test_a_name_of_this_machine_is_known_without_a_server() -> None:
    async with server_of_names({}) as address:
        resolver = Resolver([address])
        assert set(await resolver.resolve("localhost", 443)) <= {"127.0.0.1", "::1"}
        await resolver.close()
