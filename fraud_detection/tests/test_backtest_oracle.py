"""A backtest against a plain loop: RuleSet.evaluate over every decision and sums by hand, for any rule."""

import random
from datetime import UTC, timedelta

import numpy as np
import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Assessment
from fraud_detection.rules.ruleset import RuleSet
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.services.backtesting.replaying import replay_period
from fraud_detection.services.backtesting.wordings import wordings_of
from fraud_detection.services.workbench.trying import recorded_values
from fraud_detection.tests.backtest_history import MARCH, day, decide, label, pay, put_in_force, wording

pytestmark = pytest.mark.django_db
NUMBERS = ("amount", "sender_count_1h", "sender_earlier_mean_30d", "amount_over_sender_mean_30d")
TERMS = [
    *(f"{name} {sign} {limit}" for name in NUMBERS for sign in (">=", "<") for limit in ("1", "p.limit")),
    *("first_pair", "missing(sender_count_1h)", "amount / sender_count_1h > 2"),
    *("merchant_category == 'casino'", "merchant_category in ['shoes', 'casino']"),
    "min(amount, sender_count_1h) >= 1",
]  # fmt: skip
CONDITIONS = st.recursive(
    st.sampled_from(TERMS),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("({0[0]} && {0[1]})".format),
        st.tuples(inner, inner).map("({0[0]} || {0[1]})".format),
        inner.map("!({})".format),
    ),
    max_leaves=5,
)
EVENTS = 60


@pytest.fixture
def decisions(approving_engine, settings, tmp_path):
    """Sixty decisions whose recorded values are drawn anew, a third of them missing; half have labels."""
    settings.BACKTEST_DIR = tmp_path / "backtests"
    put_in_force(wording(code="ACTIVE", condition="sender_count_1h >= 1", params={}))
    dice = random.Random(7)
    categories = (None, "casino", "shoes", "books")
    decide(
        *(
            pay(f"E{n}", 1 + n % 20, f"{dice.randint(1, 900)}.00", f"acc-{n % 9}",
                merchant_category=dice.choice(categories))
            for n in range(EVENTS)
        )
    )  # fmt: skip
    places = [ENGINES["payments"].feature_set.numbers.index(name) for name in (*NUMBERS, "first_pair")]
    for assessment in Assessment.objects.all():
        vector = np.frombuffer(bytes(assessment.features), "<f8").copy()
        vector[places] = [dice.choice((0.0, 1.0, 2.5, 500.0, np.nan, np.nan)) for _ in places]
        vector[places[-1]] = dice.choice((0.0, 1.0, np.nan))  # yes, no, missing
        Assessment.objects.filter(pk=assessment.pk).update(features=vector.tobytes())
    for n in range(0, EVENTS, 2):
        label(f"E{n}", dice.choice(("fraud", "legitimate")), day(dice.randint(20, 40)))
    return list(Assessment.objects.select_related("transaction").order_by("pk"))


@given(condition=CONDITIONS, requires=st.none() | CONDITIONS, cut_off=st.integers(18, 42))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_figures_are_those_of_a_plain_loop(decisions, condition, requires, cut_off):
    definition = wording(condition=condition, requires=requires, params={"limit": 500})
    since, until = MARCH + timedelta(days=2), MARCH + timedelta(days=15)
    found = replay_period(
        ENGINES["payments"],
        wordings_of(ENGINES["payments"], definition),
        since=since,
        until=until,
        known_by=day(cut_off),
        now=timezone.now(),
    )
    expected = _by_hand(decisions, definition, since, until, day(cut_off))
    draft = found.draft
    assert {
        "hits": draft.hits.events,
        "amount": draft.hits.amount,
        "insufficient": draft.insufficient,
        "not_evaluable": draft.not_evaluable,
        "frauds": draft.frauds.events,
        "good": draft.good.events,
        "alone": draft.alone.events,
        "alerts": int(draft.alerts_by_day().sum()),
        "both": int(found.together[0, 1]),
        "known_frauds": found.overall.frauds.events,
    } == expected


def _by_hand(decisions, definition, since, until, known_by):
    engine = ENGINES["payments"]
    draft = RuleSet.build([RuleSpec.from_data(definition)], engine.feature_set, engine.context)
    names = ("hits", "amount", "insufficient", "not_evaluable", "frauds", "good", "alone", "alerts", "both")
    sums = dict.fromkeys((*names, "known_frauds"), 0)
    alerts = set()
    for assessment in decisions:
        event = assessment.transaction
        if not since <= event.occurred_at < until:
            continue
        newest = event.labels.filter(known_at__lte=known_by).order_by("-known_at", "-id").first()
        verdict = newest.verdict if newest else None
        values = recorded_values(assessment)
        said = draft.evaluate(values)
        other = (values["sender_count_1h"] or 0) >= 1
        sums["known_frauds"] += verdict == "fraud"
        sums["insufficient"] += bool(said.insufficient)
        sums["not_evaluable"] += bool(said.not_evaluable)
        if said.hits:
            sums["hits"] += 1
            sums["amount"] += assessment.amount_minor
            sums["frauds"] += verdict == "fraud"
            sums["good"] += verdict == "legitimate"
            sums["alone"] += verdict == "fraud" and not other
            sums["both"] += other
            alerts.add((event.occurred_at.astimezone(UTC).date(), event.sender_id))
    return sums | {"alerts": len(alerts)}
