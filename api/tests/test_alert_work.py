"""Working alerts over HTTP: snooze, undo, reopen, bulk, next, queues, team figures."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.models import Alert, Queue
from alerts.services.placing import place_alerts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]
URL = "/api/v1/alerts/"


@pytest.fixture
def alert(as_key, drain):
    as_key("ingest").post("/api/v1/transactions/", drain(transaction_id="B"))
    return Alert.objects.get()


@pytest.fixture
def checked(document):
    """checked(answer, 200) is its body, after the document was held against it."""

    def check(answer, status=200):
        assert document.check(answer).status_code == status, answer.content
        return answer.json() if answer.content else None

    return check


def later(hours=1):
    return (timezone.now() + timedelta(hours=hours)).isoformat()


def test_snoozed_woken_resolved_undone_and_reopened(alert, as_person, checked):
    client, one = as_person("analyst"), f"{URL}{alert.pk}/"
    assert checked(client.get(one))["new_hits"] is None
    asleep = checked(client.post(f"{one}snooze/", {"until": later(), "reason": "bank", "version": 1}))
    assert asleep["snoozed_until"] and asleep["version"] == 2
    assert [row["id"] for row in checked(client.get(URL, {"snoozed": "true"}))["results"]] == [alert.pk]
    assert checked(client.get(URL, {"snoozed": "false"}))["results"] == []
    checked(client.get(f"{URL}next/"), 204)
    checked(client.post(f"{one}wake/", {"version": 1}), 409)
    assert checked(client.post(f"{one}wake/", {"version": 2}))["snoozed_until"] is None
    checked(client.post(f"{one}wake/", {"version": 3}), 409)
    verdict = {"disposition": "confirmed_fraud", "reason_code": "known_fraud", "version": 3}
    assert checked(client.post(f"{one}resolve/", verdict))["note"] == "Linked to known fraud"
    checked(as_person("admin").post(f"{one}undo/"), 409)
    assert checked(client.post(f"{one}undo/"))["status"] == "open"
    checked(client.post(f"{one}resolve/", verdict | {"version": 5}))
    reopened = checked(client.post(f"{one}reopen/", {"reason": "new facts", "version": 6}))
    assert (reopened["status"], reopened["reason_code"]) == ("open", "")
    shown = checked(client.get(one))
    assert shown["new_hits"] == 0 and [step["what"] for step in shown["history"]][:2] == [
        "opened it again",
        "closed it as confirmed fraud",
    ]


@pytest.mark.parametrize(
    ("what", "body", "pointers"),
    [
        ("snooze", {"until": "soon", "reason": "x", "version": 1}, ["/until"]),
        ("snooze", {"until": "2020-01-01T00:00:00Z", "reason": "x", "version": 1}, ["/until"]),
        ("snooze", {"until": "2999-01-01T00:00:00Z", "reason": " ", "version": 1}, ["/reason"]),
        ("resolve", {"disposition": "duplicate", "note": "x", "version": 1}, ["/duplicate_of"]),
        ("resolve", {"disposition": "inconclusive", "reason_code": "?", "version": 1}, ["/reason_code"]),
        ("reopen", {"version": 1}, ["/reason"]),
        ("move", {"queue": "none", "reason": "x", "version": 1}, ["/queue"]),
    ],
)
def test_what_is_wrong_is_named_and_changes_nothing(alert, as_person, checked, what, body, pointers):
    faults = checked(as_person().post(f"{URL}{alert.pk}/{what}/", body), 422)["errors"]
    assert [fault["pointer"] for fault in faults] == pointers
    assert Alert.objects.get().version == 1


def test_the_next_best_is_taken_once(alert, as_person, as_key, checked):
    first, second = as_person("analyst"), as_person("analyst")
    assert checked(as_key("read").get(f"{URL}next/"))["assignee"] is None
    assert checked(first.post(f"{URL}next/", {}))["assignee"] == first.person.email
    checked(second.post(f"{URL}next/", {}), 204)
    checked(first.post(f"{URL}next/", {"after": alert.pk}), 204)
    checked(first.post(f"{URL}next/", {"queue": "none"}), 422)


def test_many_at_once(alert, as_person, checked):
    client, both = as_person("analyst"), [{"id": alert.pk, "version": 1}, {"id": 10**15, "version": 1}]
    said = checked(client.post(f"{URL}bulk/", {"action": "assign", "alerts": both, "assignee": None}))
    assert said["refused"] == [{"id": 10**15, "why": "there is no such alert"}]
    seen = [{"id": alert.pk, "version": 2}]
    given = {"action": "snooze", "alerts": seen, "until": later(), "reason": "bank"}
    assert checked(client.post(f"{URL}bulk/", given))["done"] == [alert.pk]
    seen = [{"id": alert.pk, "version": 3}]
    given = {"action": "resolve", "alerts": seen, "disposition": "false_positive", "note": "campaign"}
    assert checked(client.post(f"{URL}bulk/", given))["done"] == [alert.pk]
    assert checked(client.post(f"{URL}bulk/", given))["already"] == [alert.pk]
    for body, pointer in (
        ({"action": "resolve", "alerts": seen}, "/disposition"),
        ({"action": "snooze", "alerts": seen, "until": later()}, "/reason"),
        ({"action": "resolve", "alerts": seen, "disposition": "false_positive"}, "/note"),
        ({"action": "assign", "alerts": seen}, "/assignee"),
        ({"action": "drop", "alerts": seen}, "/action"),
    ):
        faults = checked(client.post(f"{URL}bulk/", body), 422)["errors"]
        assert [fault["pointer"] for fault in faults] == [pointer]
    for alerts in ([], [1], "x", [{"id": "1", "version": 1}], seen * 1_001):
        checked(client.post(f"{URL}bulk/", {"action": "assign", "assignee": None, "alerts": alerts}), 422)


def test_the_list_in_the_order_of_the_queue(as_key, as_person, drain, checked):
    sender, reader = as_key("ingest"), as_key("read")
    for number in range(3):
        amount = f"{9000 + number}.00"
        sender.post("/api/v1/transactions/", drain(sender_id=f"s-{number}", amount=amount))
    first = checked(reader.get(URL, {"order": "priority", "limit": 2, "status": "open"}))
    rest = checked(reader.get(URL, {"order": "priority", "limit": 2, "cursor": first["next_cursor"]}))
    listed = [row["id"] for row in [*first["results"], *rest["results"]]]
    assert listed == list(
        Alert.objects.order_by("-priority_key", "-id").values_list("pk", flat=True)[: len(listed)]
    )
    assert len(set(listed)) == len(listed) >= 3
    for cursor in ("x", "bmFuOjE", "MQ", "aW5mOjE"):
        checked(reader.get(URL, {"order": "priority", "cursor": cursor}), 422)


def test_queues_are_kept_and_alerts_moved(alert, as_person, as_key, analyst, checked):
    boss, reader = as_person("admin"), as_key("read")
    body = {"name": "Drained", "filter": {"family": ["balance"]}, "due_minutes": {"high": 30}}
    made = checked(boss.post("/api/v1/queues/", body), 201)
    place_alerts()
    one = f"/api/v1/queues/{made['id']}/"
    assert checked(reader.get(one))["open"] == 1
    default = Queue.objects.get(is_default=True)
    assert [row["name"] for row in checked(reader.get("/api/v1/queues/"))["results"]] == [
        "Drained",
        default.name,
    ]
    changed = checked(boss.patch(one, {"escalation_to": default.name, "version": 1}))
    assert (changed["escalation_to"], changed["version"]) == (default.name, 2)
    checked(boss.patch(one, {"position": 5, "version": 1}), 409)
    faults = checked(boss.post("/api/v1/queues/", {"name": "X", "filter": {"min_risk": "x"}}), 422)["errors"]
    assert [fault["pointer"] for fault in faults] == ["/filter/min_risk"]
    members = f"{one}members/"
    checked(boss.post(members, {"user": analyst.email.upper(), "supervisor": False}))
    assert checked(reader.get(members))["results"][0]["user"] == analyst.email
    move = {"queue": default.name, "reason": "theirs", "version": 1}
    checked(as_person(user=analyst).post(f"{URL}{alert.pk}/move/", move), 403)
    checked(boss.post(members, {"user": analyst.email, "supervisor": True}))
    moved = checked(as_person(user=analyst).post(f"{URL}{alert.pk}/move/", move))
    assert moved["queue"] == default.name
    checked(boss.post(members, {"user": "nobody@example.com"}), 422)
    assert boss.delete(f"{members}{analyst.email}/").status_code == 204
    checked(boss.delete(f"{members}{analyst.email}/"), 404)


def test_team_figures_say_when_there_is_not_enough(alert, as_person, as_key, checked):
    person, reader = as_person("analyst"), as_key("read")
    verdict = {"disposition": "confirmed_fraud", "note": "called", "version": 1}
    checked(person.post(f"{URL}{alert.pk}/resolve/", verdict))
    figures = checked(reader.get("/api/v1/analytics/team/?days=7"))
    assert (figures["open"], figures["closed"], figures["prevented_loss"]) == (0, 1, "9100.00")
    assert figures["age_p50_s"] is None and figures["disposition_p50_s"] >= 0
    rate = {"n": 1, "confirmed_fraud": 1, "percent": None, "low": None, "high": None, "enough": False}
    assert figures["precision"] == figures["rules"][0]["precision"] == rate
    assert [group["name"] for group in figures["analysts"]] == [person.person.email]
    text = reader.get("/api/v1/analytics/team/export/").content.decode().splitlines()
    assert "period,,prevented_loss,9100.00" in text
    assert 'rule,ACCOUNT_DRAIN,precision_percent,"not enough data, 1 of 20 verdicts"' in text


def test_the_next_alert_is_taken_without_a_body(alert, as_person, checked):
    assert checked(as_person("analyst").generic("POST", f"{URL}next/"))["id"] == alert.pk
