"""The server against its own document: schemathesis with every check finds nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.attacked_server import attacked_server

HERE = Path(__file__).resolve().parent
SEED = "20260310"


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    log = tmp_path_factory.mktemp("schemathesis") / "web.log"
    with django_db_blocker.unblock(), attacked_server(log) as server:
        yield server


def found(server, directory: Path, *arguments: str) -> str:
    """What it reports; empty when it finds nothing."""
    command = [str(Path(sys.executable).parent / "st"), "--config-file", str(HERE / "schemathesis.toml")]
    command += ["run", f"http://127.0.0.1:{server.port}/api/v1/schema/", "--checks", "all", "--seed", SEED]
    command += ["--header", f"Authorization: {server.headers['Authorization']}", "--warnings", "off"]
    command += [
        "--continue-on-failure",
        "--request-timeout",
        "60",
        "--generation-database",
        "none",
        *arguments,
    ]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def refuse(report: str) -> None:
    """Fail with the whole report; an assertion would show its first lines."""
    if report:
        pytest.fail(report, pytrace=False)


@pytest.mark.long  # the fuzz test's short form goes over every route in make test
@pytest.mark.e2e
@pytest.mark.django_db
def test_a_request_of_every_operation(server, tmp_path):
    refuse(found(server, tmp_path, "--phases", "fuzzing", "--max-examples", "1"))


@pytest.mark.long
@pytest.mark.e2e
@pytest.mark.django_db
def test_every_phase_with_many_examples(server, tmp_path):
    refuse(found(server, tmp_path, "--max-examples", "20", "--workers", "2"))
    assert server.call("GET", "/ready").status == 200
