"""Over every address: dead credentials, forged forms and foreign origins are refused, and write nothing."""

import re

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from rest_framework.test import APIClient

from alerts.services.cases.opening import open_case
from tests.access import (
    BACKEND,
    FOREIGN,
    browsing,
    dead_keys,
    dead_sessions,
    dead_tokens,
    digests,
    session_of,
    written,
)
from tests.test_access_matrix import (
    ADMIN_OPEN,
    ADMIN_ROW,
    API,
    DASHBOARD,
    EVERYBODY,
    PEOPLE,
    admin_routes,
    filled,
    to_sign_in,
)
from users.models import Customer

pytestmark = pytest.mark.django_db
# Its token is checked when the file was read as a whole; until then it says that there is no such case.
READ_FIRST = "cases/<int:pk>/files/"
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
TOKEN = "a" * 32
# Each address with some of them in turn; with all of them where time is no matter.
in_turn = pytest.mark.parametrize("some", [1, pytest.param(99, marks=pytest.mark.long)], ids=["some", "all"])


def taken(callers: dict, some: int, turn: int) -> list[tuple[str, Client]]:
    """`some` of the callers, the next ones at the next turn."""
    named = list(callers.items())
    return [named[(turn * some + step) % len(named)] for step in range(min(some, len(named)))]


def cells(table: dict) -> list[tuple[str, str]]:
    """What is granted to somebody, but not to everybody, as (route, method)."""
    return [
        (route, method) for route, row in table.items() for method, who in row.items() if who != EVERYBODY
    ]


@pytest.fixture
def untouched():
    """Names what was written since it was called last."""
    noted = {}

    def since() -> dict[str, int]:
        now = written()
        grown = {table: rows - noted.get(table, 0) for table, rows in now.items() if rows != noted.get(table)}
        noted.clear()
        noted.update(now)
        return grown

    return since


@in_turn
def test_dead_credentials_open_no_address_of_the_api(api_key, person, settings, untouched, some):
    settings.RATE_LIMIT_REQUESTS = 10_000_000
    callers = dead_keys(api_key) | dead_tokens(person)
    before, wrong = digests(), []
    untouched()
    for turn, (route, method) in enumerate(cells(API)):
        for name, client in taken(callers, some, turn):
            answer = client.generic(method, filled(f"api/v1/{route}/"), "{}", "application/json")
            if answer.status_code != 401 or answer["Content-Type"] != "application/problem+json":
                wrong.append(f"{method} {route} by {name}: {answer.status_code}")
        grown = untouched()
        if grown:
            wrong.append(f"{method} {route} wrote {grown}")
    assert wrong == []
    assert digests() == before


@in_turn
def test_dead_sessions_open_no_page(person, untouched, some):
    browsers = dead_sessions(person)
    before, wrong = digests(), []
    untouched()
    for turn, (route, method) in enumerate(cells(DASHBOARD)):
        for name, client in taken(browsers, some, turn):
            answer = client.generic(method, filled(route))
            if not to_sign_in(answer):
                wrong.append(f"{method} /{route} by {name}: {answer.status_code}")
        grown = untouched()
        if grown:
            wrong.append(f"{method} /{route} wrote {grown}")
    closed = [route for route in admin_routes() if route not in ADMIN_OPEN and "(?P" not in route]
    for turn, route in enumerate(closed):
        for name, client in taken(browsers, some, turn):
            answer = client.get(filled(route.replace("<id>", "999999")))
            if not to_sign_in(answer):
                wrong.append(f"GET /{route} by {name}: {answer.status_code}")
    assert wrong == []
    assert untouched() == {} and digests() == before


def forged(person, strict: dict) -> dict[str, Client]:
    """An admin's browser that a foreign page made send a form: without the token, or with another origin."""
    key = session_of(person("admin"))
    cookie = f"{settings.SESSION_COOKIE_NAME}={key}; csrftoken={TOKEN}"
    return {
        "without token": browsing(key, **strict),
        "with another token": Client(HTTP_COOKIE=cookie, HTTP_X_CSRFTOKEN="b" * 32, **strict),
        "from a foreign page": Client(
            HTTP_COOKIE=cookie, HTTP_X_CSRFTOKEN=TOKEN, HTTP_ORIGIN=FOREIGN, **strict
        ),
        "from an opaque origin": Client(
            HTTP_COOKIE=cookie, HTTP_X_CSRFTOKEN=TOKEN, HTTP_ORIGIN="null", **strict
        ),
    }


@in_turn
def test_no_form_is_taken_from_elsewhere(person, untouched, some):
    browsers = forged(person, {"enforce_csrf_checks": True})
    rows = [
        (route.replace("<path:object_id>", "1"), "POST") for route in admin_routes() if is_admin_form(route)
    ]
    pages = [(route, method) for route, row in DASHBOARD.items() for method in row if method in UNSAFE]
    before, wrong = digests(), []
    untouched()
    for turn, (route, method) in enumerate(pages + rows):
        for name, client in taken(browsers, some, turn):
            answer = client.generic(method, filled(route.replace("<id>", "1")))
            if answer.status_code != (404 if route == READ_FIRST else 403):
                wrong.append(f"{method} /{route} {name}: {answer.status_code}")
        grown = untouched()
        if grown:
            wrong.append(f"{method} /{route} wrote {grown}")
    assert wrong == []
    assert digests() == before


def test_no_file_is_taken_from_elsewhere(person, admin, tmp_path, settings):
    settings.CASE_FILES_DIR = tmp_path
    customer = Customer.objects.create(external_id="C-1")
    case = open_case(title="Ring", acting_user=admin, customer=customer)
    browsers = forged(person, {"enforce_csrf_checks": True})
    before = digests()
    for name, client in browsers.items():
        answer = client.post(f"/cases/{case.pk}/files/", {"file": ContentFile(b"%PDF-1.4", "a.pdf")})
        assert answer.status_code == 403, name
    assert digests() == before
    assert list(tmp_path.rglob("*.pdf")) == []


def is_admin_form(route: str) -> bool:
    row = re.fullmatch(ADMIN_ROW, route)
    return row is not None and row["what"].endswith(("add/", "change/", "delete/"))


@in_turn
def test_no_session_writes_through_the_api_from_elsewhere(person, settings, untouched, some):
    settings.RATE_LIMIT_REQUESTS = 10_000_000
    browsers = forged(person, {"enforce_csrf_checks": True})
    before, wrong = digests(), []
    untouched()
    for turn, (route, method) in enumerate(cell for cell in cells(API) if cell[1] in UNSAFE):
        for name, client in taken(browsers, some, turn):
            answer = client.generic(method, filled(f"api/v1/{route}/"), "{}", "application/json")
            if answer.status_code == 415:
                continue  # a file is no JSON, whoever sends it
            if answer.status_code != 403 or "CSRF" not in answer.json()["detail"]:
                wrong.append(f"{method} {route} {name}: {answer.status_code}")
        grown = untouched()
        if grown:
            wrong.append(f"{method} {route} wrote {grown}")
    assert wrong == []
    assert digests() == before


def test_no_answer_may_be_read_by_a_foreign_page(person, settings):
    """Not from an origin outside of CORS_ALLOWED_ORIGINS, whatever it is asked with."""
    settings.RATE_LIMIT_REQUESTS = 10_000_000
    client = APIClient(HTTP_ORIGIN=FOREIGN)
    client.force_login(person("admin"), backend=BACKEND)
    for route in API:
        asked = {"HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST"}
        answer = client.options(filled(f"api/v1/{route}/"), **asked)
        assert not [name for name in answer.headers if name.lower().startswith("access-control")], route


def test_the_tables_of_access_are_complete():
    """So that what is left out above is left out on purpose: addresses that are open to everybody."""
    open_to_all = {route for route, row in API.items() if EVERYBODY in row.values()}
    assert open_to_all == {
        "token", "token/refresh", "token/revoke", "health", "ready", "schema", "docs",
    }  # fmt: skip
    assert all(
        who <= EVERYBODY for table in (API, DASHBOARD) for row in table.values() for who in row.values()
    )
    assert PEOPLE < EVERYBODY
