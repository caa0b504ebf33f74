"""The launcher's pieces that need no running FraudGuard; tests/test_make_run.py walks the whole of it."""

import os
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from fraudguard.problem import StartProblem
from fraudguard.run import banner, preflight, record
from fraudguard.run.children import Child
from fraudguard.run.restarts import RESTARTS, WITHIN


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def var(tmp_path, monkeypatch):
    monkeypatch.setattr(record, "VAR", tmp_path)
    return tmp_path


def sleeper() -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)


def test_a_taken_port_is_named_with_a_way_out(listener):
    with pytest.raises(StartProblem) as said:
        preflight.port("127.0.0.1", listener)

    assert str(said.value).startswith(f"Port {listener} (PORT) is taken")
    assert str(said.value).endswith("Choose another: make run PORT=8010")


def test_a_taken_live_port_is_named_as_such(listener):
    with pytest.raises(
        StartProblem, match=rf"^Port {listener} \(LIVE_PORT\) is taken.*make run LIVE_PORT=8020$"
    ):
        preflight.port("127.0.0.1", listener, "LIVE_PORT")


def test_a_free_port_passes(listener):
    preflight.port("127.0.0.2", listener)


def test_a_missing_openmp_runtime_is_said_with_the_package_to_install():
    with pytest.raises(StartProblem, match=r"libabsent\.so\.1 is missing.*apt-get install libgomp1"):
        preflight.libgomp("libabsent.so.1")


def test_a_second_supervisor_is_told_where_the_first_one_is(var):
    with record.claim():
        record.write("up", "http://127.0.0.1:8000", [])
        with pytest.raises(
            StartProblem, match=r"running already .*: http://127\.0\.0\.1:8000 \(process \d+\)"
        ):
            record.claim()

    record.claim().close()


def test_what_a_killed_supervisor_left_is_ended(var):
    left = sleeper()
    record.write("up", "", [("web", left.pid)])

    assert record.stop_left_behind(record.read()["children"]) == ["web"]
    assert not psutil.pid_exists(left.pid)


def test_a_number_that_is_somebody_elses_by_now_is_left_alone(var):
    stranger = sleeper()
    children = [{"name": "web", "pid": stranger.pid, "started": time.time() - 3600}]

    assert record.stop_left_behind(children) == []
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_grandchildren_of_a_dead_leader_are_ended_too(var):
    sleep = "[sys.executable, '-c', 'import time; time.sleep(60)']"
    code = f"import subprocess, sys; print(subprocess.Popen({sleep}).pid, flush=True); input()"
    leader = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    grandchild = psutil.Process(int(leader.stdout.readline()))
    record.write("up", "", [("web", leader.pid)])
    leader.kill()
    leader.wait()

    assert record.stop_left_behind(record.read()["children"]) == ["web"]
    assert not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE


def test_a_child_is_restarted_a_bounded_number_of_times():
    child = Child("web", [], patience=1)

    assert [child.may_restart(float(second)) for second in range(RESTARTS + 1)] == [True] * RESTARTS + [False]


def test_old_restarts_are_forgotten():
    child = Child("web", [], patience=1)
    for second in range(RESTARTS):
        child.may_restart(float(second))

    assert child.may_restart(WITHIN + RESTARTS)


def test_the_banner_shows_logins_and_a_line_to_paste():
    facts = banner.parse(
        'Training ...\n{"logins": [{"email": "a@b.example", "password": "pw", "role": "admin"}],'
        ' "api_key": "fg_1_2"}\n'
    )
    shown = banner.text("http://127.0.0.1:8000", facts)
    line = next(line for line in shown.splitlines() if line.startswith("curl"))

    assert "  admin    a@b.example  pw" in shown.splitlines()
    assert shlex.split(line)[4:8] == [
        "http://127.0.0.1:8000/api/v1/transactions/",
        "-H",
        "X-API-Key: fg_1_2",
        "-H",
    ]


def test_a_directory_that_cannot_be_written_is_said_in_one_line(tmp_path):
    for part in (tmp_path, *tmp_path.parents):
        if "pytest-" in str(part) and part.stat().st_uid == os.geteuid():
            part.chmod(0o711)
    tmp_path.chmod(0o555)

    assert said_without_root(tmp_path / "var") == (
        f"No permission to write {tmp_path}. Start as the owner of this directory or move the project."
    )


def said_without_root(directory: Path) -> str:
    """What a process without root's rights is told; root itself writes everywhere."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            preflight.writable(directory)
        except StartProblem as problem:
            os.write(theirs, str(problem).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    os.waitpid(child, 0)
    with open(ours) as told:
        return told.read()


def test_the_banner_warns_when_other_machines_are_let_in():
    assert "Warning" not in banner.text("http://127.0.0.1:8000", {})
    shown = banner.text("http://127.0.0.1:8000", {}, exposed="0.0.0.0").splitlines()
    assert shown[2].startswith("Warning: HOST=0.0.0.0 lets other machines in")


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("fraud.example.com", False),
    ],
)
def test_whom_an_address_lets_in(host, alone):
    assert preflight.loopback(host) is alone
