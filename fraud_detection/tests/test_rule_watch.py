"""Watching rules: days are exact and grow with late labels, flags are robust, costs are measured."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.models import SystemAlert
from fraud_detection.models import Assessment, Rule, RuleDay, RuleHit, RuleWatch, ShadowHit
from fraud_detection.services import rulebook, serving
from fraud_detection.services.decisions import decide_payments
from fraud_detection.services.rule_watch import (
    days_of,
    figures_of,
    rebuild_days,
    shadow_figures,
    watch_rules,
)
from fraud_detection.services.rule_watch.flagging import Recent, flags_of, overlaps
from fraud_detection.tests.rule_life import CODE, active, definition, drafted, redrafted
from transactions.models import Label, Transaction

pytestmark = pytest.mark.django_db
LARGE = {"amount": "5000.00"}


@pytest.fixture
def ana(person, approving_engine):
    return person("admin", email="ana@example.com")


@pytest.fixture
def ben(person):
    return person("admin", email="ben@example.com")


@pytest.fixture
def watched(ana, ben):
    return active(drafted(ana), ana, ben).rule


def label(record):
    """The event of this record turns out a fraud."""
    event = Transaction.objects.get(transaction_id=record["transaction_id"])
    Label.objects.create(
        transaction=event, verdict="fraud", source="chargeback", known_at=timezone.now(), fraud_delta=1
    )


def days(rule, **counts):
    """Forty days of a rule, each with these counts, up to yesterday."""
    today = timezone.localdate()
    return [
        RuleDay(rule=rule, day=today - timedelta(days=back), **({"events": 1_000} | counts))
        for back in range(40, 0, -1)
    ] + [RuleDay(rule=rule, day=today)]


def flags(rule, of_days, hits_24h=0, events_24h=1_000, overlap=None, since=100):
    now = timezone.now()
    return flags_of(Recent(of_days, hits_24h, events_24h, now - timedelta(days=since)), overlap or {}, now)


def test_a_day_counts_events_hits_alerts_amount_and_labels(watched, payment, client_system):
    records = [payment(**LARGE), payment(**LARGE), payment()]
    decide_payments(records, client=client_system)
    now = timezone.now()
    assert "payments" in watch_rules(now)
    day = RuleDay.objects.get(rule=watched, day=timezone.localdate(now))
    hits = RuleHit.objects.filter(rule=CODE)
    assert (day.events, day.hits, day.shadow_hits, day.labelled, day.frauds) == (3, 2, 0, 0, 0)
    assert day.alerts == hits.exclude(alert=None).values("alert").distinct().count()
    assert day.amount_minor == sum(hits.values_list("assessment__amount_minor", flat=True))
    assert day.last_hit_at == max(hits.values_list("assessment__decided_at", flat=True))
    watch = RuleWatch.objects.get(rule=watched)
    assert (watch.hits_24h, watch.last_hit_at, watch.cost_events) == (2, day.last_hit_at, 3)
    assert watch.cost_us > 0 and watch.overlap == {}  # no other rule hit anything


def test_a_late_label_counts_its_day_again(watched, payment, client_system):
    record = payment(**LARGE)
    decide_payments([record, payment()], client=client_system)
    past = timezone.now() - timedelta(days=9)
    Assessment.objects.update(decided_at=past)
    now = timezone.now()
    rebuild_days("payments", days=20, now=now)
    watch_rules(now)
    day = RuleDay.objects.get(rule=watched, day=timezone.localdate(past))
    assert (day.hits, day.labelled, day.frauds) == (1, 0, 0)
    RuleDay.objects.filter(rule=watched, day=timezone.localdate(past)).update(hits=77)
    watch_rules(now)
    assert RuleDay.objects.get(pk=day.pk).hits == 77  # nothing was added to that day: it is left alone
    label(record)
    watch_rules(now)
    day.refresh_from_db()
    assert (day.hits, day.labelled, day.frauds) == (1, 1, 1)


def test_figures_add_up_without_gaps(watched, payment, client_system):
    decide_payments([payment(**LARGE)], client=client_system)
    watch_rules(timezone.now())
    figures = figures_of(watched, days=30)
    assert len(figures.days) == 30 and (figures.events, figures.hits) == (1, 1)
    assert figures.precision.n == 0 and figures.precision.value is None
    assert days_of([watched.pk], days=30, today=timezone.localdate())[watched.pk].hits == 1


def test_shadow_hits_stand_beside_those_of_the_active_version(watched, ana, payment, client_system):
    rule = redrafted(watched, ana, params={"least": 3000.0})
    standing = rulebook.start_shadow(rule, seen=rule.draft.revision, acting_user=ana)
    serving.forget()
    decide_payments([payment(**LARGE), payment(amount="2000.00"), payment()], client=client_system)
    found = shadow_figures(standing)
    assert (found.hits, found.also_active, found.only_shadow, found.only_active) == (1, 1, 0, 1)
    assert [hit.pk for hit in found.newest] == [ShadowHit.objects.get().pk]
    watch_rules(timezone.now())
    assert RuleDay.objects.get(rule=watched).shadow_hits == 1


class TestFlags:
    def test_silent_after_thirty_days_in_force(self, watched):
        silent = days(watched)
        assert set(flags(watched, silent)) == {"silent"}
        assert flags(watched, silent, since=29) == {}
        assert flags(watched, days(watched, hits=1)) == {}
        assert flags(watched, days(watched, events=0)) == {}

    @pytest.mark.parametrize(("labels", "frauds", "flagged"), [(2, 0, True), (2, 1, False), (1, 0, False)])
    def test_imprecise_only_with_enough_labels(self, watched, labels, frauds, flagged):
        found = flags(watched, days(watched, hits=3, labelled=labels, frauds=frauds))  # 40 days of it
        assert ("imprecise" in found) is flagged

    def test_overlap_is_containment(self, watched):
        overlap = {"rule": "OTHER", "both": 95, "hits": 100, "share": 0.95, "jaccard": 0.1}
        assert "95 of its 100 hits" in flags(watched, days(watched, hits=3), overlap=overlap)["overlap"]
        few = overlap | {"hits": 19, "both": 19, "share": 1.0}
        assert flags(watched, days(watched, hits=3), overlap=few) == {}

    @pytest.mark.parametrize(
        ("usual", "hits", "events", "jumped"),
        [
            (2, 19, 1_000, False),  # small counts are chance
            (2, 20, 1_000, True),
            (10, 29, 1_000, False),
            (10, 31, 1_000, True),
            (10, 31, 3_000, False),  # three times the decisions, so as many hits are usual
            (100, 299, 1_000, False),
        ],
    )
    def test_a_jump_is_against_the_usual_share_of_decisions(self, watched, usual, hits, events, jumped):
        found = flags(watched, days(watched, hits=usual), hits_24h=hits, events_24h=events)
        assert ("jump" in found) is jumped

    def test_a_rule_that_does_not_decide_has_none(self, watched):
        recent = Recent(days(watched), 0, 1_000, None)
        assert flags_of(recent, {}, timezone.now()) == {}


def test_overlaps_name_the_rule_that_hits_most_of_the_same(watched, ana, ben, payment, client_system):
    wider = rulebook.new_rule(
        "payments", definition(code="WIDER_RULE", condition="amount >= 100.0", params={}), acting_user=ana
    )
    version = rulebook.submit_draft(wider.rule, seen=wider.revision, acting_user=ana)
    rulebook.approve(version.version, seen=version.revision, acting_user=ben)
    serving.forget()
    decide_payments([payment(**LARGE), payment(amount="200.00")], client=client_system)
    found = overlaps("payments", timezone.now())
    assert (found[CODE]["rule"], found[CODE]["both"], found[CODE]["share"]) == ("WIDER_RULE", 1, 1.0)
    assert found["WIDER_RULE"]["share"] == found["WIDER_RULE"]["jaccard"] == 0.5


def test_people_are_told_of_a_jump_and_of_its_end(watched, payment, client_system):
    for day in days(watched, hits=1)[:-2]:
        day.save()
    decide_payments([payment(sender_id=f"a-{n}", **LARGE) for n in range(20)], client=client_system)
    now = timezone.now()
    rule_days = RuleDay.objects.filter(rule=watched)
    assert rule_days.count() == 39
    assert watch_rules(now)["payments"] == [CODE]
    alert = SystemAlert.objects.get(kind="rule.jump", cleared_at=None)
    assert (alert.engine, alert.subject) == ("payments", CODE) and "20 hits in 24 h" in alert.message
    Assessment.objects.update(decided_at=now - timedelta(days=2))
    watch_rules(now)
    assert not SystemAlert.objects.filter(kind="rule.jump", cleared_at=None).exists()
    assert Rule.objects.get(pk=watched.pk).watch.hits_24h == 0
