"""Laws that the code keeps everywhere, read from its text."""

import ast
import importlib.util
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real_server import ROOT

APPS = ("api", "dashboard", "fraud_detection", "alerts", "transactions", "users", "logs", "fraudguard")
SECRET = re.compile(r"(^|_)(secret|signature|otp|password|token|api_key)$")


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                yield path.relative_to(ROOT), ast.parse(path.read_text())


def name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def test_secrets_are_not_compared_with_equals():
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and isinstance(node.ops[0], ast.Eq | ast.NotEq)
        and not isinstance(node.comparators[0], ast.Constant)
        and any(SECRET.search(name_of(side)) for side in (node.left, *node.comparators))
    ]
    assert found == []


def test_no_serializer_takes_what_it_does_not_name():
    """Bodies reach views through `validated` and `json_object`, which refuse unknown names; nowhere else."""
    readers = {"api/views.py", "api/rehearsing.py"}  # the latter looks for magic amounts and stores nothing
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules()
        if path.parts[0] == "api" and str(path) not in readers
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "data"
        and name_of(node.value) in ("request", "_request")
    ]
    assert found == []


def test_no_form_takes_every_field_of_a_model():
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and name_of(node.targets[0]) == "fields"
        and isinstance(node.value, ast.Constant)
        and node.value.value == "__all__"
    ]
    assert found == []


@pytest.fixture
def audit():
    """env/audit.py as a module."""
    spec = importlib.util.spec_from_file_location("audit", ROOT / "env" / "audit.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_weak_package_fails_the_audit_and_no_answer_is_told_apart(audit, monkeypatch, capsys):
    """What the tool would say is put in its place: its database is not at hand here."""
    weak = {"name": "left", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}]}
    sound = {"name": "right", "version": "2.0", "vulns": []}
    unknown = {"name": "odd", "skip_reason": "not found"}
    said = {1: [sound, weak], 0: [sound, unknown], 2: [unknown]}
    for expected, packages in said.items():
        done = subprocess.CompletedProcess((), 0, json.dumps({"dependencies": packages}), "")
        monkeypatch.setattr(audit.subprocess, "run", lambda *_, done=done, **__: done)
        assert audit.main(["requirements.txt"]) == expected
    told = capsys.readouterr().out
    assert "left 1.0: CVE-1, mended in 1.1" in told
    done = subprocess.CompletedProcess((), 1, "", "no route to host")
    monkeypatch.setattr(audit.subprocess, "run", lambda *_, **__: done)
    assert audit.main(["requirements.txt"]) == 2
