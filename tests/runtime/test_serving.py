"""The server answers, shares out its work, stops in order, and refuses a start that can't be."""

import json
import re
import signal
import socket
import ssl
import subprocess
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emplette.runtime.exits import Exit
from tests.house.source import ROOT
from tests.runtime.servers import (
    EMPLETTE,
    TINY,
    Server,
    alive,
    calls_meanwhile,
    descendants,
    environment_of,
    run,
    served,
    wait_until,
)

CERTIFICATE = ROOT / "tests" / "runtime" / "certificate"


def test_it_answers_and_serves_as_the_role_that_owns_nothing(steady: Server) -> None:
    status, _, version, scheme, word = steady.ask("/database")
    assert (status, version, scheme, word) == ("200", "1.1", "http", "emplette")


def test_a_connection_serves_many_calls(steady: Server) -> None:
    with socket.create_connection(("127.0.0.1", steady.port)) as line:
        for _ in range(3):
            line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert line.recv(4096).startswith(b"HTTP/1.1 200 OK")


def test_it_speaks_http_2_without_tls(steady: Server) -> None:
    assert _curl("--http2-prior-knowledge", steady.url).split()[1:3] == ["2", "http"]


def test_it_speaks_both_versions_with_tls_of_1_2_at_least(prepared: Path) -> None:
    certificate, key = CERTIFICATE / "localhost.pem", CERTIFICATE / "localhost.key"
    with served(prepared, tls_cert=certificate, tls_key=key, workers=1) as server:
        assert server.url.startswith("https://127.0.0.1:")
        for flag, version in (("--http1.1", "1.1"), ("--http2", "2")):
            assert _curl(flag, "--cacert", str(certificate), server.url).split()[1:3] == [version, "https"]
        context = ssl.create_default_context(cafile=certificate)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with (
            socket.create_connection(("127.0.0.1", server.port)) as line,
            context.wrap_socket(line, server_hostname="localhost") as secure,
        ):
            assert secure.version() == "TLSv1.2"


def _curl(*arguments: str) -> str:
    done = subprocess.run(["curl", "-s", "-m", "60", *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def test_two_workers_share_clients_that_come_all_at_once(steady: Server) -> None:
    lines = [socket.create_connection(("127.0.0.1", steady.port)) for _ in range(64)]
    for line in lines:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answers = [line.recv(4096).decode() for line in lines]
    for line in lines:
        line.close()
    shares = Counter(answer.rpartition("\r\n\r\n")[2].split()[0] for answer in answers)
    assert len(shares) == 2
    # Dealt out like coins: fewer than 12 of 64 for one of them happens once in ten million runs.
    assert min(shares.values()) >= 12


@pytest.mark.parametrize(("size", "status"), [(10_000, "200"), (100_000, "431")])
def test_headers_reach_the_application_which_refuses_them_better_and_end_somewhere(
    steady: Server, size: int, status: str
) -> None:
    with socket.create_connection(("127.0.0.1", steady.port), 60) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * size + b"\r\n\r\n")
        assert line.recv(4096).split(b" ")[1].decode() == status


@pytest.mark.parametrize(("header", "host"), [(b"Host: mine.test\r\n", "mine.test"), (b"", "other.test")])
def test_a_target_in_absolute_form_counts_where_no_host_is_said(steady: Server, header: bytes, host: str) -> None:
    with socket.create_connection(("127.0.0.1", steady.port), 60) as line, line.makefile("rb") as answer:
        line.sendall(b"GET http://other.test/host HTTP/1.1\r\nConnection: close\r\n" + header + b"\r\n")
        assert answer.read().decode().split()[-1] == host


def test_an_ordered_stop_finishes_the_calls_under_way_and_leaves_nothing(prepared: Path) -> None:
    with served(prepared) as server, ThreadPoolExecutor() as threads:
        family = descendants(server.pid)
        slow = threads.submit(server.ask, "/slow")
        with socket.create_connection(("127.0.0.1", server.port)) as idle:
            idle.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert idle.recv(4096)
            threading.Event().wait(0.3)
            server.signal(signal.SIGTERM)
            assert idle.recv(4096) == b"", "who says nothing is not waited for"
        assert slow.result()[0] == "200"
        assert server.wait() == Exit.STOPPED
        assert alive(family) == set()
        assert not (prepared / "running.json").exists()


def test_a_stop_does_not_wait_longer_than_it_is_told_to(prepared: Path) -> None:
    with served(prepared, stop_timeout=0.2, workers=1) as server, ThreadPoolExecutor() as threads:
        slow = threads.submit(server.ask, "/slow")
        threading.Event().wait(0.3)
        server.signal(signal.SIGINT)
        assert server.wait() == Exit.STOPPED
        with pytest.raises(ConnectionError):
            slow.result()
        assert "did not finish within 0.2 s" in server.log


def test_new_workers_take_over_one_by_one_and_the_calls_meanwhile_are_answered(server: Server) -> None:
    before = server.processes()
    with calls_meanwhile(server) as answers:
        server.signal(signal.SIGHUP)
        for name in ("worker 1", "worker 2"):
            server.wait_for_successor(name, of=before[name])
    # A connection that a worker took, but had read nothing from when it was told to stop, is closed.
    assert set(answers) <= {"200", "none"}
    assert answers.count("none") <= 4
    assert server.processes()["job worker"] == before["job worker"]


def test_new_workers_wait_no_longer_for_a_slow_one_than_a_stop_does(prepared: Path) -> None:
    with served(prepared, stop_timeout=1) as server, socket.create_connection(("127.0.0.1", server.port)) as slow:
        before = server.processes()
        # Nobody reads the answer.
        slow.sendall(b"GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n")
        threading.Event().wait(0.3)
        server.signal(signal.SIGHUP)
        for name in ("worker 1", "worker 2"):
            server.wait_for_successor(name, of=before[name])
        assert server.ask()[0] == "200"
        assert server.log.count("did not finish within 1 s") == 1


def test_nothing_is_run_that_lies_where_it_is_started(
    prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "granian.py").write_text("raise SystemExit('a stranger')")
    monkeypatch.chdir(tmp_path)
    with served(prepared, workers=1) as server:
        assert server.ask()[0] == "200"


def test_a_second_start_is_refused_and_names_the_first(steady: Server) -> None:
    done = run([*EMPLETTE, "serve"], environment_of(steady.folder))
    assert done.returncode == Exit.ALREADY_RUNNING
    assert re.fullmatch(rf"emplette: already running, process {steady.pid} \(emplette serve\): [^\n]+\n", done.stderr)
    assert steady.ask()[0] == "200"


def test_a_port_in_use_is_one_clear_line(steady: Server, folder: Path) -> None:
    done = run([*EMPLETTE, "serve", "--port", str(steady.port)], environment_of(folder))
    assert done.returncode == Exit.PORT_IN_USE
    assert done.stderr.startswith(f"emplette: port {steady.port} is in use at 127.0.0.1")
    assert done.stderr.count("\n") == 1


def test_a_folder_that_cannot_be_used_is_one_clear_line(folder: Path) -> None:
    (folder / "file").touch()
    done = run([*EMPLETTE, "serve", "--data-dir", str(folder / "file")], environment_of(folder))
    assert done.returncode == Exit.FOLDER_UNUSABLE
    assert done.stderr == f"emplette: the data folder {folder / 'file'} cannot be used: File exists\n"


def test_a_certificate_that_cannot_be_used_is_one_clear_line(folder: Path) -> None:
    settings = {"tls_cert": CERTIFICATE / "localhost.pem", "tls_key": CERTIFICATE / "localhost.pem"}
    done = run([*EMPLETTE, "serve"], environment_of(folder, **settings))
    assert done.returncode == Exit.BAD_SETTING
    assert done.stderr.startswith("emplette: EMPLETTE_TLS_CERT, EMPLETTE_TLS_KEY: ")
    assert done.stderr.count("\n") == 1


def test_a_database_that_cannot_be_reached_is_named_without_its_password(folder: Path) -> None:
    url = "postgresql://me:secret@127.0.0.1:1/books"
    done = run([*EMPLETTE, "status"], environment_of(folder, database_url=url))
    assert "127.0.0.1/books cannot be reached" in done.stdout
    assert "secret" not in done.stdout + done.stderr


def test_a_worker_that_cannot_start_ends_the_start_and_says_why(prepared: Path) -> None:
    done = run(TINY, environment_of(prepared) | {"TINY_FAILS": "1"})
    assert done.returncode == Exit.FAILED
    said = done.stderr.splitlines()
    assert any(json.loads(line).get("reason") == "told to fail" for line in said[:-1])
    assert re.fullmatch(r"emplette: worker \d did not start \(exit code 1\)", said[-1])


def test_a_stop_during_the_start_leaves_nothing(prepared: Path) -> None:
    with subprocess.Popen(
        TINY, env=environment_of(prepared), stderr=subprocess.PIPE, start_new_session=True
    ) as starting:
        wait_until((prepared / "running.json").exists, "the start has begun")
        family = descendants(starting.pid)
        starting.send_signal(signal.SIGTERM)
        assert starting.wait(60) == Exit.STOPPED
    assert alive(family) == set()


def test_status_says_what_runs_and_a_script_can_read_it(steady: Server) -> None:
    environment = environment_of(steady.folder)
    done = run([*EMPLETTE, "status"], environment)
    assert done.returncode == Exit.STOPPED
    assert f"emplette serve, process {steady.pid}, since 20" in done.stdout
    said = json.loads(run([*EMPLETTE, "status", "--json"], environment).stdout)
    assert said["running"] is True
    assert said["url"] == steady.url
    assert said["database"].startswith("PostgreSQL 18.")
    assert (said["schema"], said["tenants"]) == ("up to date", "0")
    assert {name for name in said if "worker" in name} == {"worker 1", "worker 2", "job worker"}


def test_status_of_nothing_ends_with_the_code_of_init_scripts_and_makes_nothing(folder: Path) -> None:
    done = run([*EMPLETTE, "status", "--data-dir", str(folder / "none")], environment_of(folder))
    assert done.returncode == Exit.NOT_RUNNING
    assert "not running" in done.stdout
    assert not (folder / "none").exists()


def test_status_tells_of_a_restore_that_never_ended(folder: Path) -> None:
    (folder / "half-restored").touch()
    done = run([*EMPLETTE, "status"], environment_of(folder))
    assert done.returncode == Exit.NOT_RUNNING
    assert done.stdout.endswith("; half restored: `emplette restore` starts again\n")
