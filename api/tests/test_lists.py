"""Lists, snoozes and packs over HTTP: who may, what is refused and how it is told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fraud_detection.models import CustomList, ListEntry, Rule, RuleDraft, RuleSnooze
from fraud_detection.services.rule_packs import differences, read_pack

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]
API = "/api/v1/"


@pytest.fixture
def worker(as_person):
    return as_person("analyst")


@pytest.fixture
def mules(worker):
    body = {"name": "known_mules", "kind": "account", "description": "Mules"}
    return worker.post(f"{API}lists/", body).json()


def pointers(answer):
    return [fault["pointer"] for fault in answer.json()["errors"]]


def add(client, name="known_mules", **entry):
    return client.post(f"{API}lists/{name}/entries/", {"entries": [{"reason": "seen"} | entry]})


def test_a_list_is_made_described_and_deleted(worker, mules, document):
    assert (mules["kind"], mules["entries"], mules["version"]) == ("account", 0, 1)
    listed = document.check(worker.get(f"{API}lists/"))
    assert [each["name"] for each in listed.json()["results"]] == ["block", "allow", "known_mules"]
    edit = {"description": "Confirmed mules", "version": 1}
    edited = document.check(worker.patch(f"{API}lists/known_mules/", edit))
    assert (edited.json()["description"], edited.json()["version"]) == ("Confirmed mules", 2)
    assert document.check(worker.patch(f"{API}lists/known_mules/", edit)).status_code == 409
    assert document.check(worker.delete(f"{API}lists/known_mules/", {"version": 2})).status_code == 204
    assert worker.get(f"{API}lists/known_mules/").status_code == 404


def test_a_list_that_a_rule_uses_says_which_and_stays(worker, mules, analyst):
    rule = Rule.objects.create(engine="payments", code="PAYS_MULE")
    RuleDraft.objects.create(
        rule=rule, definition={"condition": "receiver_id in known_mules"}, author="a", saved_by="a"
    )
    refused = worker.delete(f"{API}lists/known_mules/", {"version": 1})
    assert refused.status_code == 409 and "PAYS_MULE of payments (draft)" in refused.json()["detail"]
    used = worker.get(f"{API}lists/known_mules/").json()["used_by"]
    assert used == [{"engine": "payments", "rule": "PAYS_MULE", "rule_id": rule.pk, "stage": "draft"}]
    assert CustomList.objects.get().removed_at is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "amount"}, "/name"),
        ({"name": "No Name"}, "/name"),
        ({"kind": "ip_range"}, "/kind"),
        ({"description": ""}, "/description"),
        ({"name": "nul\x00name"}, "/name"),
    ],
)
def test_a_list_that_cannot_be_is_refused_by_field(worker, body, field):
    asked = {"name": "good_name", "kind": "word", "description": "d"} | body
    answer = worker.post(f"{API}lists/", asked)
    assert (answer.status_code, pointers(answer)) == (422, [field]) and not CustomList.objects.exists()


def test_entries_are_added_once_read_edited_and_removed(worker, mules, document):
    assert document.check(add(worker, value="acc-7")).json() == {
        "added": 1,
        "unchanged": 0,
        "refused": 0,
        "errors": [],
    }
    assert add(worker, value="acc-7").json()["unchanged"] == 1
    entry = document.check(worker.get(f"{API}lists/known_mules/entries/")).json()["results"][0]
    assert (entry["value"], entry["kind"], entry["version"]) == ("acc-7", "account", 1)
    at = f"{API}lists/known_mules/entries/{entry['id']}/"
    edit = {"reason": "confirmed", "expires_at": "2999-01-01T00:00:00Z", "version": 1}
    assert document.check(worker.patch(at, edit)).json()["version"] == 2
    assert worker.patch(at, edit).status_code == 409
    assert worker.patch(at, edit | {"version": 2, "expires_at": "2020-01-01T00:00:00Z"}).status_code == 422
    assert worker.patch(at.replace("known_mules", "block"), edit).status_code == 404
    assert document.check(worker.delete(at)).status_code == 204
    assert worker.get(f"{API}lists/known_mules/entries/").json()["results"] == []
    removed = worker.get(f"{API}lists/known_mules/entries/", {"state": "removed"}).json()["results"]
    assert removed[0]["removed_by"] == worker.person.email


def test_one_wrong_entry_and_none_is_stored(worker):
    entries = [
        {"kind": "device", "value": "dev-1", "reason": "r"},
        {"kind": "ip_range", "value": "10.0.0.1/8", "reason": "r"},
        {"value": "x", "reason": "r"},
        {"kind": "device", "value": "dev-2", "reason": "r", "expires_at": "2020-01-01T00:00:00Z"},
    ]
    answer = worker.post(f"{API}lists/block/entries/", {"entries": entries})
    assert answer.status_code == 422
    assert pointers(answer) == ["/entries/1/value", "/entries/2/kind", "/entries/3/expires_at"]
    assert not ListEntry.objects.exists()


@pytest.mark.parametrize(
    "body", [{}, {"entries": []}, {"entries": "x"}, {"entries": [1]}, {"entries": [{}]}, {"entry": {}}, []]
)
def test_a_request_without_entries_is_refused(worker, body):
    answer = worker.post(f"{API}lists/block/entries/", body)
    assert answer.status_code == 422 and not ListEntry.objects.exists()


def test_a_csv_goes_in_and_out(worker, mules, document):
    def send(text, query=""):
        return worker.post(f"{API}lists/known_mules/import/{query}", text, content_type="text/csv")

    assert document.check(send("value\nacc-1\n=acc-2\n", "?reason=seen")).json()["added"] == 2
    refused = document.check(send("value,reason\nacc-3,r\n,r\nacc-4,\n"))
    assert (refused.status_code, pointers(refused)) == (422, ["/lines/3/value", "/lines/4/reason"])
    assert ListEntry.objects.count() == 2
    partial = send("value,reason\nacc-3,r\n,r\n", "?partial=true").json()
    assert (partial["added"], partial["refused"], partial["errors"][0]["line"]) == (1, 1, 3)
    out = worker.get(f"{API}lists/known_mules/export/")
    text = b"".join(out.streaming_content).decode()
    assert out["Content-Type"].startswith("text/csv") and "'=acc-2" in text
    assert send(text).json() == {"added": 0, "unchanged": 3, "refused": 0, "errors": []}
    assert send("no header").status_code == 422 and send("").status_code == 400
    assert send("value\nx\n", "?partial=perhaps").status_code == 422
    assert worker.post(f"{API}lists/known_mules/import/", {}).status_code == 415
    nowhere = worker.post(f"{API}lists/nowhere/import/", "value\nx\n", content_type="text/csv")
    assert nowhere.status_code == 404


def test_a_key_and_an_auditor_change_nothing(as_key, as_person, mules):
    for client, status in ((as_key("admin"), 403), (as_person("auditor"), 403)):
        assert add(client, value="acc-9").status_code == status
        assert client.get(f"{API}lists/").status_code == 200
    assert not ListEntry.objects.exists()


def snooze(client, **changes):
    body = {
        "engine": "payments",
        "rule": "ACCOUNT_DRAIN",
        "subject_kind": "sender",
        "subject": "acc-1",
        "reason": "known",
        "until": (timezone.now() + timedelta(days=30)).isoformat(),
    } | changes
    return client.post(f"{API}rule-snoozes/", body)


def test_a_snooze_is_made_listed_and_ended(worker, document):
    made = document.check(snooze(worker))
    assert (made.status_code, made.json()["created_by"]) == (201, worker.person.email)
    listed = document.check(worker.get(f"{API}rule-snoozes/", {"standing": "true"})).json()["results"]
    assert [each["id"] for each in listed] == [made.json()["id"]]
    ended = document.check(worker.post(f"{API}rule-snoozes/{made.json()['id']}/end/"))
    assert ended.json()["ended_by"] == worker.person.email
    assert worker.get(f"{API}rule-snoozes/", {"standing": "true"}).json()["results"] == []
    assert worker.post(f"{API}rule-snoozes/999999/end/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rule": "BLOCKLIST"}, "/rule"),
        ({"until": "2999-01-01T00:00:00Z"}, "/until"),
        ({"until": "9999-12-31T23:59:59-14:00"}, "/until"),
        ({"subject": "nul\x00"}, "/subject"),
        ({"reason": " "}, "/reason"),
    ],
)
def test_a_snooze_that_cannot_be_is_refused_by_field(worker, changes, field):
    answer = snooze(worker, **changes)
    assert (answer.status_code, pointers(answer)) == (422, [field]) and not RuleSnooze.objects.exists()


def test_packs_are_shown_and_loaded_as_drafts(worker, document):
    shown = document.check(worker.get(f"{API}rules/packs/")).json()["results"]
    mule = next(each for each in shown if each["name"] == "mule_accounts")
    assert (mule["engine"], mule["lists"], mule["is_loaded"]) == ("payments", ["known_mules"], False)
    loaded = document.check(worker.post(f"{API}rules/packs/", {"name": "mule_accounts"})).json()
    assert loaded["rules"] == [
        {"code": "PAYS_KNOWN_MULE", "stage": "draft"},
        {"code": "MULE_FAN_IN", "stage": "draft"},
    ]
    assert worker.post(f"{API}rules/packs/", {"name": "mule_accounts"}).json() == {"rules": [], "lists": []}
    assert worker.post(f"{API}rules/packs/", {"name": "nothing"}).status_code == 404
    assert RuleDraft.objects.count() == 2


def test_the_rules_in_force_go_out_as_yaml(worker):
    answer = worker.get(f"{API}rules/export/", {"engine": "payments"})
    assert answer["Content-Type"].startswith("application/yaml")
    assert differences(read_pack(answer.content)) == []
    assert worker.get(f"{API}rules/export/", {"engine": "cards"}).status_code == 422
    assert worker.get(f"{API}rules/export/").status_code == 422
