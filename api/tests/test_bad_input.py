"""What is not accepted: a clear problem that names the place, and nothing stored, ever."""

import json

import pytest

from fraud_detection.models import Assessment
from transactions.models import Transaction
from users.models import Customer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]
URL = "/api/v1/transactions/"


@pytest.fixture
def client(as_key):
    return as_key("ingest", "read")


def nothing_stored() -> bool:
    return not (Transaction.objects.exists() or Assessment.objects.exists() or Customer.objects.exists())


def refused(answer, status):
    """The problem of a refusal, its form checked."""
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert list(problem) == ["type", "title", "status", "detail", "instance", "request_id", "errors"]
    assert (problem["status"], problem["request_id"]) == (status, answer["X-Request-ID"])
    assert nothing_stored()
    return problem


DEEP = '{"a":' * 5000 + "1" + "}" * 5000
MALFORMED = {
    "empty": (b"", "The body is empty."),
    "cut off": (b'{"amount": 1', "The body is not JSON: Expecting ',' delimiter at line 1, column 13."),
    "second line": (b'{"a": 1,\n}', None),
    "two values": (b"{} {}", "The body is not JSON: Extra data at line 1, column 4."),
    "NaN": (b'{"amount": NaN}', "NaN is not a JSON value."),
    "Infinity": (b'{"amount": -Infinity}', "-Infinity is not a JSON value."),
    "number too large": (b'{"amount": 1e999}', "The number 1e999 is too large."),
    "5,000 digits": (b'{"amount": ' + b"9" * 5000 + b"}", "A number of 5,000 digits is too large."),
    "name twice": (b'{"amount": 1, "amount": 2}', "The name 'amount' stands twice in one object."),
    "name twice inside": (b'{"metadata": {"a": 1, "a": 1}}', "The name 'a' stands twice in one object."),
    "not UTF-8": (b'{"sender_id": "\xff"}', "The body is not UTF-8: byte 15 cannot be read."),
    "UTF-16": ('{"amount": 1}'.encode("utf-16"), "The body is not UTF-8: byte 0 cannot be read."),
    "raw NUL": (
        b'{"sender_id": "a\x00b"}',
        "The body is not JSON: Invalid control character at at line 1, column 17.",
    ),
    "nested too deeply": (DEEP.encode(), "The JSON body is nested too deeply."),
    "lists nested too deeply": (b"[" * 100_000, "The JSON body is nested too deeply."),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_json_is_a_400_that_says_where(client, name):
    raw, detail = MALFORMED[name]
    problem = refused(client.post(URL, raw, content_type="application/json"), 400)
    assert detail in (None, problem["detail"])


VALUES = [
    ({"amount": -1}, "/amount", "too_small"),
    ({"amount": "-0.01"}, "/amount", "too_small"),
    ({"amount": 1e13}, "/amount", "too_large"),
    ({"amount": "1e400"}, "/amount", "too_large"),
    ({"amount": "NaN"}, "/amount", "not_a_number"),
    ({"amount": "Infinity"}, "/amount", "not_a_number"),
    ({"amount": "ten"}, "/amount", "not_a_number"),
    ({"amount": ""}, "/amount", "not_a_number"),
    ({"amount": True}, "/amount", "wrong_type"),
    ({"amount": [1]}, "/amount", "wrong_type"),
    ({"amount": "0.00001"}, "/amount", "too_precise"),
    ({"amount": None}, "/amount", "required"),
    ({"sender_id": 7}, "/sender_id", "wrong_type"),
    ({"sender_id": {"a": 1}}, "/sender_id", "wrong_type"),
    ({"sender_id": "  "}, "/sender_id", "blank"),
    ({"sender_id": "x" * 129}, "/sender_id", "too_long"),
    ({"sender_id": "a\x00b"}, "/sender_id", "control_character"),
    ({"sender_id": "a\ud800"}, "/sender_id", "control_character"),
    ({"transaction_id": None}, "/transaction_id", "required"),
    ({"currency": "XXQ"}, "/currency", "no_rate"),
    ({"currency": "dollars"}, "/currency", "not_a_currency"),
    ({"country": "USA"}, "/country", "not_a_country"),
    ({"type": "gift"}, "/type", "unknown_value"),
    ({"occurred_at": "2999-01-01T00:00:00Z"}, "/occurred_at", "in_the_future"),
    ({"occurred_at": "9999-12-31T23:59:59-23:59"}, "/occurred_at", "in_the_future"),
    ({"occurred_at": "0001-01-01T00:00:00+23:59"}, "/occurred_at", "too_early"),
    ({"occurred_at": "yesterday"}, "/occurred_at", "not_a_time"),
    ({"occurred_at": 1700000000}, "/occurred_at", "wrong_type"),
    ({"ip_address": "300.1.1.1"}, "/ip_address", "not_an_ip"),
    ({"latitude": 91}, "/latitude", "too_large"),
    ({"metadata": {"a": {"b": {"c": {}}}}}, "/metadata", "too_deep"),
    ({"metadata": {"a": "x" * 5000}}, "/metadata", "too_long"),
    ({"metadata": {"a": "\x00"}}, "/metadata", "control_character"),
    ({"metadata": {"a": "\ud800"}}, "/metadata", "not_an_object"),
    ({"metadata": [1]}, "/metadata", "wrong_type"),
    ({"ammount": 5}, "/ammount", "unknown_field"),
    ({"a/b~c": 5}, "/a~1b~0c", "unknown_field"),
]


@pytest.mark.parametrize(("change", "pointer", "code"), VALUES)
def test_a_value_that_is_not_accepted_is_named(client, payment, change, pointer, code):
    body = json.dumps({**payment(), **change})
    problem = refused(client.post(URL, body, content_type="application/json"), 422)
    assert [(fault["pointer"], fault["code"]) for fault in problem["errors"]] == [(pointer, code)]


def test_an_unknown_name_suggests_the_near_one(client, payment):
    problem = refused(client.post(URL, payment(ammount=5)), 422)
    assert problem["detail"] == "ammount: is not a known field; did you mean 'amount'?"


def test_every_fault_is_named_at_once(client):
    problem = refused(client.post(URL, {"amount": -1, "colour": "red"}), 422)
    assert [fault["pointer"] for fault in problem["errors"]] == [
        "/amount",
        "/colour",
        "/transaction_id",
        "/sender_id",
        "/receiver_id",
    ]
    assert problem["detail"] == "5 values were not accepted."


@pytest.mark.parametrize("body", ["[]", "3", '"text"', "null", "true"])
def test_a_body_that_is_no_object_is_refused_as_a_whole(client, body):
    problem = refused(client.post(URL, body, content_type="application/json"), 422)
    assert [(fault["pointer"], fault["code"]) for fault in problem["errors"]] == [("", "wrong_type")]


def test_a_body_of_10_mb_is_too_large(client, payment):
    body = json.dumps(payment(sender_name="x" * 10_000_000))
    problem = refused(client.post(URL, body, content_type="application/json"), 413)
    assert problem["detail"] == f"The body has {len(body):,} bytes; at most 5,242,880 are accepted."


def test_a_large_body_from_a_stranger_is_taken_in_before_the_refusal(anyone):
    body = b"x" * 4_000_000
    answer = anyone.post(URL, body, content_type="application/json")
    assert refused(answer, 401)
    assert answer.wsgi_request.read() == b""


def test_a_body_without_its_length_is_asked_for_it(client):
    answer = client.post(URL, b"", content_type="application/json", headers={"Transfer-Encoding": "chunked"})
    assert refused(answer, 411)["detail"] == "Send the body with a Content-Length."


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""])
def test_another_content_type_is_not_read(client, kind):
    refused(client.generic("POST", URL, b"{}", content_type=kind), 415)


def test_json_with_a_charset_is_read(client, payment):
    body = json.dumps(payment())
    answer = client.generic("POST", URL, body, content_type="application/json; charset=utf-8")
    assert answer.status_code == 201


def test_a_byte_order_mark_is_passed_over(client, payment):
    body = b"\xef\xbb\xbf" + json.dumps(payment()).encode()
    assert client.generic("POST", URL, body, content_type="application/json").status_code == 201


@pytest.mark.parametrize(
    "url", ["/api/v1/nothing", "/api/v2/transactions/", "/api/", "/api", "/api/v1/alerts/x/"]
)
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_an_unknown_route_is_a_404_problem(anyone, url, method):
    problem = refused(getattr(anyone, method)(url), 404)
    assert problem["instance"] == url


def test_a_method_that_a_route_lacks_is_a_405_problem(client):
    answer = client.delete(URL)
    assert refused(answer, 405)["title"] == "Method not allowed"
    assert answer["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_options_says_what_a_route_takes(anyone):
    answer = anyone.options(URL)
    assert (answer.status_code, answer["Allow"], answer.content) == (204, "GET, POST, HEAD, OPTIONS", b"")


def test_head_is_get_without_a_body(client):
    assert client.head(URL).status_code == 200


def test_an_unknown_host_is_a_problem_too(client):
    refused(client.get(URL, headers={"host": "evil.example"}), 400)


def test_a_sane_request_id_is_echoed_in_header_and_body(client):
    answer = client.get("/api/v1/nothing", headers={"X-Request-ID": "order-12345"})
    assert answer["X-Request-ID"] == answer.json()["request_id"] == "order-12345"


def test_an_insane_request_id_is_replaced(client):
    answer = client.get("/api/v1/nothing", headers={"X-Request-ID": "<script>"})
    assert len(answer["X-Request-ID"]) == 32


def test_of_many_unknown_names_twenty_are_named(as_key):
    answer = as_key("ingest").post("/api/v1/score/", {f"name-{number}": 1 for number in range(1_025)})
    errors = answer.json()["errors"]
    assert answer.status_code == 422 and len(errors) == 21
    assert [error["pointer"] for error in errors[:2]] == ["/name-0", "/name-1"]
    assert errors[20]["detail"] == "1,005 more names are not known fields"
