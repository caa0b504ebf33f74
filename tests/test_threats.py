"""The threat model names tests that exist."""

import ast
import re

from tests.real_server import ROOT

NAMED = re.compile(r"`([\w/]+\.py)((?:::\w+)+)`")


def functions_of(path: str) -> set[str]:
    found = set()
    for node in ast.parse((ROOT / path).read_text()).body:
        if isinstance(node, ast.FunctionDef):
            found.add(f"::{node.name}")
        elif isinstance(node, ast.ClassDef):
            found |= {f"::{node.name}::{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
    return found


def test_every_threat_is_covered_by_a_test_that_is_there():
    text = (ROOT / "docs" / "THREATS.md").read_text()
    table = text.partition("| Threat | Defence | Test |")[2].strip().splitlines()[1:]
    without = [row.split("|")[1].strip() for row in table if not NAMED.search(row)]
    missing = [name + test for name, test in NAMED.findall(text) if test not in functions_of(name)]
    assert (without, missing) == ([], [])
    assert len(table) >= 25
