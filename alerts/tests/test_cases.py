"""Cases: opened, worked, merged, split; every step is told and audited, and a stale edit is refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.models import Alert, Case, CaseAlert, CaseComment, CaseReport, OutboxMessage
from alerts.selectors.cases import case_history, case_list
from alerts.services import raise_alerts, resolve_alert
from alerts.services.cases.closing import close_case, reopen_case
from alerts.services.cases.commenting import comment_on_case
from alerts.services.cases.errors import CaseConflict, CaseRefused
from alerts.services.cases.merging import merge_cases, split_case
from alerts.services.cases.narrating import write_narrative
from alerts.services.cases.opening import add_alerts, open_case
from alerts.services.cases.tasking import add_task, set_task_done
from alerts.services.cases.working import assign_case, edit_case, move_case
from alerts.tests.conftest import NOON
from logs.models import AuditEvent
from users.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(db):
    return Customer.objects.create(external_id="C-1", name="Claire")


@pytest.fixture
def alerts(suspicion, customer):
    """Three alerts of one customer, of three severities: 100.00 at stake in each."""
    levels = {"a": "low", "b": "critical", "c": "medium"}
    raise_alerts(
        [suspicion(subject=s, severity=level, customer_id=customer.pk) for s, level in levels.items()],
        at=NOON,
    )
    return list(Alert.objects.order_by("subject"))


@pytest.fixture
def case(alerts, analyst):
    """A case of the first two alerts."""
    return opened(analyst, alerts[:2])


def opened(user, alerts=(), **fields):
    ids = [alert.pk for alert in alerts]
    return open_case(**({"title": "Takeover", "acting_user": user, "alert_ids": ids} | fields))


def everything():
    return (
        list(Case.objects.order_by("id").values()),
        list(CaseAlert.objects.order_by("id").values()),
        list(Alert.objects.order_by("id").values()),
        CaseComment.objects.count(),
        AuditEvent.objects.count(),
        OutboxMessage.objects.count(),
    )


def history(case):
    return [event.action for event in case_history(case, reports=False)]


def test_a_case_of_alerts_takes_customer_severity_and_engines_from_them(case, alerts, customer, analyst):
    shown = case_list().get()
    assert (shown.customer, shown.severity, shown.engines, shown.status) == (
        customer,
        "critical",
        ["payments"],
        "open",
    )
    assert (shown.alert_count, shown.amount_minor, shown.version) == (2, 20_000, 1)
    assert shown.due_at == shown.opened_at + timedelta(days=1)
    assert list(case.memberships.values_list("alert_id", "held", "added_by")) == [
        (alert.pk, True, analyst.email) for alert in alerts[:2]
    ]
    message = OutboxMessage.objects.get(topic="case.created")
    assert (message.payload["case_id"], message.payload["customer_id"]) == (case.pk, customer.pk)
    event = AuditEvent.objects.get(action="case.opened")
    assert (event.actor, event.subject) == (analyst.email, str(case.pk))
    assert event.after == {"alerts": [a.pk for a in alerts[:2]], "severity": "critical", "assignee": None}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "nul \x00"}, "title"),
        ({"alert_ids": [999_999]}, "alerts"),
        ({"severity": "grave"}, "severity"),
        ({}, "customer"),
    ],
)
def test_bad_input_opens_nothing(db, analyst, fields, field):
    before = everything()
    with pytest.raises(CaseRefused) as refused:
        opened(analyst, **fields)
    assert refused.value.field == field and everything() == before


def test_an_alert_belongs_to_one_open_case(case, alerts, analyst, customer):
    other = opened(analyst, customer=customer)
    before = everything()
    named = f"A-{alerts[0].pk} belongs to {case}, which is open; no alert was added"
    for ids in ([alerts[2].pk, alerts[0].pk],):
        with pytest.raises(CaseConflict, match=named):
            add_alerts(case_id=other.pk, alert_ids=ids, acting_user=analyst, seen_version=1)
    with pytest.raises(CaseConflict, match=named):
        opened(analyst, alerts)
    assert everything() == before


def test_alerts_join_and_those_inside_are_passed_over(case, alerts, analyst):
    add_alerts(
        case_id=case.pk, alert_ids=[a.pk for a in alerts], acting_user=analyst, seen_version=1, request_id="r"
    )
    case.refresh_from_db()
    assert (case.version, case.change, case.memberships.count()) == (2, f"added A-{alerts[2].pk}", 3)
    event = AuditEvent.objects.get(action="case.alerts_added")
    assert (event.after, event.request_id) == ({"alerts": [alerts[2].pk]}, "r")
    assert OutboxMessage.objects.get(topic="case.updated").payload["what"] == "case.alerts_added"


def test_a_stale_edit_hears_who_did_what_and_when(case, analyst, admin, alerts):
    assign_case(case_id=case.pk, acting_user=admin, assignee=analyst, seen_version=1)
    case.refresh_from_db()
    before = everything()
    when = timezone.localtime(case.changed_at).strftime("%H:%M:%S")
    said = f"{case} changed since you looked: {admin.email} assigned it to {analyst} at {when}"
    options = {"case_id": case.pk, "acting_user": analyst, "seen_version": 1}
    for edit in (
        lambda: assign_case(assignee=None, **options),
        lambda: move_case(status="investigating", **options),
        lambda: edit_case(title="Other", **options),
        lambda: add_alerts(alert_ids=[alerts[2].pk], **options),
        lambda: split_case(alert_ids=[alerts[0].pk], title="x", **options),
        lambda: close_case(verdict="inconclusive", note="x", **options),
    ):
        with pytest.raises(CaseConflict) as conflict:
            edit()
        assert str(conflict.value) == said
    assert everything() == before


@pytest.mark.parametrize(
    ("path", "legal"),
    [
        (["investigating"], True),
        (["escalated", "investigating"], True),
        (["waiting", "investigating"], True),
        (["open"], False),
        (["closed"], False),
        (["investigating", "open"], False),
        (["guilty"], False),
    ],
)
def test_a_case_moves_only_where_it_may(case, analyst, path, legal):
    *way, last = path
    for version, status in enumerate(way, 1):
        move_case(case_id=case.pk, acting_user=analyst, status=status, seen_version=version, reason="because")
    before = everything()
    options = {"case_id": case.pk, "acting_user": analyst, "seen_version": len(path), "reason": "because"}
    if legal:
        assert move_case(status=last, **options).status == last
    else:
        with pytest.raises(CaseRefused) as refused:
            move_case(status=last, **options)
        assert refused.value.field == "status" and everything() == before


def test_escalating_needs_a_reason(case, analyst):
    with pytest.raises(CaseRefused, match="is required"):
        move_case(case_id=case.pk, acting_user=analyst, status="escalated", seen_version=1)
    move_case(case_id=case.pk, acting_user=analyst, status="escalated", seen_version=1, reason="large")
    event = AuditEvent.objects.get(action="case.escalated")
    assert (event.before, event.after) == (
        {"status": "open"},
        {"status": "escalated", "reason": "large"},
    )


def test_a_case_is_not_given_to_an_auditor(case, admin, auditor):
    with pytest.raises(CaseRefused, match="may not work cases"):
        assign_case(case_id=case.pk, acting_user=admin, assignee=auditor, seen_version=1)


def test_merging_moves_everything_and_keeps_both_histories(case, alerts, analyst, customer):
    target = opened(analyst, alerts[2:])
    comment_on_case(case_id=case.pk, acting_user=analyst, text="called")
    add_task(case_id=case.pk, acting_user=analyst, title="call again")
    merge_cases(case_id=case.pk, into_id=target.pk, acting_user=analyst, seen_version=1, into_seen_version=1)
    case.refresh_from_db()
    target.refresh_from_db()
    assert (case.status, case.merged_into, case.memberships.count()) == ("closed", target, 0)
    assert (target.severity, target.memberships.filter(held=True).count()) == ("critical", 3)
    assert (target.comments.get().text, target.tasks.get().title) == ("called", "call again")
    moved = {"alerts": 2, "comments": 1, "tasks": 1, "files": 0}
    assert AuditEvent.objects.get(action="case.merged").after == {"into": target.pk, **moved}
    assert AuditEvent.objects.get(action="case.took_over").after == {"from": case.pk, **moved}
    assert history(case) == ["case.merged", "case.task_added", "case.commented", "case.opened"]
    assert history(target) == [
        *("case.took_over", "case.merged", "case.task_added", "case.commented", "case.opened", "case.opened")
    ]
    assert OutboxMessage.objects.get(topic="case.closed").payload["merged_into"] == target.pk

    late = comment_on_case(case_id=case.pk, acting_user=analyst, text="late")
    assert late.case == target
    with pytest.raises(CaseConflict, match=f"{analyst.email} merged {case} into {target} at"):
        assign_case(case_id=case.pk, acting_user=analyst, assignee=analyst, seen_version=2)
    with pytest.raises(CaseConflict, match="merged"):
        write_narrative(case_id=case.pk, acting_user=analyst, fields={"who": "x"}, seen_number=0)


@pytest.mark.parametrize(("seen", "into_seen"), [(9, 1), (1, 9)])
def test_a_stale_merge_changes_nothing(case, alerts, analyst, seen, into_seen):
    target = opened(analyst, alerts[2:])
    before = everything()
    options = {"case_id": case.pk, "acting_user": analyst}
    with pytest.raises(CaseConflict):
        merge_cases(into_id=target.pk, seen_version=seen, into_seen_version=into_seen, **options)
    with pytest.raises(CaseRefused, match="itself"):
        merge_cases(into_id=case.pk, seen_version=1, into_seen_version=1, **options)
    assert everything() == before


def test_alerts_are_split_off_into_a_case_of_their_own(case, alerts, analyst):
    fresh = split_case(
        case_id=case.pk, alert_ids=[alerts[1].pk], title="The other", acting_user=analyst, seen_version=1
    )
    case.refresh_from_db()
    assert [m.alert for m in fresh.memberships.all()] == [alerts[1]]
    assert (fresh.severity, case.severity, case.version) == ("critical", "low", 2)
    for ids in ([], [alerts[2].pk], [alerts[0].pk]):
        with pytest.raises(CaseRefused):
            split_case(case_id=case.pk, alert_ids=ids, title="x", acting_user=analyst, seen_version=2)


def test_tasks_are_ticked_off_once_and_stand_in_the_way_of_closing(case, analyst, admin):
    task = add_task(case_id=case.pk, acting_user=admin, title="call", assignee=analyst)
    with pytest.raises(CaseConflict, match="still to be done are “call”"):
        close_case(case_id=case.pk, acting_user=analyst, verdict="inconclusive", note="x", seen_version=1)
    done = set_task_done(case_id=case.pk, task_id=task.pk, acting_user=analyst, done=True)
    assert (done.done_by, done.done_at is None) == (analyst.email, False)
    with pytest.raises(CaseConflict, match=f"{analyst.email} has done it already"):
        set_task_done(case_id=case.pk, task_id=task.pk, acting_user=admin, done=True)
    assert set_task_done(case_id=case.pk, task_id=task.pk, acting_user=admin, done=False).done_at is None


def test_who_is_mentioned_is_told_once(case, analyst, person):
    ana = person("auditor", name="Ana Alves")
    bob = person("analyst", email="bob@example.com")
    person("analyst", name="Ana")
    gone = person("analyst", name="Gone", is_active=False)
    text = f"@ana alves and @bob@example.com, not @Gone nor @{analyst.email}, see @Anabel"
    comment = comment_on_case(case_id=case.pk, acting_user=analyst, text=text)
    told = [ana.pk, bob.pk]
    assert sorted(comment.mentions.values_list("pk", flat=True)) != [] and gone not in comment.mentions.all()
    payload = OutboxMessage.objects.get(topic="case.mention").payload
    assert (payload["case_id"], payload["comment_id"]) == (case.pk, comment.pk)
    assert payload["title"] == case.title  # what the mail says below its subject
    assert set(told) <= set(payload["user_ids"])


def test_a_comment_is_corrected_by_its_author_alone(case, analyst, admin):
    first = comment_on_case(case_id=case.pk, acting_user=analyst, text="on Monday")
    second = comment_on_case(case_id=case.pk, acting_user=analyst, text="on Tuesday", corrects=first.pk)
    assert (second.corrects, CaseComment.objects.get(pk=first.pk).text) == (first, "on Monday")
    with pytest.raises(CaseRefused, match="written by somebody else"):
        comment_on_case(case_id=case.pk, acting_user=admin, text="no", corrects=first.pk)
    for text in ("", "  ", "x" * 10_001, "\ud800"):
        with pytest.raises(CaseRefused):
            comment_on_case(case_id=case.pk, acting_user=analyst, text=text)
    assert CaseComment.objects.count() == 2


def test_the_narrative_keeps_every_version(case, analyst, admin):
    write_narrative(case_id=case.pk, acting_user=analyst, fields={"who": "Claire"}, seen_number=0)
    second = write_narrative(case_id=case.pk, acting_user=admin, fields={"why": "money"}, seen_number=1)
    assert (second.number, second.who, second.why) == (2, "Claire", "money")
    with pytest.raises(CaseConflict, match=f"{admin.email} saved version 2 of the narrative at"):
        write_narrative(case_id=case.pk, acting_user=analyst, fields={"who": "x"}, seen_number=1)
    with pytest.raises(CaseRefused):
        write_narrative(case_id=case.pk, acting_user=analyst, fields={"whom": "x"}, seen_number=2)
    assert list(case.narratives.values_list("number", "who")) == [(2, "Claire"), (1, "Claire")]


def test_a_closed_case_lets_its_alerts_go_and_may_be_reopened(case, alerts, analyst):
    close_case(case_id=case.pk, acting_user=analyst, verdict="inconclusive", note="no trace", seen_version=1)
    assert set(case.memberships.values_list("held", flat=True)) == {False}
    with pytest.raises(CaseConflict, match="reopen it first"):
        comment_on_case(case_id=case.pk, acting_user=analyst, text="late")
    case = reopen_case(case_id=case.pk, acting_user=analyst, reason="new facts", seen_version=2)
    assert (case.status, case.verdict, case.closed_at, case.version) == ("investigating", "", None, 3)
    assert set(case.memberships.values_list("held", flat=True)) == {True}


def test_a_case_is_not_reopened_while_another_has_its_alerts(case, alerts, analyst):
    close_case(case_id=case.pk, acting_user=analyst, verdict="inconclusive", note="no trace", seen_version=1)
    other = opened(analyst, alerts[:1])
    with pytest.raises(CaseConflict, match=f"A-{alerts[0].pk} belongs to {other} now"):
        reopen_case(case_id=case.pk, acting_user=analyst, reason="new facts", seen_version=2)


def test_an_alert_resolved_by_itself_stays_in_its_case(case, alerts, analyst):
    resolve_alert(
        alert_id=alerts[0].pk, acting_user=analyst, disposition="inconclusive", note="x", seen_version=1
    )
    assert case.memberships.filter(held=True).count() == 2
    assert not CaseReport.objects.exists()
