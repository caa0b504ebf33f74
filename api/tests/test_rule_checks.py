"""POST /rules/validate/ and GET /rules/features/: findings with places, names with meanings, refusals."""

import pytest

from fraud_detection.services.workbench import sample

pytestmark = pytest.mark.django_db
DEFINITION = {
    "code": "TRIAL",
    "family": "trial",
    "subject": "sender",
    "condition": "first_pair\n && amont > 3",
    "severity": "medium",
    "reason": "{amount}",
    "description": "x",
}


@pytest.fixture(autouse=True)
def fresh_sample():
    sample.forget()


def test_a_wrong_rule_is_told_where(as_person):
    answer = as_person("analyst").post(
        "/api/v1/rules/validate/", {"engine": "payments", "definition": DEFINITION}, format="json"
    )
    assert answer.status_code == 200
    assert answer.json() == {
        "errors": [
            {
                "field": "condition",
                "message": "unknown name 'amont'",
                "line": 2,
                "column": 5,
                "length": 5,
                "suggestion": "amount",
                "code": "invalid",
            }
        ],
        "warnings": [],
        "english": "When the sender pays this receiver for the first time, and line 2 (not understood yet): "
        "raise medium about the sender, weight 0.30.",
        "names": {"features": [], "parameters": [], "lists": []},
    }


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"engine": "customers", "definition": {}}, 422, "/engine"),
        ({"engine": "payments"}, 422, "/definition"),
        ({"engine": "payments", "definition": "x"}, 422, "/definition"),
        ({"engine": "payments", "definition": {}, "rule": "a\0"}, 422, "/rule"),
    ],
)
def test_what_is_no_question_is_refused(as_person, body, status, pointer):
    answer = as_person("analyst").post("/api/v1/rules/validate/", body, format="json")
    assert answer.status_code == status
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


def test_hostile_definitions_get_an_answer(as_person):
    analyst = as_person("analyst")
    for definition in ({}, {"condition": "amount > 1 && " * 8_000}, {"params": {"x": 10**30}}, {"a\0": "\0"}):
        body = {"engine": "payments", "definition": definition}
        answer = analyst.post("/api/v1/rules/validate/", body, format="json")
        assert answer.status_code == 200 and answer.json()["errors"]


def test_auditors_read_names_and_check_nothing(as_person):
    auditor = as_person("auditor")
    body = {"engine": "payments", "definition": DEFINITION}
    assert auditor.post("/api/v1/rules/validate/", body, format="json").status_code == 403
    told = auditor.get("/api/v1/rules/features/?engine=payments").json()
    assert told["engine"] == "payments" and told["decisions"] == 0
    names = {each["name"]: each for each in told["features"]}
    assert names["first_pair"]["meaning"] == "The sender never sent to this receiver before."
    assert names["currency"]["kind"] == "text"
    assert {each["name"] for each in told["functions"]} >= {"missing", "startsWith"}
    assert auditor.get("/api/v1/rules/features/").status_code == 422
