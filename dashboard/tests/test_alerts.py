"""The queue's filters and pages, and deciding an alert."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from alerts.models import Alert
from alerts.services import resolve_alert
from dashboard.keyset import page as keyset_page
from dashboard.selectors.queue import QueueFilter, kinds, open_alerts, queue
from dashboard.selectors.queue import listed as count_listed
from logs.models import AuditEvent
from transactions.models import Label


@pytest.fixture
def raise_alert(db):
    """raise_alert(risk_score=70) stores an open alert about a subject of its own."""

    def make(**fields) -> Alert:
        number = Alert.objects.count() + 1
        given = {
            "engine": "payments", "family": "velocity", "subject_kind": "sender", "subject": f"S-{number}",
            "severity": "high", "risk_score": 60 + number, "amount_minor": 100 * number,
            "reason": f"reason {number}", "rule": "VELOCITY_COUNT",
            "due_at": timezone.now() + timedelta(hours=3),
        }  # fmt: skip
        return Alert.objects.create(**(given | fields))

    return make


def listed(query: str, user) -> list[str]:
    wanted = QueueFilter.read(QueryDict(query))
    found = queue(wanted, user, timezone.now())
    return [alert.subject for alert in keyset_page(found, wanted.order, "").rows]


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("", ["S-3", "S-4", "S-2", "S-1"]),
        ("tab=mine", ["S-2"]),
        ("tab=unassigned", ["S-3", "S-4", "S-1"]),
        ("tab=overdue", ["S-3"]),
        ("tab=due", ["S-4"]),
        ("tab=critical", ["S-1"]),
        ("tab=resolved", ["S-5"]),
        ("tab=all", ["S-6", "S-5", "S-4", "S-3", "S-2", "S-1"]),
        ("severity=critical", ["S-1"]),
        ("engine=aml", ["S-2"]),
        ("family=balance", ["S-3"]),
        ("q=reason+4", ["S-4"]),
        ("q=s-3", ["S-3"]),
        ("opened=today", ["S-3", "S-4", "S-2"]),
        ("tab=resolved&disposition=false_positive", []),
        ("severity=nonsense&tab=nonsense", ["S-3", "S-4", "S-2", "S-1"]),
        ("q=%00", ["S-3", "S-4", "S-2", "S-1"]),
        ("tab=snoozed", ["S-6"]),
        ("queue=999", []),
        ("queue=x", ["S-3", "S-4", "S-2", "S-1"]),
    ],
)
def test_filters_stand_in_the_address(raise_alert, analyst, query, subjects):
    now = timezone.now()
    raise_alert(severity="critical", opened_at=now - timedelta(days=2))
    raise_alert(assignee=analyst, engine="aml")
    raise_alert(due_at=now - timedelta(minutes=1), family="balance")
    raise_alert(due_at=now + timedelta(minutes=30))
    closed = raise_alert()
    raise_alert(snoozed_until=now + timedelta(hours=1), snoozed_hits=1)
    resolve_alert(
        alert_id=closed.pk, acting_user=analyst, disposition="inconclusive", note="x", seen_version=1
    )
    assert listed(query, analyst) == subjects


def test_an_alert_is_found_by_its_number(raise_alert, analyst):
    first, _ = raise_alert(), raise_alert()
    assert listed(f"q=a-{first.pk}", analyst) == [first.subject]


@pytest.mark.parametrize(
    ("column", "subjects"),
    [
        ("risk_score", ["S-5", "S-4", "S-3", "S-2", "S-1"]),
        ("priority_key", ["S-5", "S-4", "S-1", "S-2", "S-3"]),  # of equal ones the first is due first
    ],
)
def test_pages_follow_each_other_without_gaps(raise_alert, column, subjects):
    for score in (70, 70, 70, 80, 90):
        raise_alert(risk_score=score)
    seen, after = [], ""
    while True:
        page = keyset_page(Alert.objects.all(), (column, "id"), after, size=2)
        seen += [alert.subject for alert in page.rows]
        after = page.after
        if not after:
            break
    assert seen == subjects


@pytest.mark.parametrize("after", ["x", "1:2:3", "nan:1", "70:99999999999999999999999", ":", "inf:inf"])
def test_an_unreadable_cursor_gives_the_first_page(raise_alert, after):
    raise_alert()
    page = keyset_page(Alert.objects.all(), ("risk_score", "id"), after)
    assert (len(page.rows), page.is_first) == (1, True)


def test_tabs_count_what_they_list(signed_in, raise_alert):
    raise_alert(severity="critical")
    raise_alert()
    page = signed_in("analyst").get("/alerts/").content.decode()
    assert 'All open <span class="tn xs">2</span>' in page
    assert 'Critical <span class="tn xs">1</span>' in page
    assert "All 2 listed, 3.00 USD at stake" in page


def test_arrived_counts_only_what_the_filter_shows(signed_in, raise_alert):
    client, first = signed_in("analyst"), raise_alert()
    raise_alert(severity="critical")
    raise_alert()
    assert client.get(f"/alerts/arrived/?since={first.pk}").json() == {"new": 2}
    assert client.get(f"/alerts/arrived/?since={first.pk}&severity=critical").json() == {"new": 1}
    assert client.get("/alerts/arrived/?since=x").json() == {"new": 0}


def test_a_fragment_is_the_queue_alone(signed_in, raise_alert):
    raise_alert()
    page = signed_in("analyst").get("/alerts/", headers={"HX-Request": "true"}).content.decode()
    assert "S-1" in page
    assert "<html" not in page


def test_nothing_found_offers_a_way_back(signed_in, raise_alert):
    raise_alert()
    page = signed_in("analyst").get("/alerts/?q=nobody").content.decode()
    assert "No alert matches this filter" in page
    assert "1 are open without it" in page


def test_the_page_shows_reasons_arithmetic_and_evidence(signed_in, drained):
    page = signed_in("analyst").get(reverse("dashboard:alert", args=[drained.pk])).content.decode()
    assert "Claire Fournier: balance pattern" in page
    assert "ACCOUNT_DRAIN" in page
    assert "= <b>0.60</b>" in page
    assert "review from 60" in page
    assert "1 in review 9,100.00 = 9,100.00 USD" in page


def test_long_evidence_is_folded(signed_in, drained):
    hit = drained.hits.get(rule="ACCOUNT_DRAIN")
    window = {"from": "2026-11-19T11:27:04Z", "to": "2026-11-20T11:27:04Z"}
    hit.metadata |= {"events": [f"e-{n}" for n in range(50)], "window": window}
    hit.save()
    page = signed_in("analyst").get(reverse("dashboard:alert", args=[drained.pk])).content.decode()
    assert "Window: 19 Nov 2026 11:27:04 to 20 Nov 2026 11:27:04" in page
    assert "50 events: " in page
    assert page.index(">e-2<") < page.index("the other 47") < page.index(">e-3<")


def test_the_chart_follows_the_time_of_backdated_events(signed_in, decide, drain):
    before = timezone.now() - timedelta(days=700)
    for number in range(3):
        at = (before - timedelta(days=number + 1)).isoformat()
        decide(sender_id="C-9", occurred_at=at)
    decide(**drain(sender_id="C-9", occurred_at=before.isoformat()))
    alert = Alert.objects.get(family="balance")
    shown = signed_in("analyst").get(reverse("dashboard:alert", args=[alert.pk])).context
    assert (shown["ordinary_count"], shown["triggering_count"]) == (3, 1)
    assert shown["chart"]["until"] == int(before.timestamp() * 1000)


def test_the_chart_says_whose_events_are_drawn(signed_in, drained, decide, drain):
    decide(**drain(sender_id="C-7"))
    other = Alert.objects.exclude(pk=drained.pk).get(family="balance")
    other.hits.update(alert=drained)
    page = signed_in("analyst").get(reverse("dashboard:alert", args=[drained.pk])).content.decode()
    assert "in this alert (1 of 2: only this customer's are drawn)" in page


def test_a_long_list_of_events_says_how_many_there_are(signed_in, drained, decide, drain, monkeypatch):
    decide(**drain(sender_id="C-7"))
    Alert.objects.exclude(pk=drained.pk).get(family="balance").hits.update(alert=drained)
    monkeypatch.setattr("dashboard.selectors.alert.EVENTS", 1)
    page = signed_in("analyst").get(reverse("dashboard:alert", args=[drained.pk])).content.decode()
    assert "newest 1 of 2" in page


def test_a_decision_without_the_model_is_told(signed_in, drained):
    page = signed_in("analyst").get(reverse("dashboard:alert", args=[drained.pk])).content.decode()
    assert "<b>Decided without the model.</b>" in page
    assert "policy “approve” applied" in page


def test_a_verdict_closes_labels_and_leaves_a_trail(signed_in, drained):
    client = signed_in("analyst")
    form = {
        "version": 1,
        "disposition": "confirmed_fraud",
        "reason": "Customer denied the payments",
        "note": "by phone",
    }
    answer = client.post(reverse("dashboard:alert_resolve", args=[drained.pk]), form)
    assert (answer.status_code, answer["Location"]) == (302, "/alerts/")
    drained.refresh_from_db()
    assert (drained.status, drained.disposition) == ("resolved", "confirmed_fraud")
    assert drained.note == "Customer denied the payments: by phone"
    assert drained.resolved_by == client.person
    trail = AuditEvent.objects.get(action="alert.resolved")
    assert (trail.actor, trail.subject) == (client.person.email, str(drained.pk))
    assert trail.request_id == answer["X-Request-ID"]
    assert [label.verdict for label in Label.objects.all()] == ["fraud"]


def test_a_verdict_leads_to_the_next_best_alert(signed_in, drained, raise_alert):
    following = raise_alert(risk_score=50)
    client = signed_in("analyst")
    form = {"version": 1, "disposition": "false_positive", "reason": "x"}
    answer = client.post(reverse("dashboard:alert_resolve", args=[drained.pk]), form)
    assert answer["Location"] == reverse("dashboard:alert", args=[following.pk])
    assert (
        f"closed as false positive. Now: A-{following.pk}." in client.get(answer["Location"]).content.decode()
    )


def test_who_comes_second_is_told_who_was_faster(signed_in, person, drained):
    faster = person("analyst", name="R. Osei")
    resolve_alert(
        alert_id=drained.pk, acting_user=faster, disposition="false_positive", note="x", seen_version=1
    )
    form = {"version": 1, "disposition": "confirmed_fraud", "reason": "late"}
    answer = signed_in("analyst").post(reverse("dashboard:alert_resolve", args=[drained.pk]), form)
    assert answer.status_code == 409
    assert f"R. Osei closed A-{drained.pk} as false positive at" in answer.content.decode()
    drained.refresh_from_db()
    assert (drained.disposition, drained.note) == ("false_positive", "x")


@pytest.mark.parametrize(
    "form",
    [
        {"disposition": "confirmed_fraud", "reason": " "},
        {"disposition": "guilty", "reason": "x"},
        {"disposition": "", "reason": "x"},
        {"disposition": "inconclusive", "reason": "x" * 4001},
        {"disposition": "inconclusive", "reason": "a\x00b"},
    ],
)
def test_a_verdict_needs_a_reason_and_a_known_name(signed_in, drained, form):
    answer = signed_in("analyst").post(
        reverse("dashboard:alert_resolve", args=[drained.pk]), form | {"version": 1}
    )
    drained.refresh_from_db()
    assert (answer.status_code, drained.status) == (422, "open")


@pytest.mark.parametrize("version", ["", "0", "x", "9" * 30])
def test_a_version_that_was_not_seen_is_stale(signed_in, drained, version):
    form = {"version": version, "disposition": "inconclusive", "reason": "x"}
    assert (
        signed_in("analyst").post(reverse("dashboard:alert_resolve", args=[drained.pk]), form).status_code
        == 409
    )


def test_an_alert_that_is_not_there(signed_in, db):
    form = {"version": 1, "disposition": "inconclusive", "reason": "x"}
    assert signed_in("analyst").post("/alerts/999/resolve/", form).status_code == 404


def test_taking_and_giving_back(signed_in, drained):
    client, path = signed_in("analyst"), reverse("dashboard:alert_assign", args=[drained.pk])
    client.post(path, {"version": 1, "to": "me"})
    drained.refresh_from_db()
    assert drained.assignee == client.person
    client.post(path, {"version": 2, "to": "nobody"})
    drained.refresh_from_db()
    assert (drained.assignee, drained.version) == (None, 3)


def test_claiming_takes_what_has_not_changed(signed_in, raise_alert):
    client, first, second = signed_in("analyst"), raise_alert(), raise_alert(version=4)
    form = {"selected": [f"{first.pk}:1", f"{second.pk}:1", "x", "1"]}
    said = client.post("/alerts/claim/", form, follow=True).content.decode()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.assignee, second.assignee) == (client.person, None)
    assert f"1 assigned to you. Changed meanwhile and left: A-{second.pk}." in said


def test_next_best_leaves_what_somebody_else_has(signed_in, person, raise_alert):
    mine, _ = raise_alert(risk_score=70), raise_alert(risk_score=90, assignee=person("analyst"))
    answer = signed_in("analyst").get("/alerts/next/")
    assert answer["Location"] == f"/alerts/{mine.pk}/"


def test_choices_are_those_of_the_alerts_that_the_tab_is_about(raise_alert, analyst):
    raise_alert(engine="aml", family="flow")
    raise_alert(family="velocity")
    raise_alert(family="balance")
    raise_alert(family="velocity")
    closed = raise_alert(engine="credit", family="scorecard")
    resolve_alert(
        alert_id=closed.pk, acting_user=analyst, disposition="inconclusive", note="x", seen_version=1
    )
    open_ones, payments = ["balance", "flow", "velocity"], ["aml", "payments"]
    assert kinds(QueueFilter()) == {"engines": payments, "families": open_ones}
    assert kinds(QueueFilter(tab="resolved")) == {"engines": ["credit"], "families": ["scorecard"]}
    everything = {"engines": ["aml", "credit", "payments"], "families": sorted([*open_ones, "scorecard"])}
    assert kinds(QueueFilter(tab="all")) == everything
    assert kinds(QueueFilter(family="gone"))["families"] == ["balance", "flow", "gone", "velocity"]


def test_one_pass_counts_what_the_page_says_of_open_alerts(raise_alert, analyst):
    now = timezone.now()
    raise_alert(severity="critical", assignee=analyst)
    newest = raise_alert(due_at=now - timedelta(minutes=1))
    raise_alert(snoozed_until=now + timedelta(hours=1), snoozed_hits=1)
    found = open_alerts(analyst, now)
    assert found.tabs == {
        "open": 2, "mine": 1, "unassigned": 1, "due": 0, "overdue": 1, "critical": 1, "snoozed": 1,
    }  # fmt: skip
    assert list(found.severities.items()) == [("critical", 1), ("high", 2), ("medium", 0), ("low", 0)]
    assert found.listed == {"count": 2, "amount": 300, "newest": newest.pk}
    assert found.listed == count_listed(queue(QueueFilter(), analyst, now))
