"""A back-up beside a running server is whole or none; what comes back is what was there, and says that it came back."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from emplette.formats.checkpoints import KEY_FILE, own_key
from tests.backups.shops import UPLOADS, Shop, buyers_meanwhile, opened, titles, type_command
from tests.fixtures.guide import API
from tests.runtime.servers import EMPLETTE, KEY, PATIENCE, folder_of_its_own, served, wait_until

OFFER = b"article;price\nChair;120.00\n"
EVENTS = f"{API}/events"


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """Run a shop with a file in it."""
    with folder_of_its_own() as folder, opened(folder) as running:
        yield running


@pytest.fixture(scope="module")
def offer(shop: Shop) -> str:
    """Upload a file."""
    return shop.upload(OFFER)


@pytest.fixture(scope="module")
def kept(shop: Shop, offer: str) -> str:
    """Make a back-up that nobody damages; its name."""
    assert offer
    return str(shop.back_up()["name"])


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_of_its_own() as lent:
        yield lent


@pytest.fixture
def copy(shop: Shop, kept: str, folder: Path) -> Path:
    """Lend a copy of the depot, to be damaged, and beside it the key that its manifests are signed with."""
    shutil.copytree(shop.depot, folder / "depot")
    shutil.copyfile(shop.depot.parent / "data" / KEY_FILE, folder / KEY_FILE)
    for other in (folder / "depot").glob("2*Z"):
        if other.name != kept:
            shutil.rmtree(other)
    return folder / "depot"


def test_all_that_was_acknowledged_before_is_in_a_back_up_made_under_load(shop: Shop, offer: str) -> None:
    with buyers_meanwhile(shop) as bought:
        wait_until(lambda: len(bought) > 20, "people buy")
        before = list(bought)
        told = shop.back_up()
        wait_until(lambda: len(bought) > len(before) + 20, "people go on buying")
    verified = shop.type("verify-backup", str(shop.depot / told["name"]), "--json")
    assert verified.returncode == 0, verified.stdout
    found = json.loads(verified.stdout)
    (company,) = found["companies"]
    assert (found["good"], company["good"], found["files"]) == (True, True, 1)
    with shop.client() as client:
        whole = len(titles(client))
    assert whole - len(bought) + len(before) <= company["purchases"] <= whole
    assert offer


def test_a_back_up_is_closed_to_others_and_holds_no_secret(shop: Shop, kept: str) -> None:
    inside = [shop.depot, *shop.depot.rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in inside if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in inside if path.is_file()} == {0o600}
    settings = json.loads((shop.depot / kept / "settings.json").read_bytes())
    assert settings["EMPLETTE_WORKERS"] == "1"
    assert not any(KEY in text for text in settings.values())
    assert "PRIVATE" not in (shop.depot / kept / "manifest.json").read_text()


def test_the_manifest_says_what_is_in_it_and_how_far_the_log_had_come(shop: Shop, kept: str) -> None:
    manifest = shop.manifest(kept)
    assert (manifest["form"], manifest["postgres"].partition(".")[0], manifest["name"]) == ("dump", "18", kept)
    assert manifest["schema"]["name"].startswith(f"{manifest['schema']['number']:04}_")
    (head,) = manifest["heads"]
    assert (head["account"], head["epoch"], head["publicKey"]) == ("example", 1, manifest["publicKey"])
    parts = {part["path"] for part in manifest["parts"]}
    assert {"files.txt", "settings.json", "database/toc.dat"} < parts
    assert parts == {
        path.relative_to(shop.depot / kept).as_posix() for path in (shop.depot / kept).rglob("*") if path.is_file()
    } - {"manifest.json"}


def test_a_file_is_copied_once_however_many_back_ups_there_are(shop: Shop, kept: str) -> None:
    (file,) = [path for path in (shop.depot / "files").rglob("*") if path.is_file()]
    before = file.stat()
    told = shop.back_up()
    assert (told["files"], told["filesSize"], told["missing"]) == (1, len(OFFER), [])
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert told["name"] != kept


def test_what_comes_back_is_what_was_there_and_a_cursor_beyond_it_is_gone(shop: Shop, offer: str, folder: Path) -> None:
    last = shop.buy("The last one")
    told = shop.back_up()
    head = shop.manifest(told["name"])["heads"][0]["position"]
    shop.buy("Never backed up")
    with shop.client() as client:
        wait_until(lambda: len(_events(client, head)["items"]) >= 1, "it is sealed")
        lost = _events(client, head)["next"]
    data = folder / "data"
    done = shop.type("restore", str(shop.depot), data_dir=data)
    assert done.returncode == 0, done.stderr
    epoch = re.match(rf"example: epoch (\d+) of its log begins after position {head:,}\n", done.stdout)
    assert epoch, done.stdout
    with served(data, command=[*EMPLETTE, "serve"], workers=1) as server:
        restored = httpx2.Client(base_url=server.url, headers=shop.headers, timeout=PATIENCE)
        found = titles(restored)
        assert (found[last], "Never backed up" in found.values()) == ("The last one", False)
        assert restored.get(f"{UPLOADS}/{offer}").status_code in {200, 404}
        gone = restored.get(EVENTS, params={"after": lost})
        assert (gone.status_code, gone.json()["after"]) == (410, f"{epoch[1]}-{head}")
        onward = restored.get(EVENTS, params={"after": gone.json()["after"]})
        # What was not sealed yet when the back-up was made gets its place in the new epoch.
        assert onward.status_code == 200
        assert {str(event["epoch"]) for event in onward.json()["items"]} <= {epoch[1]}
        restored.close()
    (file,) = [path for path in (data / "files").rglob("*") if path.is_file()]
    assert file.read_bytes() == OFFER
    again = shop.type_here("restore", str(shop.depot), data_dir=data)
    assert (again.exit_code, "restore into an empty place" in again.stderr) == (1, True)


def _events(client: httpx2.Client, after: int) -> dict[str, Any]:
    read: dict[str, Any] = client.get(EVENTS, params={"after": after}).json()
    return read


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def _newer(name: str, value: object) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        told = json.loads(path.read_text()) | {name: value}
        del told["signature"]
        form = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        signature = own_key(path.parents[2]).sign(b"emplette backup 1\n" + form)
        path.write_text(json.dumps(told | {"signature": b64encode(signature).decode()}))

    return change


@pytest.mark.parametrize(
    ("path", "damage", "says"),
    [
        ("database/toc.dat", _cut, "database/toc.dat of the back-up {name} is not what it was"),
        ("database/toc.dat", Path.unlink, "database/toc.dat of the back-up {name} is missing"),
        ("files.txt", Path.unlink, "files.txt of the back-up {name} is missing"),
        ("manifest.json", Path.unlink, "was ever finished"),
        ("manifest.json", lambda path: path.write_text("{"), "{name} in {depot}: manifest.json is damaged"),
        (
            "manifest.json",
            lambda path: path.write_text(path.read_text().replace("files.txt", "x")),
            "its signature does not",
        ),
        ("manifest.json", _newer("format", 2), "in a format that this Emplette does not know"),
        ("manifest.json", _newer("postgres", "19.1"), "It comes from PostgreSQL 19, and here is 18"),
        (
            "manifest.json",
            _newer("schema", {"number": 9999, "name": "9999_morrow"}),
            "the step 9999_morrow of the schema, which this Emplette does not know",
        ),
        ("../files", shutil.rmtree, "The back-up {name} lacks 1 file: files/"),
    ],
)
def test_what_is_damaged_unfinished_or_newer_is_refused_by_name_and_nothing_is_written(
    shop: Shop, kept: str, copy: Path, path: str, damage: Callable[[Path], object], says: str
) -> None:
    damage(copy / kept / path)
    data = copy.parent / "data"
    done = shop.type_here("restore", str(copy), data_dir=data)
    assert (done.exit_code, says.format(name=kept, depot=copy) in done.stderr) == (1, True), done.stderr
    assert not (data / "postgres" / "18" / "data").exists()
    assert not (data / "half-restored").exists()


def test_a_trial_names_a_file_that_is_not_what_it_was(shop: Shop, kept: str, copy: Path) -> None:
    (file,) = [path for path in (copy / "files").rglob("*") if path.is_file()]
    _cut(file)
    done = shop.type("verify", "--backup", str(copy / kept))
    name = file.relative_to(copy).as_posix()
    assert (done.returncode, done.stdout.splitlines()[1:]) == (
        1,
        [f"{name} is not what it was: its SHA-256 differs.", "the back-up is not good: 1 company, 1 file looked at"],
    )


def test_where_postgresqls_user_cannot_enter_no_trial_is_begun_and_it_says_what_to_set(
    shop: Shop, kept: str, folder: Path
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    done = type_command(shop.environment | {"TMPDIR": str(closed)}, "verify-backup", str(shop.depot / kept))
    if os.geteuid() == 0:
        told = f"PostgreSQL's user cannot reach {closed}, below which a back-up is tried out: set TMPDIR"
        assert (done.returncode, told in done.stderr, list(closed.iterdir())) == (73, True, []), done.stderr
    else:
        assert done.returncode == 0, "as an ordinary user the database's user is ourselves"


def _begin(shop: Shop, *words: str, **settings: object) -> "subprocess.Popen[str]":
    named = {f"EMPLETTE_{name.upper()}": str(value) for name, value in settings.items()}
    return subprocess.Popen(
        [*EMPLETTE, *words], env=shop.environment | named, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def _await(begun: "subprocess.Popen[str]", word: str) -> None:
    assert begun.stderr is not None
    for line in begun.stderr:
        if word in line:
            return
    raise AssertionError(word)


def test_a_back_up_that_is_killed_is_none_and_the_next_one_clears_it_away(shop: Shop, kept: str) -> None:
    before = set(shop.depot.glob("2*Z"))
    begun = _begin(shop, "backup")

    def is_under_way() -> bool:
        return any(list(new.glob("database/*")) for new in set(shop.depot.glob("2*Z")) - before)

    wait_until(is_under_way, "it copies the database")
    begun.send_signal(signal.SIGKILL)
    begun.communicate(timeout=PATIENCE)
    (left,) = set(shop.depot.glob("2*Z")) - before
    if (left / "manifest.json").exists():
        pytest.fail("it was quicker than the kill")
    refused = shop.type_here("restore", str(left), data_dir=shop.depot.parent / "never")
    assert (refused.exit_code, f"The back-up {left.name}" in refused.stderr) == (1, True)
    assert "was never finished" in refused.stderr
    shop.back_up()
    # Within the same second the next one takes the same name.
    assert all((each / "manifest.json").exists() for each in shop.depot.glob("2*Z"))
    assert (shop.depot / kept / "manifest.json").exists()


def test_when_the_database_is_killed_meanwhile_the_back_up_fails_and_the_next_one_is_good(shop: Shop) -> None:
    begun = _begin(shop, "backup")
    _await(begun, "back-up 2")
    died = shop.server.kill("database")
    _, said = begun.communicate(timeout=PATIENCE)
    assert begun.returncode == 70, said
    assert len(said.splitlines()) <= 3, said
    shop.server.wait_for_successor("database", died)
    wait_until(lambda: shop.type("backup").returncode == 0, "another one is made")


def test_where_a_restore_was_killed_nothing_serves_and_another_one_begins_anew(
    shop: Shop, kept: str, folder: Path
) -> None:
    data = folder / "data"
    begun = _begin(shop, "restore", str(shop.depot / kept), data_dir=data)
    wait_until(lambda: (data / "half-restored").exists() and (data / "postgres" / "18" / "data").exists(), "it is")
    begun.send_signal(signal.SIGKILL)
    begun.communicate(timeout=PATIENCE)
    for words in (["serve"], ["tenant", "list"]):
        refused = shop.type_here(*words, data_dir=data)
        assert (refused.exit_code, "is half restored" in refused.stderr) == (73, True), refused.stderr
    again = shop.type("restore", str(shop.depot / kept), data_dir=data)
    assert again.returncode == 0, again.stderr
    assert "half restored; starting again from the beginning" in again.stderr
    assert shop.type("verify", data_dir=data).returncode == 0


@pytest.mark.long
def test_where_the_database_was_killed_under_a_restore_another_one_begins_anew(
    shop: Shop, kept: str, folder: Path
) -> None:
    data = folder / "data"
    begun = _begin(shop, "restore", str(shop.depot / kept), data_dir=data)
    pid = data / "postgres" / "18" / "data" / "postmaster.pid"
    wait_until(lambda: pid.exists() and "ready" in pid.read_text(), "the database runs")
    os.kill(int(pid.read_text().splitlines()[0]), signal.SIGKILL)
    _, said = begun.communicate(timeout=PATIENCE)
    assert begun.returncode == 70, said
    assert (data / "half-restored").exists()
    again = shop.type("restore", str(shop.depot / kept), data_dir=data)
    assert again.returncode == 0, again.stderr
    assert shop.type("verify", data_dir=data).returncode == 0
