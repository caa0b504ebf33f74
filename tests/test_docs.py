"""The documents tell of what is there: links, paths, rules, commands, settings and routes."""

import re
from pathlib import Path

import pytest

from fraud_detection.engines import aml, insurance, market, payments

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
HEADING = re.compile(r"^#+ (.+)$", re.M)
PATH = re.compile(r"\.?[\w-][\w.-]*(/[\w.-]+)*/?")
FILE_ENDINGS = (".py", ".md", ".html", ".js", ".css", ".csv", ".sh", ".conf")
TOP_ENDINGS = (".md", ".toml", ".txt", ".in", ".yml")
MADE_AT_RUN_TIME = ("var/", "data/")
TOP = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def without_blocks(text: str) -> str:
    """Code blocks hold commands and examples."""
    return re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


def anchors(path: Path) -> set[str]:
    """The fragments that a rendered document offers, one for each heading."""
    headings = HEADING.findall(without_blocks(path.read_text()))
    return {re.sub(r"[^\w\s-]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def looks_like_a_path(code: str) -> bool:
    """`api/v1/urls.py`, `ml/features/`, `pyproject.toml`; not `/score/`, `ml/<name>/` or `p.name`."""
    if not PATH.fullmatch(code) or code.startswith(MADE_AT_RUN_TIME):
        return False
    if "/" in code:
        return code.endswith((*FILE_ENDINGS, "/")) or code.split("/")[0] in TOP
    return code.endswith(TOP_ENDINGS) and not code.startswith(".")


def commands() -> list[str]:
    found = ROOT.glob("*/management/commands/*.py")
    return sorted(path.stem for path in found if path.parts[-4] in TOP and path.stem != "__init__")


def settings() -> list[str]:
    lines = text_of("env/.env.local").splitlines()
    return [line.split("=")[0] for line in lines if re.match(r"[A-Z][A-Z_]*=", line)]


@pytest.mark.parametrize("name", NAMES)
def test_every_relative_link_resolves(name):
    broken = []
    for target in LINK.findall(without_blocks(text_of(name))):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, fragment = target.partition("#")
        path = (ROOT / name).parent / file if file else ROOT / name
        if not path.exists() or (fragment and fragment not in anchors(path)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("name", NAMES)
def test_every_path_in_backticks_exists(name):
    named = {code for code in CODE.findall(without_blocks(text_of(name))) if looks_like_a_path(code)}
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("api/v1/urls.py", True),
        ("fraud/detection.py", True),
        ("ml/features/", True),
        ("docs/nothing", True),
        ("pyproject.toml", True),
        ("/score/", False),
        ("ml/domains/<name>/", False),
        ("var/log/", False),
        ("p.name", False),
        ("utils.py", False),
        ("make run", False),
    ],
)
def test_what_looks_like_a_path(code, expected):
    assert looks_like_a_path(code) is expected


def in_a_cell(expression):
    return " ".join(expression.split()).replace("|", "\\|")


@pytest.mark.parametrize(
    "pack",
    [payments.RULES, aml.RULES, insurance.RULES, market.RULES],
    ids=["payments", "aml", "insurance", "market"],
)
def test_every_rule_of_a_pack_stands_in_its_table_as_it_is(pack):
    rows = {line.split("|")[1].strip(): line for line in text_of("docs/RULES.md").splitlines() if "|" in line}
    assert sorted(rule.code for rule in pack if rule.code not in rows) == []
    for rule in pack:
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", rows[rule.code])[1:-1]]
        condition = " ".join(rule.condition.split())
        subject, severity = (
            " ".join(each.split()).replace("|", "\\|") for each in (rule.subject, rule.severity)
        )
        assert cells[1:3] == [rule.family, subject]
        assert cells[3].split(",")[0] == severity
        assert cells[4] == "`" + condition.replace("|", "\\|") + "`"
        needs = " ".join((rule.requires or "").split()).replace("|", "\\|")
        assert cells[5] == (f"`{needs}`" if needs else "-")
        assert cells[6] == (", ".join(f"{n} {v:,}" for n, v in rule.params.items()) or "-")


def test_every_command_is_documented():
    text = text_of("docs/OPERATIONS.md")
    assert [name for name in commands() if not re.search(rf"^\| `{name}\b", text, re.M)] == []


def test_every_setting_is_documented():
    named = set(CODE.findall(text_of("docs/OPERATIONS.md")))
    assert [name for name in settings() if name not in named] == []


def test_every_route_is_documented():
    from api.v1.urls import ROUTES  # settings do not stand yet when this file is collected

    named = {re.sub(r"\{.*?\}", "{}", code) for code in CODE.findall(text_of("docs/API.md"))}
    routes = {f"/{re.sub(r'<.*?>', '{}', route)}/" for route in ROUTES}
    assert sorted(routes - named) == []
