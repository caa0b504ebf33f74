"""A label that was taken back says nothing: not to backtests, watches, training or packs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fraud_detection.models import RuleDay
from fraud_detection.services.case_packs import evidence
from fraud_detection.services.rule_watch.counting import count_days
from fraud_detection.services.stored_decisions import labelled_decisions, stored_decisions
from fraud_detection.tests.backtest_history import day, decide, label, pay, put_in_force, replayed, wording
from transactions.models import Transaction
from transactions.services import record_labels

pytestmark = pytest.mark.django_db


@pytest.fixture
def events(approving_engine, settings, tmp_path):
    """A was called legitimate, B and C fraud; B and A were taken back, C was said again after that."""
    settings.BACKTEST_DIR = tmp_path
    put_in_force(wording())
    decide(pay("A", 1, "600.00"), pay("B", 1, "700.00"), pay("C", 1, "800.00"))
    label("A", "legitimate", day(5))
    for key in "BC":
        label(key, "fraud", day(5))
    for key in "ABC":
        label(key, "withdrawn", day(6))
    label("C", "fraud", day(7))
    return {event.transaction_id: event.pk for event in Transaction.objects.all()}


def test_a_backtest_counts_it_as_no_label(events, analyst):
    draft = replayed(wording(), analyst).result["draft"]
    assert (draft["hits"], draft["labelled"]) == (3, 1)
    assert (draft["precision"]["hits"], draft["precision"]["n"]) == (1, 1)
    before = replayed(wording(), analyst, labels="as_known", cut_off=day(5, 18)).result["draft"]
    assert (before["labelled"], before["precision"]["hits"]) == (3, 2)  # as it was known then


def test_the_watch_of_a_rule_counts_it_as_no_label(events):
    today = timezone.localdate()
    count_days("payments", [today])
    found = RuleDay.objects.get(rule__code="LARGE_AMOUNT", day=today)
    assert (found.hits, found.labelled, found.frauds) == (3, 1, 1)


def test_training_on_decisions_leaves_it_out(events, settings):
    settings.LABEL_MATURITY_DAYS = 100_000  # nothing counts as legitimate for want of a label
    assert labelled_decisions("payments") == 1
    assert stored_decisions("payments").history.y.tolist() == [1]
    record_labels(
        [events["A"]], verdict="legitimate", source="customer", known_at=timezone.now() + timedelta(minutes=1)
    )
    assert labelled_decisions("payments") == 2


def test_a_pack_of_evidence_shows_none(events):
    assert evidence._labels(list(events.values())) == {events["C"]: "fraud"}
