"""Every example of the documents is run, or checked as far as it can be."""

import base64
import gzip
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import load_command_class

from tests.attacked_server import PASSWORD, AttackedServer, attacked_server
from tests.doc_blocks import ROOT, Block, blocks, commands

# Shell blocks that are not run, and why; commands, options and make targets in them are checked.
NOT_RUN = {
    "README.md": "installs and starts the whole product; tests/test_make_run.py does",
    "docs/MODELS.md": "works on files of the reader, or trains for minutes; each command has tests",
    "docs/OPERATIONS.md": "production with Docker, or backups; tests/test_backup.py makes and restores one",
}
SHELL = """
set -eo pipefail
curl() { command curl --fail-with-body "$@"; }
"""
MORE = f"""
from users.models import User
User.objects.create_user("analyst@fraudguard.local", {PASSWORD!r}, role="analyst")
from fraud_detection.services.model_registry import register
from tests.fixtures import quick_payment_model
register(quick_payment_model(), created_by="tests")
"""


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    log = tmp_path_factory.mktemp("documents") / "web.log"
    with django_db_blocker.unblock(), attacked_server(log) as server:
        server.manage("shell", "-c", MORE)
        yield server


@pytest.fixture
def place(tmp_path):
    """A directory that looks like the project's root to a pasted command."""
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / "manage.py").symlink_to(ROOT / "manage.py")
    (tmp_path / "var").mkdir()
    logins = [{"password": ""}, {"password": PASSWORD}]
    with gzip.open(tmp_path / "day.csv.gz", "wt") as file:
        file.write("transaction_id,amount,sender_id,receiver_id\nDAY-1,10.00,a,b\n")
    (tmp_path / "var/demo.json").write_text(json.dumps({"logins": logins}))
    return tmp_path


def pasted(server: AttackedServer, place: Path, texts: list[str], first: str = "") -> str:
    """What a shell in the project's root prints when the blocks are pasted one after the other."""
    here = f"127.0.0.1:{server.port}"
    script = "\n".join([SHELL, first, *texts])
    for address in ("127.0.0.1:8000", "localhost:8000"):
        script = script.replace(address, here)
    given = server.environment | {"ADMIN_TOKEN": server.headers["Authorization"].removeprefix("Bearer ")}
    done = subprocess.run(
        ["bash", "-c", script], cwd=place, env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="the documents use curl")


@needs_curl
@pytest.mark.e2e
@pytest.mark.django_db
def test_the_api_guide_works_as_pasted(server, place):
    said = pasted(server, place, [block.text for block in blocks("sh", "docs/API.md")])
    assert '"transaction_id":"TXN-1001","decision":"decline"' in said  # under the quick model of the tests
    assert (place / "predictions.csv").exists()


@needs_curl
@pytest.mark.e2e
@pytest.mark.django_db
@pytest.mark.parametrize(
    "document",
    sorted({block.document for block in blocks("sh") if "curl" in block.text} - {"docs/API.md", "README.md"}),
)
def test_other_calls_work_as_pasted(server, place, document):
    key = server.manage("create_api_key", "docs", "--scope", "admin").strip()
    named = f'URL=http://127.0.0.1:{server.port}/api/v1\nKEY={key}\nTOKEN="$ADMIN_TOKEN"\n'
    texts = [block.text for block in blocks("sh", document) if "curl" in block.text]
    assert pasted(server, place, texts, named)


@pytest.mark.parametrize("block", [each for each in blocks("sh") if "curl" not in each.text], ids=str)
def test_commands_and_their_options_exist(block):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for line in commands(block.text):
        words = shlex.split(line)
        if "manage.py" in words:
            name, *given = words[words.index("manage.py") + 1 :]
            assert not unknown_options(name, given), f"{block}: {line}"
        if words[0] == "make":
            assert words[1] in targets, f"{block}: {line}"


def unknown_options(name: str, given: list[str]) -> set[str]:
    found = list(ROOT.glob(f"*/management/commands/{name}.py"))
    if not found and name in ("createsuperuser", "migrate", "check"):
        return set()
    assert found, f"there is no command {name}"
    parser = load_command_class(found[0].parts[-4], name).create_parser("manage.py", name)
    known = parser.format_help()
    for action in parser._actions:  # of subcommands too
        for nested in (getattr(action, "choices", None) or {}).values() if action.nargs == "A..." else ():
            known += nested.format_help()
    return {word.partition("=")[0] for word in given if word.startswith("--")} - set(
        re.findall(r"--[\w-]+", known)
    )


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_is_json(block):
    json.loads(block.text)


@pytest.mark.django_db
def test_json_of_requests_and_answers_is_what_the_document_says(as_person, payments_engine):
    from drf_spectacular.generators import SchemaGenerator
    from jsonschema import Draft202012Validator

    content = SchemaGenerator(urlconf="api.urls").get_schema(request=None, public=True)
    schemas = content["components"]["schemas"]

    def check(value, name, **changes):
        Draft202012Validator({**schemas[name], "components": content["components"], **changes}).validate(
            value
        )

    check(first(blocks("json", "docs/API.md")), "Problem")
    check(first(blocks("json", "README.md")), "DecisionBody", required=[])
    feature = first(blocks("json", "docs/DEFINING.md"))
    check(feature, "NewFeature")
    assert as_person("analyst").post("/api/v1/features/", feature).status_code == 201


def first(found: list[Block]) -> dict:
    return json.loads(found[0].text)


@pytest.mark.django_db
def test_a_rule_file_is_read():
    from fraud_detection.services.rule_packs.reading import read_pack

    for block in blocks("yaml", "docs/RULES.md"):
        assert read_pack(block.text).engine == "payments"


SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()


def signed(body: bytes) -> dict[str, str]:
    from datetime import UTC, datetime

    from standardwebhooks import Webhook

    now = datetime.now(UTC)
    signature = Webhook(SECRET).sign("m-1", now, body.decode())
    return {
        "webhook-id": "m-1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_python_runs(block, live_server, payments_engine, api_key, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "clients/python/src"))
    body = b'{"type":"alert.created"}'
    text = block.text.replace("https://fraud.example", live_server.url).replace("whsec_...", SECRET)
    text = text.replace('"fg_..."', repr(api_key("ingest", "read", "labels")))
    names = {
        "body": body,
        "headers": signed(body),
        "request": SimpleNamespace(body=body, headers=signed(body)),
    }
    exec(compile(text, str(block), "exec"), names)
    said = names.get("decision") or names.get("message") or names.get("event")
    assert said is None or said.get("decision") == "review" or said["type"] == "alert.created"


def test_every_shell_block_without_calls_is_listed_with_a_reason():
    silent = {block.document for block in blocks("sh") if "curl" not in block.text}
    unlisted = {
        document
        for document in silent - NOT_RUN.keys() - {"docs/API.md"}  # that one is pasted as a whole
        if any("manage.py" not in line and not line.startswith("make ")
               for block in blocks("sh", document) if "curl" not in block.text
               for line in commands(block.text))
    }  # fmt: skip
    assert unlisted == set()
