"""Defining features and fields over the API."""

import pytest

from fraud_detection.models import DeclaredField, FeatureDefinition

pytestmark = pytest.mark.django_db
SPEC = {"entity": "sender", "aggregate": "sum", "column": "amount", "window": "7d"}
NEW = {"engine": "payments", "name": "spent_week", "spec": SPEC}


@pytest.fixture
def ana(payments_engine, as_person):
    return as_person("analyst")


def post(client, path, body=None):
    return client.post(f"/api/v1/{path}/", body or {}, format="json")


def test_a_feature_goes_from_draft_to_force_and_out(ana, as_person):
    boss = as_person("admin")
    made = post(ana, "features", NEW)
    assert made.status_code == 201
    body = made.json()
    assert (body["stage"], body["number"], body["unit"], body["version"]) == ("draft", 1, "money", 1)
    path = f"features/{body['id']}"
    changed = ana.put(
        f"/api/v1/{path}/",
        {"spec": {**SPEC, "window": "8d"}, "meaning": "Eight days.", "version": 1},
        format="json",
    )
    assert changed.json()["meaning"] == "Eight days." and changed.json()["spec"]["window"] == "8d"
    assert post(ana, f"{path}/submit", {"version": 1}).status_code == 409
    assert post(ana, f"{path}/submit", {"version": 2}).json()["stage"] == "pending"
    back = post(boss, f"{path}/reject", {"version": 3, "reason": "Seven is enough."}).json()
    assert (back["stage"], back["note"]) == ("draft", "Seven is enough.")
    assert post(ana, f"{path}/submit", {"version": 4}).status_code == 200
    assert post(boss, f"{path}/approve", {"version": 5}).json()["stage"] == "active"
    listed = ana.get("/api/v1/features/?engine=payments&search=spent_week").json()["results"]
    assert [(one["name"], one["origin"], one["definition"]) for one in listed] == [
        ("spent_week", "defined", body["id"])
    ]
    assert post(boss, f"{path}/retire", {"version": 6}).json()["stage"] == "retired"
    page = ana.get("/api/v1/features/definitions/?stage=retired").json()
    assert [one["id"] for one in page["results"]] == [body["id"]] and page["next"] is None


def test_the_author_does_not_approve(as_person, payments_engine):
    boss = as_person("admin")
    made = post(boss, "features", NEW).json()
    post(boss, f"features/{made['id']}/submit", {"version": 1})
    refused = post(boss, f"features/{made['id']}/approve", {"version": 2})
    assert refused.status_code == 403 and "somebody else must approve" in refused.json()["detail"]
    assert FeatureDefinition.objects.get().stage == "pending"


def test_what_does_not_hold_is_pointed_at(ana):
    wrong = {
        **NEW,
        "spec": {**SPEC, "window": "9y", "filter": [{"column": "type", "is": "==", "value": "gift"}], "x": 1},
    }
    refused = post(ana, "features", wrong)
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [
        "/spec/x", "/spec/window", "/spec/filter/0/value",
    ]  # fmt: skip
    assert post(ana, "features", {**NEW, "name": "amount"}).json()["errors"][0]["pointer"] == "/name"
    assert post(ana, "features", {**NEW, "engine": "nothing"}).json()["errors"][0]["pointer"] == "/engine"
    assert post(ana, "features", {**NEW, "meaning": "a\nb"}).json()["errors"][0]["pointer"] == "/meaning"
    assert not FeatureDefinition.objects.exists()


NONSENSE = (
    "null",
    "3",
    '"x"',
    "[]",
    '{"entity": {"a": 1}}',
    '{"filter": [[]]}',
    '{"\\ud800": 1}',
    '{"window": 1e9}',
)


def test_nonsense_is_refused_not_answered_with_an_error(ana):
    for spec in NONSENSE:
        for path in ("features", "features/preview"):
            named = "" if path.endswith("preview") else '"name": "spent_week", '
            body = f'{{"engine": "payments", {named}"spec": {spec}}}'
            answer = ana.post(f"/api/v1/{path}/", body, content_type="application/json")
            assert answer.status_code in (400, 422), (path, spec)
    assert not FeatureDefinition.objects.exists()


def test_a_preview_tells_values(ana, as_key, payment):
    client = as_key("ingest")
    for amount in ("40.00", "2.00"):
        client.post("/api/v1/transactions/", payment(amount=amount), format="json")
    told = post(ana, "features/preview", {"engine": "payments", "spec": SPEC}).json()
    assert (told["events"], told["missing"], told["median"]) == (2, 0, 41.0)
    assert [one["value"] for one in told["values"]] == [42.0, 40.0]
    assert told["english"].startswith("Sum of the amounts over the events of this sender in the last 7d")


def test_a_declared_field_is_taken_beside_the_request(ana, as_key, payment):
    client = as_key("ingest")
    assert client.post("/api/v1/transactions/", payment(basket=3), format="json").status_code == 422
    made = post(ana, "event-fields", {"name": "basket", "kind": "number", "meaning": "Items in the basket."})
    assert made.status_code == 201 and made.json()["read_as"] == "field_basket"
    from fraud_detection.services import serving

    serving.forget()  # another process would look within two seconds
    assert client.post("/api/v1/transactions/", payment(basket=3), format="json").status_code == 201
    wrong = client.post(
        "/api/v1/score/", {"transactions": [payment(metadata={"basket": "many"})]}, format="json"
    )
    assert wrong.json()["results"][0]["errors"][0]["pointer"].endswith("metadata.basket")
    assert (
        post(ana, "event-fields", {"name": "basket", "kind": "text", "meaning": "Again."}).status_code == 409
    )
    one = f"/api/v1/event-fields/{made.json()['id']}/"
    assert ana.patch(one, {"version": 1, "active": False}, format="json").json()["active"] is False
    assert ana.patch(one, {"version": 1, "active": True}, format="json").status_code == 409
    assert [row["name"] for row in ana.get("/api/v1/event-fields/").json()["results"]] == ["basket"]
    assert post(ana, "event-fields", {"name": "amount", "kind": "number", "meaning": "x"}).status_code == 422
    assert post(ana, "event-fields", {"name": "promo", "kind": "date", "meaning": "x"}).status_code == 422
    assert DeclaredField.objects.count() == 1


def test_a_key_defines_nothing(as_key, payments_engine):
    assert post(as_key("admin"), "features", NEW).status_code == 403
    assert (
        post(
            as_key("admin"), "event-fields", {"name": "basket", "kind": "number", "meaning": "x"}
        ).status_code
        == 403
    )
