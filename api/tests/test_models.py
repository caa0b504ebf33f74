"""The registry over HTTP: reading it, changing stages with four eyes, stale views, the card."""

import pytest

from fraud_detection.models import EngineState, ModelVersion
from fraud_detection.predictor import model_path
from logs.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]
URL = "/api/v1/models/"
ANA = "ana@example.com"
REPORT = {
    "schema": 1,
    "data": {"source": "imported", "rows": 1000, "warnings": ["ten rows lack a time"]},
    "metrics": {"roc_auc": {"value": 0.91, "low": 0.9, "high": 0.92}},
    "segments": [{"segment": "channel", "value": "web|app", "n": 10, "positives": 2, "roc_auc": None}],
}


@pytest.fixture
def champion(registered):
    from fraud_detection.services.model_registry import promote_first

    version = registered(report=REPORT)
    assert promote_first(version, created_by=ANA)
    return version


def stages() -> list[str]:
    return list(ModelVersion.objects.order_by("number").values_list("stage", flat=True))


def test_the_list_and_one_model_are_as_documented(document, champion, registered, as_key):
    registered()
    reader = as_key("read")
    listed = document.check(reader.get(URL)).json()["results"]
    assert [(one["name"], one["stage"], one["version"]) for one in listed] == [
        ("payments-2", "candidate", 1),
        ("payments-1", "champion", 2),
    ]
    assert len(reader.get(f"{URL}?stage=champion&engine=payments").json()["results"]) == 1
    for address in (str(champion.pk), "payments-1"):
        shown = document.check(reader.get(f"{URL}{address}/")).json()
        assert (shown["id"], shown["prediction_hash"]) == (champion.pk, "abc123")
        assert shown["report"]["metrics"] == REPORT["metrics"] and shown["missing_live"] == []
        assert shown["card"]["features"] == list(champion.card["features"])
        assert shown["warnings"] == ["ten rows lack a time"]


def test_the_card_is_markdown_that_names_cannot_break(document, champion, as_key):
    answer = document.check(as_key("read").get(f"{URL}payments-1/card/"))
    text = answer.content.decode()
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    assert text.startswith("# payments-1\n")
    assert "| ROC AUC | 0.910 (0.900 to 0.920) |" in text
    assert "| channel: web\\|app | 10 | 2 |" in text
    assert f"| SHA-256 of the file | {champion.sha256} |" in text


def test_a_promotion_and_its_way_back(document, champion, registered, as_person):
    registered()
    admin = as_person("admin")
    answer = document.check(
        admin.post(f"{URL}payments-2/promote/", {"version": 1}, headers={"X-Request-ID": "case-0002"})
    )
    assert (answer.status_code, answer.json()["stage"], answer.json()["version"]) == (200, "champion", 2)
    assert answer.json()["promoted_by"] == admin.person.email
    assert stages() == ["retired", "champion"]
    deed = AuditEvent.objects.get(action="model.promoted", subject="payments-2")
    assert (deed.actor, deed.request_id) == (admin.person.email, "case-0002")
    back = document.check(admin.post(f"{URL}payments-2/rollback/", {"version": 2}))
    assert (back.status_code, back.json()["name"], back.json()["stage"]) == (200, "payments-1", "champion")
    assert stages() == ["champion", "retired"]


def test_shadow_and_retire(document, champion, registered, as_person):
    registered()
    admin = as_person("admin")
    shadow = document.check(admin.post(f"{URL}payments-2/shadow/", {"version": 1}))
    assert (shadow.status_code, shadow.json()["stage"]) == (200, "shadow")
    assert document.check(admin.get(f"{URL}payments-2/comparison/")).status_code == 404
    retired = document.check(admin.post(f"{URL}payments-2/retire/", {"version": 2}))
    assert (retired.status_code, retired.json()["stage"]) == (200, "retired")


def test_its_maker_cannot_promote_it(document, champion, registered, as_person):
    admin = as_person("admin")
    registered(created_by=admin.person.email)
    answer = document.check(admin.post(f"{URL}payments-2/promote/", {"version": 1}))
    assert answer.status_code == 403 and "somebody else must approve it" in answer.json()["detail"]
    assert stages() == ["champion", "candidate"]


def test_a_stale_or_impossible_change_is_a_conflict(document, champion, registered, as_person):
    registered()
    admin = as_person("admin")
    admin.post(f"{URL}payments-2/shadow/", {"version": 1})
    stale = document.check(admin.post(f"{URL}payments-2/promote/", {"version": 1}))
    assert stale.status_code == 409 and admin.person.email in stale.json()["detail"]
    for path, version in (("payments-1/retire/", 2), ("payments-2/shadow/", 2), ("payments-1/rollback/", 2)):
        assert document.check(admin.post(URL + path, {"version": version})).status_code == 409, path
    assert stages() == ["champion", "shadow"]
    assert str(EngineState.objects.get(engine="payments").model) == "payments-1"


def test_what_cannot_serve_is_refused_with_the_reason(document, champion, registered, as_person):
    registered(features=(*champion.card["features"][:1], "column:V1"))
    damaged = registered(name="other")
    model_path(damaged.path).write_bytes(b"x")
    admin = as_person("admin")
    answer = document.check(admin.post(f"{URL}payments-2/promote/", {"version": 1}))
    assert answer.status_code == 422 and "column:V1" in answer.json()["detail"]
    answer = document.check(admin.post(f"{URL}payments-3/promote/", {"version": 1}))
    assert answer.status_code == 422 and "truncated" in answer.json()["detail"]
    assert stages() == ["champion", "candidate", "candidate"]


@pytest.mark.parametrize("body", [{}, {"version": "1"}, {"version": 1, "force": True}])
def test_a_wrong_body_is_refused_by_name(document, champion, registered, as_person, body):
    registered()
    answer = document.check(as_person("admin").post(f"{URL}payments-2/promote/", body))
    assert answer.status_code == 422 and stages() == ["champion", "candidate"]


def test_a_shadow_is_compared_with_the_champion(document, champion, registered, as_person, as_key, payment):
    from fraud_detection.services import serving

    registered()
    as_person("admin").post(f"{URL}payments-2/shadow/", {"version": 1})
    serving.forget()
    as_key("ingest").post("/api/v1/transactions/", payment(), headers={"Idempotency-Key": "once"})
    found = document.check(as_key("read").get(f"{URL}payments-2/comparison/")).json()
    assert (found["scored"], found["failed"], found["agreement"]) == (1, 0, 1.0)
    assert (found["champion"]["alerts"], found["shadow"]["precision"]) == (found["shadow"]["alerts"], None)


def test_analysts_auditors_and_keys_change_nothing(champion, registered, as_person, as_key):
    registered()
    for caller in (as_person("analyst"), as_person("auditor"), as_key("admin")):
        assert caller.get(f"{URL}payments-2/").status_code == 200
        for change in ("promote", "shadow", "retire", "rollback"):
            assert caller.post(f"{URL}payments-2/{change}/", {"version": 1}).status_code == 403
    assert stages() == ["champion", "candidate"]
