"""Forgetting in time: what has expired goes, in an order that breaks nothing; what is held stays."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from alerts.models import Alert, Case
from fraud_detection.models import Assessment, RuleHit
from fraud_detection.services.decisions import decide_payment
from fraud_detection.services.privacy import purge_expired, retention_table
from fraud_detection.services.reviews import request_review
from logs.models import AuditEvent
from logs.redacting import token_of
from transactions.models import Transaction
from transactions.services import record_labels

pytestmark = pytest.mark.django_db
OLD = timedelta(days=400)
VISA = "4539578763621486"


@pytest.fixture
def kept(settings):
    settings.RETENTION_EVENTS_DAYS = settings.RETENTION_ALERTS_DAYS = settings.RETENTION_CASES_DAYS = 365


@pytest.fixture
def events(approving_engine, client_system, payment, drain):
    """Four old ones (ordinary, labelled, alerting, under review) and a new one; by name."""
    then = (timezone.now() - OLD).isoformat()
    for name, make in (("plain", payment), ("labelled", payment), ("alerting", drain), ("reviewed", payment)):
        decide_payment(
            make(transaction_id=name, sender_id=f"s-{name}", occurred_at=then), client=client_system
        )
    decide_payment(payment(transaction_id="new"), client=client_system)
    labelled = Transaction.objects.get(transaction_id="labelled")
    record_labels([labelled.pk], verdict="fraud", source="customer", known_at=timezone.now())
    reviewed = Assessment.objects.get(transaction__transaction_id="reviewed")
    request_review(assessment_id=reviewed.pk, reason="me", actor_kind="user", actor="ana@example.com")


def left() -> set[str]:
    return set(Transaction.objects.values_list("transaction_id", flat=True))


def test_nothing_goes_where_nothing_is_set(events, settings):
    settings.CALL_LOG_DAYS = 30
    assert {each.name for each in retention_table(timezone.now()) if each.kept_days == 0} == {
        "cases", "alerts", "events", "audit",
    }  # fmt: skip
    assert purge_expired(only="events") == {} and len(left()) == 5


def test_old_events_go_with_what_hangs_on_them_and_held_ones_stay(events, kept):
    assert purge_expired(only="events", dry_run=True) == {"events": 2} and len(left()) == 5
    assert purge_expired(only="events") == {"events": 2}
    assert left() == {"alerting", "reviewed", "new"}
    assert Assessment.objects.count() == 3
    last = AuditEvent.objects.latest("pk")
    assert (last.action, last.after) == ("retention.purged", {"events": 2})
    old = timezone.now() - OLD
    Alert.objects.exclude(family="human_review").update(
        status="resolved", disposition="false_positive", resolved_at=old
    )
    gone = Alert.objects.filter(status="resolved").count()
    assert gone and purge_expired()["alerts"] == gone
    assert left() == {"reviewed", "new"} and not RuleHit.objects.filter(alert__status="resolved").exists()


def test_an_old_case_goes_with_its_alerts_but_not_under_a_report(events, kept, analyst):
    from alerts.models import CaseReport
    from alerts.models.case_report import ReportState
    from alerts.services.cases.commenting import comment_on_case
    from alerts.services.cases.opening import open_case

    alert = Alert.objects.exclude(family="human_review").first()
    case = open_case(alert_ids=[alert.pk], title="Old", acting_user=analyst)
    comment_on_case(case_id=case.pk, text="looked", acting_user=analyst)
    old = timezone.now() - OLD
    Alert.objects.filter(pk=alert.pk).update(status="resolved", disposition="false_positive", resolved_at=old)
    Case.objects.filter(pk=case.pk).update(status="closed", verdict="false_positive", closed_at=old)
    report = CaseReport.objects.create(
        case=case, state=ReportState.FILED, determined_on=old.date(), suspect_identified=True,
        due_on=old.date(), settled_at=old, created_by="x", changed_by="x",
    )  # fmt: skip
    assert purge_expired(only="cases") == {"cases": 0} and purge_expired(only="alerts") == {"alerts": 0}
    CaseReport.objects.filter(pk=report.pk).update(settled_at=old - timedelta(days=2_000))
    assert purge_expired(only="cases") == {"cases": 1} and purge_expired(only="alerts") == {"alerts": 1}


def test_the_command_counts_and_names_what_it_does_not_know(events, kept, capsys):
    call_command("purge_expired", "--only", "events", "--dry-run")
    assert capsys.readouterr().out == "events: 2 would go (kept 365 days)\n"
    with pytest.raises(CommandError, match="there is no class 'nothing'"):
        call_command("purge_expired", "--only", "nothing")


def test_numbers_that_were_stored_before_are_masked_and_their_keys_follow(events, client_system, payment):
    decide_payment(payment(transaction_id="safe", card_token=VISA), client=client_system)
    safe = Transaction.objects.get(transaction_id="safe")
    with connection.cursor() as cursor:  # as an earlier version stored it
        cursor.execute(
            "update transactions_transaction set card_token = %s, card_key = 1"
            " where transaction_id = 'plain'",
            (VISA,),
        )
    call_command("mask_card_numbers", "--dry-run")
    assert Transaction.objects.extra(where=["card_token = %s"], params=[VISA]).count() == 1
    call_command("mask_card_numbers")
    plain = Transaction.objects.get(transaction_id="plain")
    assert (plain.card_token, plain.card_key) == (token_of(VISA), safe.card_key)
