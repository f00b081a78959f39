"""Whoever follows the document arrives: every example is accepted, and every link leads to where it says.

The walk goes from the calls that need nothing along every link, with every example, each time from the start, so that
what was done on another way is not in this one's way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
from jsonschema import Draft202012Validator

from emplette.http.app import openapi_document
from tests.fixtures.companies import Company
from tests.fixtures.made_files import pdf
from tests.schemas.document import JSON, Described, Document, Example, operations

COMPONENTS: Final = openapi_document()["components"]
OPERATIONS: Final = operations(openapi_document())
ANY: Final = "*/*"
BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
POINTER: Final = "$response.body#/"
HEADER: Final = "$response.header."
IF_MATCH: Final = "header.If-Match"
NOTHING: Final[Mapping[str, str]] = {}
IN_THE_WAY: Final = 409
OF_ANOTHER_KIND: Final = "subscription.not_found"
"""What is bought once, or was not approved yet, is no subscription: only some of the examples lead on to one."""
OF_A_PERSON: Final = {"read_calendar_link", "change_calendar_link"}
"""What a key that is bound to nobody is refused."""

Edge = tuple[str, str, str]
"""From which operation to which one, with which of its examples."""


@dataclass(frozen=True)
class Step:
    """A call that an answer leads to, or one that needs nothing before it."""

    operation: Described
    example: Example
    source: str = ""
    link: Document = field(default_factory=dict)

    @property
    def edge(self) -> Edge:
        """What this step tries."""
        return self.source, self.operation.name, self.example.name


def roots() -> list[Step]:
    """List the calls that nothing leads to; what lists comes first, to be taken last, when there is something."""
    linked = {name for each in OPERATIONS.values() for status in (200, 201) for name in each.links(status)}
    found = [each for each in OPERATIONS.values() if each.name not in linked]
    lost = [each.name for each in found if "{" in each.path]
    assert lost == [], "no answer has a link to it"
    found.sort(key=lambda each: each.method != "GET")
    return [Step(each, example) for each in found for example in each.examples()]


def following(described: Described, status: int) -> Iterator[Step]:
    """List the steps that an answer leads to."""
    for link in described.links(status).values():
        target = OPERATIONS[link["operationId"]]
        yield from (Step(target, example, described.name, link) for example in target.examples())


def found_at(pointer: str, answer: Any) -> Any:  # noqa: ANN401  any JSON
    """Find what a link points at in an answer."""
    assert pointer.startswith(POINTER)
    for part in pointer.removeprefix(POINTER).split("/"):
        answer = answer[int(part) if isinstance(answer, list) else part]
    return answer


@dataclass
class Walk:
    """A walk along the links, with one key to ask, another to decide, and a third to configure."""

    asking: httpx2.AsyncClient
    deciding: httpx2.AsyncClient
    configuring: httpx2.AsyncClient
    arrived: set[Edge] = field(default_factory=set)
    refused: set[Edge] = field(default_factory=set)

    async def everywhere(self) -> None:
        """Go every way that there is."""
        ways = [[root] for root in roots()]
        while ways:
            way = ways.pop()
            if way[-1].edge in self.arrived:
                continue
            answer = await self.go(way)
            if answer.is_success:
                ways += [[*way, step] for step in following(way[-1].operation, answer.status_code)]

    async def go(self, way: list[Step]) -> httpx2.Response:
        """Go one way from its start; where a step is refused as a repeat, what is there already serves as well."""
        answer = await self.take(way[0], None)
        for step in way[1:]:
            answer = await self.take(step, answer.json(), answer.headers)
        return answer

    async def take(self, step: Step, before: Any, told: Mapping[str, str] = NOTHING) -> httpx2.Response:  # noqa: ANN401
        """Make a call as its example says, and the link that leads to it."""
        described, body = step.operation, step.example.body
        said = dict(step.link.get("parameters", {}))
        tags = {"If-Match": told[said.pop(IF_MATCH).removeprefix(HEADER)]} if IF_MATCH in said else {}
        in_path = {name: found_at(pointer, before) for name, pointer in said.items()}
        in_body = {name: found_at(pointer, before) for name, pointer in step.link.get("requestBody", {}).items()}
        client = self._client(described)
        answer = await client.request(
            described.method,
            described.path.format(**in_path),
            params=step.example.query,
            headers=tags,
            json=body | in_body if in_body else body,
            files={"file": ("offer.pdf", pdf())} if described.takes_file else None,
        )
        self._judge(step, answer)
        return answer

    def _client(self, described: Described) -> httpx2.AsyncClient:
        if described.permissions == ["approve"] or described.name in OF_A_PERSON:
            return self.deciding
        return self.configuring if "configure" in described.permissions else self.asking

    def _judge(self, step: Step, answer: httpx2.Response) -> None:
        if answer.status_code == IN_THE_WAY or (answer.is_error and answer.json()["code"] == OF_ANOTHER_KIND):
            self.refused.add(step.edge)
            return
        assert answer.is_success, (step.edge, answer.text)
        self.arrived.add(step.edge)
        documented = step.operation.says["responses"][str(answer.status_code)]["content"]
        media_type = answer.headers["content-type"].partition(";")[0]
        if media_type not in documented or documented[media_type]["schema"].get("format") == "binary":
            assert documented.get(media_type, documented.get(ANY)) == BYTES, step.edge
            return
        schema = Draft202012Validator({**documented[media_type]["schema"], "components": COMPONENTS})
        assert list(schema.iter_errors(answer.json() if media_type == JSON else answer.text)) == []


async def test_every_example_is_accepted_and_every_link_arrives(company: Company) -> None:
    async with (
        await company.caller() as alone,
        await company.caller(auto_approve=False, created_status=201) as form,
        await company.caller(permissions=("approve", "view:all"), person=36) as approver,
        await company.caller(permissions=("configure",), person=36) as administrator,
    ):
        walks = [Walk(alone, approver, administrator), Walk(form, approver, administrator)]
        for walk in walks:
            await walk.everywhere()
    arrived = set[Edge]().union(*(walk.arrived for walk in walks))
    refused = set[Edge]().union(*(walk.refused for walk in walks))
    links, reached = {edge[:2] for edge in refused}, {edge[:2] for edge in arrived}
    assert links - reached == set(), "a link that never gets there"
    examples, accepted = {edge[1:] for edge in refused}, {edge[1:] for edge in arrived}
    assert examples - accepted == set(), "an example that is never accepted"
    assert {name for _, name, _ in arrived} == OPERATIONS.keys(), "an operation that is never reached"
