"""The OpenAPI document is valid, complete, and says what the server does."""

import json

import pytest
from jsonschema import ValidationError
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.v1.payment_request import EXAMPLE, PAYSIM_EXAMPLE
from api.v1.urls import ROUTES
from fraud_detection.selectors import payment_fields

UNLISTED = {"schema", "docs"}  # the document itself and its browsable form


def test_the_document_is_valid_openapi_31(document):
    assert document.content["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document.content).validate()
    assert "nullable" not in json.dumps(document.content)  # a word of version 3.0, without meaning now


def test_every_route_is_in_it_and_every_operation_documents_its_problems(document):
    import re

    routes = {"/api/v1/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route) + "/" for route in set(ROUTES) - UNLISTED}
    assert set(document.content["paths"]) == routes
    for item in document.content["paths"].values():
        for operation in item.values():
            assert operation["summary"]
            assert {"400", "500", "503"} <= set(operation["responses"])


def test_every_request_body_has_an_example_that_its_schema_accepts(document):
    operations = (op for item in document.content["paths"].values() for op in item.values())
    without = []
    for operation in operations:
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            examples = [content["example"]] if "example" in content else []
            examples += [one["value"] for one in content.get("examples", {}).values()]
            if not examples:
                without.append(operation["operationId"])
            for example in examples if kind == "application/json" else ():
                document.validate(example, content["schema"])
    assert without == []


def test_every_tag_is_explained_and_nothing_else(document):
    used = {tag for item in document.content["paths"].values() for op in item.values() for tag in op["tags"]}
    told = {tag["name"]: tag["description"] for tag in document.content["tags"]}
    assert used - told.keys() == set() and all(told.values())
    assert document.content["servers"] and document.content["info"]["license"]
    assert set(document.content["components"]["securitySchemes"]) == {"apiKey", "bearer", "cookieAuth"}


def test_every_operation_documents_the_errors_that_it_can_have(document):
    for path, item in document.content["paths"].items():
        for method, operation in item.items():
            codes = set(operation["responses"])
            if "requestBody" in operation:
                assert {"400", "413", "415", "422"} <= codes, (method, path)
            if {"apiKey": []} in operation.get("security", ()):
                assert {"401", "403", "429"} <= codes, (method, path)
            if "{" in path:
                assert "404" in codes, (method, path)
            for answer in operation["responses"].values():
                assert "X-Request-ID" in answer["headers"]
            assert "Retry-After" in operation["responses"]["503"]["headers"]


def test_the_request_of_a_payment_has_the_fields_of_the_engine(document):
    request = document.content["components"]["schemas"]["PaymentRequest"]
    assert list(request["properties"]) == [field.name for field in payment_fields()]
    assert request["required"] == ["transaction_id", "amount", "sender_id", "receiver_id"]
    assert request["additionalProperties"] is False


@pytest.mark.parametrize("example", [EXAMPLE, PAYSIM_EXAMPLE])
@pytest.mark.django_db
def test_the_examples_are_accepted_as_documented(document, payments_engine, as_key, example):
    document.validate(example, {"$ref": "#/components/schemas/Event"})
    assert document.check(as_key("ingest").post("/api/v1/transactions/", example)).status_code == 201


@pytest.mark.parametrize("wrong", [{"amount": 1}, EXAMPLE | {"colour": "red"}, EXAMPLE | {"amount": []}])
def test_what_the_document_refuses_the_server_refuses(document, wrong):
    with pytest.raises(ValidationError):
        document.validate(wrong, {"$ref": "#/components/schemas/Event"})


@pytest.mark.django_db
def test_the_served_document_is_this_one(document, anyone):
    answer = anyone.get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    assert set(json.loads(answer.content)["paths"]) == set(document.content["paths"])
    assert anyone.get("/api/v1/schema/").content.startswith(b"openapi: 3.1.0")


@pytest.mark.django_db
def test_the_docs_need_no_foreign_or_inline_script(anyone):
    page = anyone.get("/api/v1/docs/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text
    assert "<script>" not in text
    script = anyone.get("/api/v1/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/v1/schema/" in script.content.decode()


@pytest.fixture
def worked(approving_engine, as_key, as_person, payment, drain):
    """A store with an approved payment, a reviewed one and its alert."""
    sender = as_key("ingest")
    sender.post("/api/v1/transactions/", payment(transaction_id="A", metadata={"basket": 1}))
    sender.post("/api/v1/transactions/", drain(transaction_id="B", channel="web", sender_name="Alice"))


@pytest.mark.django_db
def test_answers_are_what_the_document_says(document, worked, as_key, as_person, anyone, payment):
    from alerts.models import Alert

    base, alert = "/api/v1/", Alert.objects.get()
    reader, analyst = as_key("read"), as_person("analyst")
    for path in (
        "transactions/", "transactions/A/", "transactions/B/", "predictions/", "alerts/", "customers/",
        "customers/acc-1/", "statistics/", "analytics/fraud-trends/", "analytics/transaction-patterns/",
        "analytics/risk-distribution/", "analytics/model-performance/", "analytics/rule-performance/",
        "services/status/", "metrics/", "prometheus/", f"alerts/{alert.pk}/",
    ):  # fmt: skip
        assert document.check(reader.get(base + path)).status_code == 200
    for row in reader.get(f"{base}predictions/").json()["results"]:
        document.check(reader.get(f"{base}predictions/{row['id']}/"))
    document.check(anyone.get(f"{base}health/"))
    document.check(anyone.get(f"{base}ready/"))
    document.check(analyst.post(f"{base}score/", {"transactions": [payment(), {"amount": 1}]}))
    document.check(analyst.post(f"{base}alerts/{alert.pk}/assign/", {"assignee": None, "version": 99}))
    document.check(
        analyst.post(f"{base}alerts/{alert.pk}/assign/", {"assignee": analyst.person.email, "version": 1})
    )
    verdict = {"disposition": "confirmed_fraud", "note": "called", "version": 2}
    assert document.check(analyst.post(f"{base}alerts/{alert.pk}/resolve/", verdict)).status_code == 200
    document.check(reader.get(f"{base}alerts/{alert.pk}/"))


@pytest.mark.django_db
def test_refusals_are_what_the_document_says(document, worked, as_key, as_person, anyone, payment):
    base, sender, reader = "/api/v1/", as_key("ingest"), as_key("read")
    refusals = [
        (anyone.get(f"{base}transactions/"), 401),
        (sender.get(f"{base}transactions/"), 403),
        (reader.get(f"{base}transactions/none/"), 404),
        (reader.get(f"{base}transactions/?colour=red"), 422),
        (reader.get(f"{base}transactions/?q=%00"), 400),
        (reader.get(f"{base}predictions/99/"), 404),
        (reader.get(f"{base}alerts/99/"), 404),
        (reader.get(f"{base}customers/none/"), 404),
        (reader.get(f"{base}analytics/fraud-trends/?days=0"), 422),
        (sender.post(f"{base}transactions/", payment(transaction_id="A")), 409),
        (sender.post(f"{base}transactions/", {}), 422),
        (sender.post(f"{base}transactions/", b"{", content_type="application/json"), 400),
        (sender.post(f"{base}transactions/", b"x" * 6_000_000, content_type="application/json"), 413),
        (sender.post(f"{base}transactions/", b"{}", content_type="text/plain"), 415),
        (sender.post(f"{base}score/", {}), 422),
        (sender.post(f"{base}alerts/1/resolve/", {}), 403),
        (as_person().post(f"{base}alerts/99/resolve/", {}), 422),
        (anyone.post(f"{base}token/", {}), 422),
        (anyone.post(f"{base}token/", {"email": "a@example.com", "password": "x"}), 401),
        (anyone.post(f"{base}token/refresh/", {"refresh": "x"}), 401),
        (anyone.post(f"{base}token/revoke/", {"refresh": "x"}), 401),
    ]
    for answer, status in refusals:
        assert document.check(answer).status_code == status
