"""The restated documents are whole: every reference leads somewhere, and the documented examples fit them."""

import copy
from collections.abc import Iterator

import pytest

from tests.documented.schemas import document, faults_of, names, validator

SCHEMAS = [f"{name}#/schemas/{schema}" for name in names() for schema in document(name)["schemas"]]


def _references(content: object) -> Iterator[str]:
    if isinstance(content, dict):
        for key, value in content.items():
            if key == "$ref":
                yield value
            yield from _references(value)
    elif isinstance(content, list):
        for value in content:
            yield from _references(value)


@pytest.mark.parametrize("name", names())
def test_every_reference_leads_to_a_schema(name: str) -> None:
    assert set(_references(document(name))) - set(SCHEMAS) == set()


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_schema_is_a_schema(schema: str) -> None:
    name, _, path = schema.partition("#/schemas/")
    validator(schema).check_schema(document(name)["schemas"][path])


@pytest.mark.parametrize("example", ["one-time-commitment.post", "commitment.get"])
def test_the_documented_examples_fit_the_documented_schemas(example: str) -> None:
    assert faults_of("commitment.yaml#/schemas/commitment", document("commitment.yaml")["examples"][example]) == []


def test_the_subscription_example_fits_once_its_stray_quotes_and_its_nulls_are_gone() -> None:
    example = document("commitment.yaml")["examples"]["subscription-commitment.post"]
    sent = {key.removesuffix('"'): value for key, value in example.items()}
    fits = {key: value for key, value in sent.items() if key not in {"contractualObligation", "terminationNotice"}}
    assert faults_of("commitment.yaml#/schemas/subscription-commitment", fits) == []
    assert faults_of("commitment.yaml#/schemas/subscription-commitment", sent) != [], "no null is documented there"


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("state", "Approved"),
        ("id", 2**31),
        ("costDate", "2025-02-30"),
        ("createdAt", "2025-02-28T10:00:00"),
        ("attachments", []),
        ("amountIncludingTaxes", {"base": {"excludingTaxes": {"value": "120", "currency": "EUR"}}}),
    ],
)
def test_an_answer_that_breaks_the_documents_is_found_out(field: str, wrong: object) -> None:
    answer = copy.deepcopy(document("commitment.yaml")["examples"]["commitment.get"])
    answer[field] = wrong
    assert faults_of("commitment.yaml#/schemas/commitment", answer) != []
