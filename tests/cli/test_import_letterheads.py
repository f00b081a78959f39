"""What orders print of suppliers and establishments comes and goes in tables, too."""

from pathlib import Path

import msgspec
import pytest

from emplette.domain.people import Tenant
from tests.cli.conftest import Type
from tests.fixtures.database import OwnerConnection

ESTABLISHMENTS = """id;name;territoryId;currency;legalRegistration.identifier;legalRegistration.vatNumber;\
address.street;address.postalCode;address.city;orderConditions.fr;orderConditions.en
1;Paris;FR;EUR;732 829 320 00074;FR40303265045;"1, rue de la Paix";75002;Paris;"Première ligne
Deuxième ligne";30 days
2;Genève;CH;CHF;;;;;;;
"""
SUPPLIERS = """id;name;territoryId;address.street;address.city;orderConditions.fr
6;Four;FR;3 rue du Four;Lyon;Avant 8 heures
"""


@pytest.mark.parametrize(
    ("into", "content", "row"),
    [
        (
            "establishments",
            ESTABLISHMENTS,
            {
                "registration_id": "73282932000074",
                "vat_number": "FR40303265045",
                "address": {"street": "1, rue de la Paix", "additional": None, "postal_code": "75002", "city": "Paris"},
                "conditions": {"fr": "Première ligne\nDeuxième ligne", "en": "30 days"},
            },
        ),
        (
            "suppliers",
            SUPPLIERS,
            {
                "address": {"street": "3 rue du Four", "additional": None, "postal_code": None, "city": "Lyon"},
                "conditions": {"fr": "Avant 8 heures", "en": None},
            },
        ),
    ],
)
async def test_what_is_brought_along_is_kept_and_taken_away_as_it_was(
    emplette: Type,
    acme: Tenant,
    owner: OwnerConnection,
    tmp_path: Path,
    into: str,
    content: str,
    row: dict[str, object],
) -> None:
    file = tmp_path / "table.csv"
    file.write_text(content, encoding="utf-8")
    done = await emplette("import", str(file), "--into", into, "--tenant", acme.account)
    assert done.code == 0, done.err
    kept = await owner.fetchrow(f"SELECT * FROM {into} WHERE tenant_id = $1 ORDER BY 2 LIMIT 1", acme.id)  # noqa: S608
    assert kept is not None
    for column, value in row.items():
        told = msgspec.json.decode(kept[column]) if isinstance(value, dict) else kept[column]
        assert told == value, column
    exported = await emplette("export", into, "--tenant", acme.account)
    file.write_text("\n".join(exported.out), encoding="utf-8")
    again = await emplette("import", str(file), "--into", into, "--tenant", acme.account)
    assert "0 new, 0 changed" in " ".join(again.err)


async def test_a_number_of_an_establishment_that_is_none_is_named_by_its_column(
    emplette: Type, acme: Tenant, tmp_path: Path
) -> None:
    file = tmp_path / "table.csv"
    file.write_text(ESTABLISHMENTS.replace("FR40303265045", "FR00303265045"), encoding="utf-8")
    refused = await emplette("import", str(file), "--into", "establishments", "--tenant", acme.account)
    assert refused.code == 1
    assert any("column legalRegistration.vatNumber" in line for line in refused.err)
