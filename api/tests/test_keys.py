"""Keys by way of the API: made with the secret once, rotated, revoked; by people only."""

import pytest
from rest_framework.test import APIClient

from logs.models import AuditEvent
from users.models import ApiKey, ClientSystem

pytestmark = pytest.mark.django_db
URL = "/api/v1/keys/"
BODY = {
    "client": "shop",
    "scopes": ["read"],
    "allowed_networks": ["127.0.0.1"],
    "rate_limit": 90,
    "expires_at": "2100-01-01T00:00:00Z",
}


def test_a_key_is_made_shown_once_rotated_and_revoked(as_person):
    admin = as_person("admin")
    made = admin.post(URL, BODY)
    assert made.status_code == 201
    raw, prefix = made.json()["key"], made.json()["prefix"]
    assert made.json() | {"created_at": 0, "prefix": 0, "key": 0} == {
        "prefix": 0, "client": "shop", "scopes": ["read"], "test": False, "rate_limit": 90, "state": "live",
        "allowed_networks": ["127.0.0.1/32"], "created_at": 0, "expires_at": "2100-01-01T00:00:00Z",
        "revoked_at": None, "last_used_at": None, "replaced_by": None, "key": 0,
    }  # fmt: skip
    assert APIClient(headers={"X-API-Key": raw}).get("/api/v1/rules/").status_code == 200
    shown = admin.get(f"{URL}{prefix}/")
    assert raw not in shown.content.decode() and shown.json()["last_used_at"] is not None

    successor = admin.post(f"{URL}{prefix}/rotate/", {"grace_hours": 1}).json()
    assert APIClient(headers={"X-API-Key": successor["key"]}).get("/api/v1/rules/").status_code == 200
    old = admin.get(f"{URL}{prefix}/").json()
    assert (old["state"], old["replaced_by"]) == ("replaced", successor["prefix"])
    again = admin.post(f"{URL}{prefix}/rotate/")
    assert (again.status_code, again.json()["detail"]) == (
        409, f"The key {prefix} was replaced already; make a new one instead.",
    )  # fmt: skip
    assert admin.post(f"{URL}{prefix}/revoke/").json()["state"] == "revoked"
    listed = admin.get(URL, {"client": "shop", "state": "live"}).json()["results"]
    assert [key["prefix"] for key in listed] == [successor["prefix"]]
    assert admin.get(URL, {"scope": "ingest"}).json()["results"] == []
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == [
        "api_key.created", "api_key.rotated", "api_key.created", "api_key.revoked",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"client": " "}, "/client"),
        ({"client": "x\u200b\x07"}, "/client"),
        ({"client": "\ud800"}, "/client"),
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["root"]}, "/scopes/0"),
        ({"allowed_networks": ["10.0.0.1/8"]}, "/allowed_networks"),
        ({"allowed_networks": ["\ud800"]}, "/allowed_networks/0"),
        ({"rate_limit": 0}, "/rate_limit"),
        ({"rate_limit": 10**10}, "/rate_limit"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "9999-12-31T23:59:59Z"}, "/expires_at"),
        ({"digest": "x"}, "/digest"),
    ],
)
def test_a_wrong_key_is_refused_by_name_and_nothing_is_stored(as_person, change, pointer):
    import json

    admin = as_person("admin")
    answer = admin.post(URL, json.dumps(BODY | change), content_type="application/json")
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert not ApiKey.objects.exists() and not ClientSystem.objects.filter(name="shop").exists()


def test_what_does_not_exist_and_wrong_grace(as_person, api_key):
    admin = as_person("admin")
    for deed in ("rotate/", "revoke/"):
        assert admin.post(f"{URL}00000000/{deed}").status_code == 404
    api_key("read")
    prefix = ApiKey.objects.get().prefix
    assert admin.post(f"{URL}{prefix}/rotate/", {"grace_hours": 2161}).status_code == 422
    assert ApiKey.objects.get().state == "live"


def test_an_admin_key_sees_keys_and_makes_none(as_key):
    client = as_key("admin")
    assert len(client.get(URL).json()["results"]) == 1
    assert client.post(URL, BODY).status_code == 403
    assert client.post(f"{URL}{ApiKey.objects.get().prefix}/revoke/").status_code == 403
    assert ApiKey.objects.get().state == "live"
