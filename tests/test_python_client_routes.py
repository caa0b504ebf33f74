"""The Python client has every operation of the API, asks the right address, and is typed."""

import inspect
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "clients/python/src"))

from fraudguard_client import FraudGuard, JobNotEnded, NotFound, Retrying

ROOT = Path(__file__).resolve().parent.parent
REMEDY = "manage.py spectacular --format openapi-json --urlconf api.urls | python clients/python/generate.py"


@pytest.fixture(scope="module")
def document():
    from drf_spectacular.generators import SchemaGenerator  # apps are not loaded when this is collected

    return SchemaGenerator(urlconf="api.urls").get_schema(request=None, public=True)


def test_every_operation_is_a_method_that_asks_its_address(document):
    asked: list[httpx.Request] = []

    def network(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"results": [], "next": None})

    client = FraudGuard("http://server", transport=httpx.MockTransport(network))
    wrong = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            name = operation["operationId"]
            call = getattr(client, name, None)
            if call is None:
                wrong.append(f"{name} is missing")
                continue
            needed = [one for one in inspect.signature(call).parameters.values() if one.default is one.empty]
            given = {
                one.name: ("f.csv", b"x")
                if one.name == "file"
                else "a/b"
                if f"{{{one.name}}}" in path
                else "x"
                for one in needed
            }
            answer = call(**given)
            if inspect.isgenerator(answer):
                list(answer)
            expected = re.sub(r"\{\w+\}", "a%2Fb", path)
            if (asked[-1].method, asked[-1].url.raw_path.decode().partition("?")[0]) != (
                method.upper(),
                expected,
            ):
                wrong.append(f"{name} asks {asked[-1].method} {asked[-1].url}")
    assert wrong == [], REMEDY


@pytest.mark.django_db(transaction=True)
def test_work_of_a_person_by_its_own_names(live_server, payments_engine, person, drain):
    from users.services.tokens import issue_tokens

    analyst = person("analyst")
    with FraudGuard(live_server.url, token=issue_tokens(analyst).access) as fraud:
        fraud.decide(drain(transaction_id="T-1"))
        alert = next(fraud.list_alerts(status="open", limit=1))
        taken = fraud.assign_alert(alert["id"], assignee=analyst.email, version=alert["version"])
        case = fraud.open_case(title="Drained", alerts=[alert["id"]], idempotency_key="case-1")
        assert fraud.open_case(title="Drained", alerts=[alert["id"]], idempotency_key="case-1") == case
        fraud.attach_file_to_case(case["id"], ("note.txt", b"seen at the desk"))
        assert fraud.export_case(case["id"], format="zip")[:2] == b"PK"
        made = fraud.make_list(name="watched_shops", kind="merchant", description="Look twice")
        fraud.import_list(made["name"], "value,reason\nshop-1,Seen\n")
        assert b"shop-1" in fraud.export_list(made["name"])
        assert fraud.delete_list(made["name"], version=made["version"]) is None
        with pytest.raises(NotFound):
            fraud.show_list("watched_shops")
    assert taken["assignee"] == analyst.email


def test_a_job_is_waited_for_and_its_results_are_fetched(tmp_path):
    states = iter(("queued", "running", "done"))

    def network(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            assert b'filename="rows.csv"' in request.content and b"payments" in request.content
            return httpx.Response(202, json={"id": 7, "state": "queued", "rows_done": 0})
        if request.url.path.endswith("/results/"):
            return httpx.Response(200, content=b"line,decision\n1,approve\n")
        return httpx.Response(200, json={"id": 7, "state": next(states, "running"), "rows_done": 1})

    (tmp_path / "rows.csv").write_text("transaction_id\nT-1\n")
    client = FraudGuard("http://server", transport=httpx.MockTransport(network))
    job = client.upload_job(tmp_path / "rows.csv")
    assert client.wait_for_job(job["id"], every=0.0)["state"] == "done"
    assert client.download_job_results(7, tmp_path / "out.csv").read_text().startswith("line,decision")
    with pytest.raises(JobNotEnded):
        client.wait_for_job(7, seconds=0.0, every=0.0)


@pytest.mark.parametrize(("said", "least", "most"), [("7", 7, 7), ("600", 120, 120), ("soon", 0.05, 0.1)])
def test_the_server_is_given_the_time_it_asks_for(said, least, most):
    assert least <= Retrying().wait(1, said) <= most


def test_a_date_to_come_back_at_is_understood():
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 50 < Retrying().wait(1, soon) <= 60


@pytest.mark.long
def test_its_types_hold():
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", "/dev/null", "fraudguard_client"]
    done = subprocess.run(
        command, cwd=ROOT / "clients/python/src", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
