"""The pages on which alerts are worked: bulk, snooze, undo, queues, the team."""

import pytest
from django.utils import timezone

from alerts.models import Absence, Alert, Queue, Workload
from alerts.services import raise_alerts, resolve_alert
from alerts.services.placing import place_alerts
from alerts.services.raising import Suspicion

pytestmark = pytest.mark.django_db


@pytest.fixture
def raised(db):
    """raised(2) are two open alerts of subjects S-0 and S-1."""

    def make(number):
        ids = raise_alerts(
            [
                Suspicion(
                    "payments", "balance", "sender", f"S-{n}", None, "high", 60.0 + n, 100_00, "R", "why", 1
                )
                for n in range(number)
            ],
            at=timezone.now(),
        )
        place_alerts()
        return list(Alert.objects.filter(pk__in=ids).order_by("subject"))

    return make


def ticked(alerts):
    return {"selected": [f"{alert.pk}:{alert.version}" for alert in alerts]}


def page(answer):
    return answer.content.decode()


def test_ticked_alerts_are_assigned_snoozed_and_closed_with_one_reason(signed_in, raised, person):
    client, colleague, alerts = signed_in(), person(), raised(3)
    stale = alerts[0]
    Alert.objects.filter(pk=stale.pk).update(version=9)
    said = page(client.post("/alerts/bulk/assign/", ticked(alerts) | {"to": colleague.pk}, follow=True))
    assert f"2 assigned. 1 left: A-{stale.pk} changed since you looked" in said
    alerts = list(Alert.objects.filter(assignee=colleague))
    form = ticked(alerts[:1]) | {"minutes": "60", "snooze_reason": "bank"}
    assert "1 snoozed." in page(client.post("/alerts/bulk/snooze/", form, follow=True))
    form = ticked(alerts[1:]) | {"disposition": "false_positive", "note": "campaign"}
    assert "1 closed." in page(client.post("/alerts/bulk/close/", form, follow=True))
    assert 'Snoozed <span class="tn xs">1</span>' in page(client.get("/alerts/?tab=snoozed"))


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        ("assign", {"to": "x"}, "Choose whom to assign them to."),
        ("snooze", {"minutes": "x"}, "Choose until when to snooze them."),
        ("snooze", {"minutes": "60"}, "Nothing was changed. Reason: a reason is required."),
        ("close", {"disposition": "false_positive"}, "Nothing was changed. Note: a reason is required."),
        (
            "close",
            {"disposition": "duplicate", "note": "x"},
            "Nothing was changed. Duplicate of: name the alert",
        ),
    ],
)
def test_what_is_missing_is_said_and_nothing_changes(signed_in, raised, path, form, said):
    alerts = raised(1)
    assert said in page(signed_in().post(f"/alerts/bulk/{path}/", ticked(alerts) | form, follow=True))
    assert Alert.objects.get().version == 1
    assert "No alert was selected." in page(
        signed_in().post("/alerts/bulk/close/", {"disposition": "inconclusive", "note": "x"}, follow=True)
    )


def test_snoozed_woken_moved_closed_undone_and_opened_again(signed_in, raised):
    client, (alert,) = signed_in("admin"), raised(1)
    one = f"/alerts/{alert.pk}/"
    client.post(f"{one}snooze/", {"minutes": "60", "reason": "bank", "version": 1})
    assert "Snoozed until" in page(client.get(one))
    client.post(f"{one}wake/", {"version": 2})
    other = Queue.objects.create(name="Other")
    client.post(f"{one}move/", {"queue": other.pk, "reason": "theirs", "version": 3})
    assert "Moved it to Other: theirs" in page(client.get(one))
    verdict = {"disposition": "confirmed_fraud", "reason_code": "known_fraud", "version": 4}
    said = page(client.post(f"{one}resolve/", verdict, follow=True))
    assert f'action="{one}undo/"' in said and 'data-undo="60"' in said
    assert "is open again" in page(client.post(f"{one}undo/", follow=True))
    assert client.post(f"{one}undo/").status_code == 409
    client.post(f"{one}resolve/", verdict | {"version": 6})
    assert client.post(f"{one}reopen/", {"reason": "", "version": 7}).status_code == 422
    assert "labels were withdrawn" in page(
        client.post(f"{one}reopen/", {"reason": "facts", "version": 7}, follow=True)
    )
    assert Alert.objects.get().status == "open"


def test_a_duplicate_names_the_other_alert(signed_in, raised):
    client, (first, second) = signed_in(), raised(2)
    path = f"/alerts/{second.pk}/resolve/"
    form = {"disposition": "duplicate", "reason_code": "same_events", "version": 1}
    assert "name the alert that this one repeats" in page(client.post(path, form))
    client.post(path, form | {"duplicate_of": f"a-{first.pk}"})
    second.refresh_from_db()
    assert (second.duplicate_of, second.note) == (first, "Same events in another alert")


def test_new_hits_are_marked_until_one_looks(signed_in, raised):
    client, (alert,) = signed_in(), raised(1)
    client.get(f"/alerts/{alert.pk}/")
    raised(1)
    assert '<span class="plus" title="since you looked">+1</span>' in page(client.get("/alerts/"))
    assert "+1 hit since you looked" in page(client.get(f"/alerts/{alert.pk}/"))
    assert "since you looked at" not in page(client.get(f"/alerts/{alert.pk}/"))
    assert 'class="plus"' not in page(client.get("/alerts/"))


def test_the_next_best_is_taken_by_who_works_and_shown_to_who_looks(signed_in, raised):
    first, second = raised(2)
    assert signed_in("auditor").post("/alerts/next/")["Location"] == f"/alerts/{second.pk}/"
    client = signed_in()
    assert client.post("/alerts/next/")["Location"] == f"/alerts/{second.pk}/"
    assert client.post("/alerts/next/", {"after": second.pk})["Location"] == f"/alerts/{first.pk}/"
    assert Alert.objects.filter(assignee=client.person).count() == 2


def test_admins_keep_queues_their_members_and_who_is_there(signed_in, raised, person):
    client, member = signed_in("admin"), person(name="Mia Member")
    form = {
        "name": "Big",
        "position": "5",
        "active": "on",
        "filter_severity": "high, critical",
        "due_high": "30",
    }
    assert "Min amount" in page(client.get("/queues/new/"))
    assert client.post("/queues/new/", form | {"filter_min_amount": "lots"}).status_code == 422
    client.post("/queues/new/", form)
    queue = Queue.objects.get(name="Big")
    assert (queue.filter, queue.due_minutes) == ({"severity": ["high", "critical"]}, {"high": 30})
    raised(1)
    client.post(f"/queues/{queue.pk}/members/", {"user": member.pk, "do": "supervisor"})
    assert "Supervisor: no more" in page(client.get(f"/queues/{queue.pk}/"))
    shown = page(client.get("/queues/"))
    assert "severity high or critical" in shown and "Mia Member" in shown
    assert client.post(f"/queues/{queue.pk}/", form | {"version": "9"}).status_code == 409
    client.post(f"/queues/{queue.pk}/", form | {"version": "1", "name": "Bigger"})
    assert Queue.objects.get(pk=queue.pk).name == "Bigger"
    client.post(f"/queues/people/{member.pk}/", {"automatic": "on", "cap": "7"})
    assert Workload.objects.values_list("user", "automatic", "cap").get() == (member.pk, True, 7)
    away = {"do": "absence", "starts_at": "2026-11-20T09:00", "ends_at": "2099-11-21T09:00"}
    client.post(f"/queues/people/{member.pk}/", away)
    assert Absence.objects.get().user == member and "Away: Mia Member" in page(client.get("/queues/"))
    assert "Cap: must be" in page(client.post(f"/queues/people/{member.pk}/", {"cap": "x"}, follow=True))


def test_team_figures_and_their_csv(signed_in, raised):
    client, alerts = signed_in(), raised(2)
    resolve_alert(
        alert_id=alerts[0].pk,
        acting_user=client.person,
        disposition="false_positive",
        note="x",
        seen_version=1,
    )
    shown = page(client.get("/team/?days=7"))
    assert "not enough data, 1 of 20 verdicts" in shown and client.person.email in shown
    assert "100 USD at stake; 1 unassigned, 0 snoozed" in shown and "of 1 open" in shown
    assert "period,,closed,1" in page(client.get("/team/export/?days=nonsense"))
