"""Every setting there is: environment variables named ``EMPLETTE_...``, some of them also flags of ``emplette serve``.

docs/running.md lists them with the same words; a test compares.
"""

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, get_args, get_type_hints

import msgspec
from msgspec import Meta, Struct

from emplette.domain.hosts import fault_of_database_url, fault_of_networks, fault_of_origins
from emplette.domain.mails import fault_of_mailing

PREFIX = "EMPLETTE_"


class BadSetting(Exception):
    """A setting has a value it can't have; the message is one line that names the variable."""


def _default_data_dir() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/emplette")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "emplette"


def _default_workers() -> int:
    return min(os.cpu_count() or 1, 4)


def _default_log_format() -> Literal["json", "text"]:
    return "text" if sys.stderr.isatty() else "json"


Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Secret = Annotated[str, Meta(min_length=16)]


class Settings(Struct, frozen=True, kw_only=True):
    """How this server runs; read once at the start, never changed."""

    database_url: Annotated[
        str | None,
        Meta(
            description="The PostgreSQL (15 to 18) to serve from. Without it, an embedded one runs in the data folder."
        ),
    ] = None
    owner_database_url: Annotated[
        str | None,
        Meta(
            description="The same database as the role that owns the schema and migrates it. "
            "Without it, EMPLETTE_DATABASE_URL is used for that too."
        ),
    ] = None
    replica_url: Annotated[
        str | None,
        Meta(
            description="A streaming replica of EMPLETTE_DATABASE_URL, from which lists, counts and the log are read. "
            "Without it, everything is read from the primary."
        ),
    ] = None
    data_dir: Annotated[
        Path,
        Meta(
            description="The data folder: the embedded database, files, and who runs here. Made when missing, closed "
            "to others. /var/lib/emplette for root, else emplette below $XDG_DATA_HOME or ~/.local/share."
        ),
    ] = msgspec.field(default_factory=_default_data_dir)
    postgres_bin: Annotated[
        Path | None,
        Meta(
            description="A folder with PostgreSQL's programs (15 to 18) for the embedded database, instead of our own."
        ),
    ] = None
    files_url: Annotated[
        str | None,
        Meta(
            description="Where files are kept: s3://BUCKET/PREFIX, or file:///FOLDER, which several servers may share. "
            "Without it, the folder `files` in the data folder."
        ),
    ] = None
    files_s3_endpoint: Annotated[
        str | None,
        Meta(description="Where the bucket is when it is not Amazon's: https://HOST, or http://HOST without TLS."),
    ] = None
    backup_to: Annotated[
        str | None,
        Meta(
            description="Where back-ups are kept: a folder, or s3://BUCKET/PREFIX. Without it, the folder `backups` in "
            "the data folder."
        ),
    ] = None
    backup_s3_endpoint: Annotated[
        str | None,
        Meta(description="Where the bucket of back-ups is when it is not Amazon's: https://HOST, or http://HOST."),
    ] = None
    log_archive: Annotated[
        bool,
        Meta(
            description="Whether the embedded database's own log is kept with the back-ups, so that any moment can be "
            "restored."
        ),
    ] = False
    host: Annotated[
        str, Meta(min_length=1, description="The address to listen at; 0.0.0.0 or :: is every address.")
    ] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535, description="The port to listen at; 0 takes a free one.")] = 8377
    workers: Annotated[
        int, Meta(ge=1, le=64, description="How many HTTP workers run: as many as there are processors, at most 4.")
    ] = msgspec.field(default_factory=_default_workers)
    pool_size: Annotated[
        int, Meta(ge=1, le=200, description="How many database connections each worker opens at most.")
    ] = 10
    merged_writes: Annotated[
        bool,
        Meta(
            description="Whether calls that come at the same moment talk to the database together (true), or each for "
            "itself (false)."
        ),
    ] = True
    tls_cert: Annotated[
        Path | None, Meta(description="The certificate (with its chain, PEM) to serve HTTPS and HTTP/2 with.")
    ] = None
    tls_key: Annotated[Path | None, Meta(description="The certificate's private key (PEM, without a pass phrase).")] = (
        None
    )
    trusted_proxies: Annotated[
        tuple[str, ...],
        Meta(
            description="The proxies (addresses or networks, comma-separated) whose X-Forwarded headers are believed."
        ),
    ] = ()
    cors_origins: Annotated[
        tuple[str, ...],
        Meta(description="The origins (comma-separated) whose pages may call the API from a browser; none by default."),
    ] = ()
    webhooks_allowed_networks: Annotated[
        tuple[str, ...],
        Meta(
            description="The networks (comma-separated, as 10.1.0.0/16) that webhooks may reach although they are not "
            "of the public internet; in them without TLS as well. None by default."
        ),
    ] = ()
    rate_limit: Annotated[
        int, Meta(ge=0, description="How many calls a minute each API key may make of each worker; 0 is no limit.")
    ] = 0
    connections: Annotated[
        int,
        Meta(
            ge=64,
            le=100_000,
            description="How many connections each worker keeps open at most; when more than half of them are, those "
            "without a call are closed after seconds.",
        ),
    ] = 2048
    wrong_keys: Annotated[
        int,
        Meta(
            ge=0,
            description="How many different wrong API keys one address (of IPv6, one network of 64 bits) may show each "
            "worker in a minute before it is slowed; 0 slows nobody.",
        ),
    ] = 30
    wrong_passwords: Annotated[
        int,
        Meta(
            ge=0,
            description="How many wrong passwords one address may show each worker in a minute, or everybody together "
            "for one account, before the next ones wait; 0 slows nobody. A browser in which the person has signed in "
            "before is not slowed by others.",
        ),
    ] = 10
    session_idle: Annotated[
        float,
        Meta(gt=0, le=720, description="After how many hours without being used the session of a person ends."),
    ] = 12.0
    session_life: Annotated[
        float,
        Meta(gt=0, le=8_760, description="After how many hours the session of a person ends, however it is used."),
    ] = 168.0
    oidc_issuer: Annotated[
        str | None,
        Meta(
            description="The provider (OpenID Connect) that vouches for people: https://..., as it calls itself. "
            "Without it, people sign in with passwords alone."
        ),
    ] = None
    oidc_client_id: Annotated[str, Meta(description="Who this server is to the provider.")] = ""
    oidc_client_secret: Annotated[str, Meta(description="What proves to the provider that it is this server.")] = ""
    oidc_name: Annotated[
        str, Meta(min_length=1, description="What the provider is called on the page on which people sign in.")
    ] = "OpenID Connect"
    smtp_url: Annotated[
        str | None,
        Meta(
            description="The server that sends mails: smtp://HOST:PORT, which goes over to TLS when it can, or "
            "smtps://HOST:PORT; with USER:PASSWORD@ before the host, TLS is demanded. Without it, no mails are sent."
        ),
    ] = None
    mail_from: Annotated[
        str, Meta(description="Whom mails are from: an address, or NAME <ADDRESS>. Needed with EMPLETTE_SMTP_URL.")
    ] = ""
    public_url: Annotated[
        str | None, Meta(description="Where links in mails lead; else each company's first host.")
    ] = None
    request_timeout: Annotated[
        Seconds,
        Meta(
            description="How long a call may take, in seconds from the last byte of its body, before it gets a 503 "
            "(or a 504 when it was begun)."
        ),
    ] = 5.0
    body_timeout: Annotated[Seconds, Meta(description="How long a call's body may take to arrive, in seconds.")] = 10.0
    stop_timeout: Annotated[
        Seconds, Meta(description="How long calls under way may take to finish when the server stops, in seconds.")
    ] = 10.0
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="The least urgent lines that are logged.")
    ] = "info"
    log_format: Annotated[
        Literal["json", "text"],
        Meta(description="How lines are logged: json for machines, text for people. On a terminal text, else json."),
    ] = msgspec.field(default_factory=_default_log_format)
    demo_key: Annotated[
        Secret | None,
        Meta(description="The API key of the demo company, 16 characters at least; without it, one is made up."),
    ] = None

    setup_secret: Annotated[Secret | None, Meta(description="How the link ends that founds the first company.")] = None

    def __post_init__(self) -> None:
        if (self.tls_cert is None) != (self.tls_key is None):
            given, missing = ("TLS_CERT", "TLS_KEY") if self.tls_key is None else ("TLS_KEY", "TLS_CERT")
            raise BadSetting(f"{PREFIX}{given} is set without {PREFIX}{missing}: HTTPS needs both")
        if self.owner_database_url is not None and self.database_url is None:
            raise BadSetting(f"{PREFIX}OWNER_DATABASE_URL is set without {PREFIX}DATABASE_URL: name both")
        if self.replica_url is not None and self.database_url is None:
            raise BadSetting(f"{PREFIX}REPLICA_URL is set without {PREFIX}DATABASE_URL: name both")
        if self.files_url is not None and not self.files_url.startswith(("s3://", "file:///")):
            raise BadSetting(f"{PREFIX}FILES_URL: expected an address that begins with s3:// or file:///")
        if self.files_s3_endpoint is not None and not (self.files_url or "").startswith("s3:"):
            raise BadSetting(f"{PREFIX}FILES_S3_ENDPOINT is set without a bucket in {PREFIX}FILES_URL")
        self._check_provider()
        self._check_addresses()

    def _check_addresses(self) -> None:
        faults = {
            **{name: fault_of_database_url(getattr(self, name)) for name in _DATABASES},
            "trusted_proxies": fault_of_networks(self.trusted_proxies),
            "cors_origins": fault_of_origins(self.cors_origins),
            "webhooks_allowed_networks": fault_of_networks(self.webhooks_allowed_networks, exactly=True),
        }
        for name, fault in faults.items():
            if fault is not None:
                raise BadSetting(f"{variable(name)}: {fault}")
        fault = fault_of_mailing(self.smtp_url, self.mail_from, self.public_url)
        if fault is not None:
            raise BadSetting(f"{PREFIX}{fault}")

    def _check_provider(self) -> None:
        if self.oidc_issuer is None:
            return
        if not self.oidc_issuer.startswith(_OF_PROVIDERS):
            raise BadSetting(f"{PREFIX}OIDC_ISSUER: expected an address that begins with https://")
        if not self.oidc_client_id or not self.oidc_client_secret:
            missing = "OIDC_CLIENT_SECRET" if self.oidc_client_id else "OIDC_CLIENT_ID"
            raise BadSetting(f"{PREFIX}OIDC_ISSUER is set without {PREFIX}{missing}: set both")

    def __repr__(self) -> str:
        """Leave out what must not be read in a log."""
        shown = (f"{name}={getattr(self, name)!r}" for name in self.__struct_fields__ if name not in _SECRET)
        return f"Settings({', '.join(shown)})"

    @property
    def migrating_url(self) -> str | None:
        """The database as its owner sees it; None when it is the embedded one."""
        return self.owner_database_url or self.database_url

    def environment(self) -> dict[str, str]:
        """Write the settings as the variables they are read from, for the processes we start."""
        given = {variable(name): value for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}
        return {name: ",".join(value) if isinstance(value, tuple) else str(value) for name, value in given.items()}

    def without_secrets(self) -> dict[str, str]:
        """Write the settings as their variables, for people to read: without what opens anything."""
        return {name: value for name, value in self.environment().items() if name not in map(variable, _SECRET)}


def variable(name: str) -> str:
    """Name the environment variable of a setting."""
    return PREFIX + name.upper()


def descriptions() -> dict[str, str]:
    """Say of every variable what it is for."""
    described: dict[str, str] = {}
    for name, kind in get_type_hints(Settings, include_extras=True).items():
        described[variable(name)] = next(meta.description for meta in kind.__metadata__ if meta.description)
    return described


def unknown_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """List the variables that look like settings and are none: perhaps mistyped."""
    known = {variable(name) for name in Settings.__struct_fields__} | {_in_file(name) for name in _SECRET}
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)


def exposed_secrets(environment: Mapping[str, str] = os.environ) -> list[str]:
    """List the variables that name a file with a secret in it which every user of this machine can read or write."""
    named = {name: environment.get(name, "").strip() for name in (*map(_in_file, sorted(_SECRET)), variable("tls_key"))}
    return [name for name, path in named.items() if path and _is_open(Path(path).expanduser())]


def read_settings(environment: Mapping[str, str] = os.environ, **flags: object) -> Settings:
    """Read the environment; a flag that was given (is not None) wins over its variable. Empty is absent.

    What is secret may stand in a file that a variable names: ``EMPLETTE_DATABASE_URL_FILE``.

    Raises:
        BadSetting: a variable has a value it can't have.
    """
    values: dict[str, object] = {}
    for name in Settings.__struct_fields__:
        text = _secret(name, environment) if name in _SECRET else environment.get(variable(name), "").strip()
        if text:
            parts = [part.strip() for part in text.split(",") if part.strip()]
            values[name] = parts if name in _LISTS else text
    values |= {name: value for name, value in flags.items() if value is not None}
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise BadSetting(_explain(str(error), values)) from None


# Without TLS on this machine alone.
_OF_PROVIDERS = ("https://", "http://127.0.0.1", "http://localhost")
_DATABASES = ("database_url", "owner_database_url", "replica_url")
_LISTS = frozenset({"trusted_proxies", "cors_origins", "webhooks_allowed_networks"})
_SECRET = frozenset(
    {"database_url", "owner_database_url", "replica_url", "demo_key", "setup_secret", "oidc_client_secret", "smtp_url"}
)
_IN_WORDS = {
    "`bool`": "true or false",
    "`int`": "a whole number",
    "`float`": "a number",
    "`str` of length": "a text of length",
    ", got `str`": "",
}


def _in_file(name: str) -> str:
    return f"{variable(name)}_FILE"


def _secret(name: str, environment: Mapping[str, str]) -> str:
    """Read a secret from its variable, or from the file that another one names."""
    text, path = (environment.get(each, "").strip() for each in (variable(name), _in_file(name)))
    if not path:
        return text
    if text:
        raise BadSetting(f"{variable(name)} and {_in_file(name)} are both set: keep one of them")
    try:
        lines = Path(path).expanduser().read_text(encoding="utf-8").strip().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise BadSetting(f"{_in_file(name)}: {path} cannot be read: {reason}") from None
    if len(lines) != 1:
        raise BadSetting(f"{_in_file(name)}: {path} must hold one line, the secret")
    return lines[0]


def _is_open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH))
    except OSError:
        return False


def _decode(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value)).expanduser()
    raise NotImplementedError(kind)


def _explain(message: str, values: Mapping[str, object]) -> str:
    """Turn ``Expected `int` <= 65535 - at `$.port``` into a line that names the variable."""
    what, _, where = message.partition(" - at `$.")
    name = where.rstrip("`").split("[")[0]
    if what.startswith("Invalid enum value"):
        annotated = get_type_hints(Settings)[name]
        what = f"expected one of {', '.join(get_args(annotated))}"
    for code, words in _IN_WORDS.items():
        what = what.replace(code, words)
    given = "" if name in _SECRET else f"={values[name]}"
    return f"{variable(name)}{given}: {what[:1].lower()}{what[1:]}"
