"""Settings come from the environment and from flags; each has a default, a page, and a refusal that names it."""

import os
from pathlib import Path

import pytest

from emplette.runtime.exits import Exit
from emplette.settings import BadSetting, descriptions, exposed_secrets, read_settings, unknown_variables
from tests.house.source import DOCS
from tests.runtime.servers import EMPLETTE, environment_of, run


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("PORT", "http", "EMPLETTE_PORT=http: expected a whole number"),
        ("PORT", "65536", "EMPLETTE_PORT=65536: expected a whole number <= 65535"),
        ("WORKERS", "0", "EMPLETTE_WORKERS=0: expected a whole number >= 1"),
        ("POOL_SIZE", "1.5", "EMPLETTE_POOL_SIZE=1.5: expected a whole number"),
        ("BODY_TIMEOUT", "-1", "EMPLETTE_BODY_TIMEOUT=-1: expected a number > 0"),
        ("BODY_TIMEOUT", "nan", "EMPLETTE_BODY_TIMEOUT=nan: expected a number > 0"),
        ("LOG_LEVEL", "loud", "EMPLETTE_LOG_LEVEL=loud: expected one of debug, info, warning, error"),
        ("TLS_CERT", "a.pem", "EMPLETTE_TLS_CERT is set without EMPLETTE_TLS_KEY"),
        ("TLS_KEY", "a.key", "EMPLETTE_TLS_KEY is set without EMPLETTE_TLS_CERT"),
        ("DATABASE_URL", "mysql://here", "EMPLETTE_DATABASE_URL: expected an address that begins with postgresql://"),
        ("DATABASE_URL", "postgresql://db:99999/x", "EMPLETTE_DATABASE_URL: expected a port from 1 to 65535"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,banana", "EMPLETTE_TRUSTED_PROXIES: expected addresses or networks, such as "),
        ("WEBHOOKS_ALLOWED_NETWORKS", "10.1.2.3/16", "EMPLETTE_WEBHOOKS_ALLOWED_NETWORKS: expected addresses or netw"),
        ("CORS_ORIGINS", "*", "EMPLETTE_CORS_ORIGINS: '*' is no origin; expected them as https://app.example.com"),
        ("OWNER_DATABASE_URL", "postgresql://here", "EMPLETTE_OWNER_DATABASE_URL is set without EMPLETTE_DATABASE_URL"),
        ("FILES_URL", "/srv/files", "EMPLETTE_FILES_URL: expected an address that begins with s3:// or file:///"),
        ("FILES_URL", "file://srv", "EMPLETTE_FILES_URL: expected an address that begins with s3:// or file:///"),
        ("FILES_S3_ENDPOINT", "http://here", "EMPLETTE_FILES_S3_ENDPOINT is set without a bucket in EMPLETTE_FILES"),
        ("DEMO_KEY", "short", "EMPLETTE_DEMO_KEY: expected a text of length >= 16"),
        ("OIDC_ISSUER", "http://directory.example", "EMPLETTE_OIDC_ISSUER: expected an address that begins with https"),
        ("OIDC_ISSUER", "https://directory.example", "EMPLETTE_OIDC_ISSUER is set without EMPLETTE_OIDC_CLIENT_ID"),
        ("SMTP_URL", "smtp://mail.example:587", "EMPLETTE_MAIL_FROM: expected a mail address"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_the_name_of_its_variable(name: str, text: str, complaint: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read_settings({f"EMPLETTE_{name}": text})
    assert str(refused.value).startswith(complaint)
    assert "\n" not in str(refused.value)


def test_the_command_says_it_in_one_line_and_ends_with_its_own_code(tmp_path: Path) -> None:
    done = run([*EMPLETTE, "serve"], environment_of(tmp_path, port="http"))
    assert done.returncode == Exit.BAD_SETTING
    assert done.stderr == "emplette: EMPLETTE_PORT=http: expected a whole number\n"


def test_a_flag_wins_over_its_variable() -> None:
    environment = {"EMPLETTE_PORT": "1000", "EMPLETTE_HOST": "::1"}
    settings = read_settings(environment, port=2000, host=None)
    assert (settings.port, settings.host) == (2000, "::1")


def test_an_empty_variable_is_an_absent_one() -> None:
    assert read_settings({"EMPLETTE_DATABASE_URL": "", "EMPLETTE_PORT": " "}) == read_settings({})


def test_lists_are_separated_by_commas() -> None:
    settings = read_settings({"EMPLETTE_CORS_ORIGINS": "https://a.example, https://b.example,"})
    assert settings.cors_origins == ("https://a.example", "https://b.example")


def test_what_is_handed_to_the_workers_reads_as_the_same_settings() -> None:
    settings = read_settings(
        {
            "EMPLETTE_DATABASE_URL": "postgresql://me:secret@db/emplette",
            "EMPLETTE_CORS_ORIGINS": "https://a.example,https://b.example",
            "EMPLETTE_STOP_TIMEOUT": "2.5",
        }
    )
    assert read_settings(settings.environment()) == settings


def test_secrets_are_not_shown_with_the_rest() -> None:
    settings = read_settings({"EMPLETTE_DATABASE_URL": "postgresql://me:secret@db/x", "EMPLETTE_DEMO_KEY": "k" * 16})
    assert "secret" not in repr(settings)
    assert "k" * 16 not in repr(settings)
    assert "port=8377" in repr(settings)


SECRETS = {
    "DATABASE_URL": "postgresql://me:secret@db/x",
    "OWNER_DATABASE_URL": "postgresql://owner:secret@db/x",
    "REPLICA_URL": "postgresql://me:secret@replica/x",
    "DEMO_KEY": "k" * 16,
    "OIDC_CLIENT_SECRET": "a secret between us",
    "SMTP_URL": "smtp://me:secret@mail.example:587",
}
SENDER = {"EMPLETTE_MAIL_FROM": "purchases@example.org"}


def test_all_secrets_are_tried_here() -> None:
    settings = read_settings({f"EMPLETTE_{name}": text for name, text in SECRETS.items()} | SENDER)
    assert settings.environment().keys() - settings.without_secrets().keys() == {f"EMPLETTE_{name}" for name in SECRETS}


def test_every_secret_can_stand_in_a_file(tmp_path: Path) -> None:
    direct = {f"EMPLETTE_{name}": text for name, text in SECRETS.items()} | SENDER
    in_files = dict(SENDER)
    for name, text in SECRETS.items():
        (tmp_path / name).write_text(f"{text}\n")
        in_files[f"EMPLETTE_{name}_FILE"] = str(tmp_path / name)
    assert read_settings(in_files) == read_settings(direct)
    assert unknown_variables(in_files) == []
    shown = repr(read_settings(direct))
    assert "secret" not in shown
    assert "k" * 16 not in shown


@pytest.mark.parametrize(
    ("content", "also", "complaint"),
    [
        (None, {}, "EMPLETTE_DATABASE_URL_FILE: {path} cannot be read: No such file or directory"),
        ("", {}, "EMPLETTE_DATABASE_URL_FILE: {path} must hold one line, the secret"),
        ("postgresql://a\npostgresql://b\n", {}, "EMPLETTE_DATABASE_URL_FILE: {path} must hold one line, the secret"),
        ("mysql://here", {}, "EMPLETTE_DATABASE_URL: expected an address that begins with postgresql://"),
        (
            "postgresql://here",
            {"EMPLETTE_DATABASE_URL": "postgresql://there"},
            "EMPLETTE_DATABASE_URL and EMPLETTE_DATABASE_URL_FILE are both set: keep one of them",
        ),
    ],
    ids=["absent", "empty", "two lines", "no such value", "both"],
)
def test_a_file_that_is_no_secret_is_refused_without_saying_what_is_in_it(
    tmp_path: Path, content: str | None, also: dict[str, str], complaint: str
) -> None:
    path = tmp_path / "url"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BadSetting) as refused:
        read_settings({"EMPLETTE_DATABASE_URL_FILE": str(path)} | also)
    assert str(refused.value) == complaint.format(path=path)


def test_a_secret_that_everybody_can_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("postgresql://here")
    found = {}
    for mode in (0o600, 0o640, 0o644, 0o602):
        path.chmod(mode)
        found[mode] = exposed_secrets({"EMPLETTE_DATABASE_URL_FILE": str(path), "EMPLETTE_TLS_KEY": str(path)})
    exposed = ["EMPLETTE_DATABASE_URL_FILE", "EMPLETTE_TLS_KEY"]
    assert found == {0o600: [], 0o640: [], 0o644: exposed, 0o602: exposed}


def test_what_looks_like_a_setting_and_is_none_is_named() -> None:
    assert unknown_variables({"EMPLETTE_PROT": "80", "EMPLETTE_PORT": "80", "PATH": "/bin"}) == ["EMPLETTE_PROT"]


@pytest.mark.parametrize(
    ("variable", "text"), [("XDG_DATA_HOME", "/srv/mine"), ("HOME", "/home/ada")], ids=["XDG_DATA_HOME", "HOME"]
)
def test_the_data_folder_of_an_ordinary_user_is_where_its_data_is(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv(variable, text)
    expected = {"XDG_DATA_HOME": Path("/srv/mine/emplette"), "HOME": Path("/home/ada/.local/share/emplette")}
    assert read_settings({}).data_dir == expected[variable]


def test_the_data_folder_of_root_is_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert read_settings({}).data_dir == Path("/var/lib/emplette")


def test_the_page_lists_every_setting_in_the_same_words() -> None:
    page = (DOCS / "running.md").read_text()
    rows = {
        row[0].strip().strip("`"): row[-1].strip() for row in _rows(page) if row[0].strip().startswith("`EMPLETTE_")
    }
    assert rows == descriptions()


def _rows(page: str) -> list[list[str]]:
    return [line.strip().strip("|").split(" | ") for line in page.splitlines() if line.startswith("|")]
