"""Every request carries an id."""

import re

import pytest
import structlog
from django.http import HttpResponse
from django.test import RequestFactory

from logs.middleware import RequestIdMiddleware


def answered(given: str | None = None):
    seen = {}

    def view(request):
        seen.update(request_id=request.request_id, bound=structlog.contextvars.get_contextvars())
        return HttpResponse()

    request = RequestFactory().get("/", headers={"X-Request-ID": given} if given is not None else {})
    return seen, RequestIdMiddleware(view)(request)["X-Request-ID"]


@pytest.mark.parametrize("given", ["abcd1234", "trace:7f3a-00.b_9", "a" * 64])
def test_a_sane_id_is_kept(given):
    seen, echoed = answered(given)
    assert echoed == seen["request_id"] == seen["bound"]["request_id"] == given
    assert "request_id" not in structlog.contextvars.get_contextvars()


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "short",
        "a" * 65,
        "two words",
        "a\nb-c-d-e-f",
        "abcdefgh\n",
        "<script>",
        "ünïcödé-id",
        "4539578763621486",
    ],
)
def test_any_other_is_replaced(given):
    seen, echoed = answered(given)
    assert re.fullmatch("[0-9a-f]{32}", echoed) and seen["request_id"] == echoed


def test_the_browsers_name_is_known_without_a_card_number():
    seen = {}

    def view(request):
        seen["browser"] = request.headers["User-Agent"]
        return HttpResponse()

    RequestIdMiddleware(view)(
        RequestFactory().get("/", headers={"User-Agent": "Mozilla/5.0 4539578763621486 X"})
    )
    assert seen["browser"].startswith("Mozilla/5.0 453957******1486:") and seen["browser"].endswith(" X")


def test_ids_differ_and_are_let_go_after_a_failure():
    assert answered()[1] != answered()[1]

    def failing(request):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        RequestIdMiddleware(failing)(RequestFactory().get("/"))
    assert "request_id" not in structlog.contextvars.get_contextvars()


@pytest.mark.django_db
def test_a_page_of_the_site_answers_the_id(client):
    assert client.get("/health", headers={"X-Request-ID": "trace-0001"})["X-Request-ID"] == "trace-0001"
