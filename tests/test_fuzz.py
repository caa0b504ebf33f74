"""Whatever is sent, the server refuses it in its own words and stays as it was."""

import re
from collections import Counter
from pathlib import Path

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from tests.attacked_server import attacked_server
from tests.fuzzing import Fuzzer, Request
from tests.raw_http import RawConnection
from users.services.tokens import issue_tokens

ROOT = str(Path(__file__).resolve().parent.parent)
LEAKS = re.compile(
    rb"Traceback|File \"/|site-packages|psycopg|django\.|\.py\"|line \d+, in |"
    rb"relation \"|DETAIL:  |SELECT |INSERT INTO |UPDATE \"|" + re.escape(ROOT).encode() + rb"|correct horse"
)
SEED = 20_260_310
MOST_GROWTH = 120.0  # MiB over two workers, after they have seen every kind of request


def document() -> dict:
    return SchemaGenerator(urlconf="api.urls").get_schema(request=None, public=True)


def fault_of(request: Request, status: int, kind: str, body: bytes) -> str:
    """What is wrong with an answer; empty when nothing is."""
    if status == 0 or 400 <= status < 500 or status == 503:
        problem = kind.startswith("application/problem+json")
        answered = not body or problem or "/ready" in request.path  # which says what is missing
        wrong = status >= 400 and request.path.startswith("/api/") and not answered
    else:
        wrong = not 200 <= status < 400
    leaked = LEAKS.search(body) if "/docs" not in request.path else None
    if wrong or leaked:
        told = leaked.group(0) if leaked else body[:300]
        return (
            f"{request.method} {request.path[:200]} {request.headers} {request.body[:300]}: {status} {told}"
        )
    return ""


@pytest.mark.django_db
def test_hundreds_of_wild_requests_are_answered_soundly(payments_engine, as_person, person, drain):
    """In this process; the first of those that the long test sends to a real server."""
    admin = as_person(user=person("admin", pk=7_777_777_777))  # nobody guesses it, to sign it out
    admin.post("/api/v1/transactions/", drain(transaction_id="T-1"))
    client = APIClient(raise_request_exception=False)
    token = f"Bearer {issue_tokens(admin.person).access}"
    faults, statuses = [], Counter()
    for request in Fuzzer(document(), SEED).requests(300):
        given = {name: value for name, value in request.headers if name != "Content-Type"}
        answer = client.generic(
            request.method, request.path, request.body, content_type=dict(request.headers)["Content-Type"],
            headers={"Authorization": token} | given,
        )  # fmt: skip
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        statuses[answer.status_code] += 1
        faults.append(fault_of(request, answer.status_code, answer.get("Content-Type", ""), body))
    assert [fault for fault in faults if fault] == []
    assert {200, 404, 422} <= statuses.keys()


@pytest.mark.long
@pytest.mark.e2e
@pytest.mark.django_db
def test_ten_thousand_wild_requests_leave_the_server_as_it_was(
    django_db_setup, django_db_blocker, tmp_path, capsys
):
    with django_db_blocker.unblock(), attacked_server(tmp_path / "web.log") as server:
        described, statuses, faults = document(), Counter(), []
        with RawConnection(server.port, server.headers) as connection:
            for request in Fuzzer(described, SEED + 1).requests(2_000):  # every kind has been seen once
                connection.send(request)
            before = server.memory()
            for request in Fuzzer(described, SEED).requests(10_000):
                answer = connection.send(request)
                statuses[answer.status] += 1
                faults.append(fault_of(request, *answer))
        after = server.memory()
        with capsys.disabled():
            print(f"\n10,000 requests: {dict(sorted(statuses.items()))}; {before:.0f} -> {after:.0f} MiB")
        assert [fault for fault in faults if fault] == []
        assert server.call("GET", "/ready").status == 200
        assert after - before < MOST_GROWTH
        assert "request_failed" not in server.log.read_text()
