"""The whole of `make run` as somebody with a fresh copy sees it: start, decide, second start, crash, stop."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns("var", ".venv", ".git", ".env", "__pycache__", ".*_cache", ".hypothesis")
pytestmark = [pytest.mark.long, pytest.mark.e2e]


def free_port() -> int:
    """With the next one free too, for the live process."""
    for port in range(18000, 19000, 2):
        with socket.socket() as one, socket.socket() as two:
            if one.connect_ex(("127.0.0.1", port)) and two.connect_ex(("127.0.0.1", port + 1)):
                return port
    raise AssertionError("no free port")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy with this run's packages, so that nothing is downloaded."""
    home = tmp_path_factory.mktemp("run") / "project"
    shutil.copytree(ROOT, home, ignore=LEFT_OUT)
    (home / ".venv" / "bin").mkdir(parents=True)
    (home / ".venv" / "bin" / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (home / ".venv" / "bin" / "python").chmod(0o755)
    (home / ".venv" / ".run-stamp").touch()
    yield home
    make(home, "stop")


def make(home: Path, *words: str, timeout: float = 300) -> subprocess.CompletedProcess:
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        ["make", *words], cwd=home, env=clean, capture_output=True, text=True, timeout=timeout
    )


def record(home: Path) -> dict:
    return json.loads((home / "var" / "supervisor.json").read_text())


def living(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_from_start_to_stop(project: Path):
    port = free_port()
    began = make(project, "run", "DETACH=1", f"PORT={port}")
    assert began.returncode == 0, began.stdout + began.stderr
    assert f"FraudGuard is up: http://127.0.0.1:{port}" in began.stdout
    assert {"admin", "analyst", "auditor"} <= set(re.findall(r"^  (\w+) ", began.stdout, re.MULTILINE))

    line = next(each for each in began.stdout.splitlines() if each.startswith("curl"))
    decided = json.loads(subprocess.run(shlex.split(line), capture_output=True, check=True).stdout)
    assert decided["decision"] in ("review", "decline")
    assert "ACCOUNT_DRAIN" in [alert["rule"] for alert in decided["alerts"]]

    second = make(project, "run", f"PORT={port}")
    assert second.returncode != 0
    assert f"FraudGuard is running already in this directory: http://127.0.0.1:{port}" in second.stderr

    before = record(project)
    os.kill(before["pid"], signal.SIGKILL)
    again = make(project, "run", "DETACH=1", f"PORT={port}")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "Stopped what a killed run left behind: web, live, beat, worker." in again.stdout
    assert not any(living(child["pid"]) for child in before["children"])

    after = record(project)
    assert make(project, "stop").stdout == "FraudGuard is stopped.\n"
    assert not any(living(child["pid"]) for child in after["children"])
    assert make(project, "stop").stdout == "FraudGuard was not running here.\n"


def test_a_taken_port_is_said_and_nothing_is_left_running(project: Path):
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        refused = make(project, "run", f"PORT={port}")

    assert refused.returncode != 0
    assert refused.stderr.startswith(f"Port {port} (PORT) is taken")
    assert "Choose another: make run PORT=8010" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (project / "var" / "supervisor.json").exists()


def test_ctrl_c_stops_everything(project: Path):
    port = free_port()
    running = subprocess.Popen(
        [sys.executable, "-m", "fraudguard.run"],
        cwd=project,
        env={"PATH": os.environ["PATH"], "PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in running.stdout:
        if line.startswith("API docs"):
            break
    children = record(project)["children"]
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=90)

    assert running.returncode == 0
    assert said.splitlines()[-1] == "Stopping ..."
    assert not any(living(child["pid"]) for child in children)


def test_a_child_that_keeps_ending_stops_everything_with_its_name(project: Path):
    (project / "fraudguard" / "asgi.py").write_text("raise SystemExit('no live process today')\n")
    port = free_port()
    ended = make(project, "run", f"PORT={port}")
    shutil.copy2(ROOT / "fraudguard" / "asgi.py", project / "fraudguard" / "asgi.py")

    assert ended.returncode != 0
    assert re.search(r"live (did not start|keeps ending)", ended.stderr)
    assert "var/log/live.log" in ended.stderr
    assert "Traceback" not in ended.stderr
