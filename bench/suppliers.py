"""Suppliers as a group has them: importing so many, beside copying the rows that this writes; and finding one."""

import asyncio
import os
import random
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from stdnum import luhn
from stdnum.iso7064 import mod_97_10

from bench.generator import Load, WrongAnswer, read_page
from bench.server import Connection, House, Server, connected

_FIRST_ID: Final = 1_001
_COLUMNS: Final = (
    "id;name;territoryId;state;legalRegistration.identifier;legalRegistration.vatNumber;paymentTerm.value;"
    "paymentTerm.unit;bankAccount.iban;bankAccount.bic;contacts[0].firstName;contacts[0].lastName;contacts[0].email"
)
_WORDS: Final = (
    "Électricité",
    "Transports",
    "Boulangerie",
    "Informatique",
    "Conseil",
    "Mécanique",
    "Papeterie",
    "Bâtiment",
    "Lumière",
    "Océan",
    "Alpes",
    "Énergie",
    "Hôtel",
    "Imprimerie",
    "Maçonnerie",
    "Nettoyage",
    "Plomberie",
    "Sécurité",
    "Traiteur",
    "Voyages",
)
# What an import writes, table by table, as a second company would have it.
_EVENTS: Final = "SELECT e.event_id FROM events e WHERE e.tenant_id = 1 AND e.object_type = 'supplier'"
_WRITTEN: Final = {
    "suppliers": f"t.supplier_id >= {_FIRST_ID}",
    "events": "t.object_type = 'supplier'",
    "unsealed": "t.object_type = 'supplier'",
    "event_texts": f"t.event_id IN ({_EVENTS})",
}
# What waited to be sealed has been sealed meanwhile.
_READ_FROM: Final = {"unsealed": "events"}
_OTHER: Final = """
INSERT INTO tenants (tenant_id, account, name, time_zone, currency, country)
VALUES (2, 'floor', 'Floor', 'Europe/Paris', 'EUR', 'FR')
"""


@dataclass(frozen=True, slots=True)
class Suppliers:
    """An import of so many suppliers, copying the same rows, and searches among them."""

    count: int
    import_s: float
    again_s: float
    copy_s: float
    searches: Mapping[str, Load]

    @property
    def ratio(self) -> float:
        """The speed of importing, of which copying is 1."""
        return self.copy_s / self.import_s


async def measure_suppliers(server: Server, house: House, *, count: int, seconds: int) -> Suppliers:
    """Import suppliers, and once more the same; copy the rows; look for some.

    Raises:
        WrongAnswer: the import failed, or did not write what it read.
    """
    table = house.folder / "suppliers.csv"
    await asyncio.to_thread(_write_table, table, count)
    import_s = await _import(house, table, f"{count:,} new, 0 changed")
    again_s = await _import(house, table, f"0 new, 0 changed, {count:,} as they are")
    async with connected(server.owner_url) as connection:
        copy_s = await _copy(connection, house.folder)
        await connection.execute("ANALYZE suppliers")
    last = _FIRST_ID + count - 1
    terms = {
        "one": (f"papeterie {last} sarl", None),
        "prefix": ("pap bat", None),
        "common": ("societe", f'"id":{_FIRST_ID},'),
    }
    searches = {
        name: await read_page(
            server.url, clients=1, seconds=seconds, path=f"/suppliers?search.terms={quote(words)}", expected=found or ""
        )
        for name, (words, found) in terms.items()
    }
    return Suppliers(count, import_s, again_s, copy_s, searches)


async def _import(house: House, table: Path, expected: str) -> float:
    """Run the command as anybody would, beside the server; seconds from its start to its end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EMPLETTE_")}
    began = time.monotonic()
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "emplette.cli.main", "import", str(table), "--into", "suppliers", "--tenant", "bench"),
        *("--data-dir", str(house.folder)),
        env=environment,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await command.communicate()
    if command.returncode != 0 or expected not in said.decode():
        raise WrongAnswer(f"the import said: {said.decode()}")
    return time.monotonic() - began


async def _copy(connection: Connection, folder: Path) -> float:
    """Copy what the import wrote into the same tables, as another company's: nothing writes rows faster."""
    written = []
    for table, condition in _WRITTEN.items():
        columns = await connection.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attname <> 'tenant_id' ORDER BY attnum",
            table,
        )
        names = [column["attname"] for column in columns]
        file = folder / f"{table}.copy"
        source = _READ_FROM.get(table, table)
        query = f"SELECT 2 AS tenant_id, {', '.join(names)} FROM {source} t WHERE t.tenant_id = 1 AND {condition}"
        await connection.copy_from_query(query, output=file, format="binary")
        written.append((table, ["tenant_id", *names], file))
    await connection.execute(_OTHER)
    began = time.monotonic()
    async with connection.transaction():
        for table, names, file in written:
            await connection.copy_to_table(table, source=file, columns=names, format="binary")
    return time.monotonic() - began


def _write_table(path: Path, count: int) -> None:
    chance = random.Random(4)  # noqa: S311  (no secret is made of it)
    with path.open("w", encoding="utf-8") as file:
        file.write(_COLUMNS + "\n")
        for number in range(count):
            digits = f"{10_000_000 + number}"
            siren = digits + luhn.calc_check_digit(digits)
            vat = f"FR{int(siren + '12') % 97:02d}{siren}"
            account = f"3000600001{number:011d}"
            key = 97 - (89 * 30_006 + 15 * 1 + 3 * number) % 97
            bank = f"{account}{key:02d}"
            iban = f"FR{mod_97_10.calc_check_digits(bank + 'FR')}{bank}"
            identity = _FIRST_ID + number
            name = f"Société {chance.choice(_WORDS)} {chance.choice(_WORDS)} {identity} SARL"
            if number == count - 1:
                name = f"Société Papeterie Bâtiment {identity} SARL"
            person = f"Jean;Dupont{number};contact{number}@example.fr"
            file.write(f"{identity};{name};FR;Active;{siren};{vat};30;Day;{iban};BNPAFRPP;{person}\n")
