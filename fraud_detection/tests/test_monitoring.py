"""Watching stored decisions: drift, outcomes as labels mature, snapshots of periods and their alarms."""

from datetime import timedelta
from math import log

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from alerts.models import OutboxMessage, SystemAlert
from fraud_detection.models import MonitoringSnapshot, SnapshotKind
from fraud_detection.services.decisions import decide_payments
from fraud_detection.services.monitoring import watch, watch_all
from fraud_detection.services.monitoring.drifting import drift_figures
from fraud_detection.services.monitoring.findings import calibration_finding, precision_finding
from fraud_detection.services.monitoring.outcomes import calibration_figures, maturity, monday, weekly
from fraud_detection.services.monitoring.sampling import sampled_vectors, steps
from fraud_detection.tests.watched_decisions import AS_OF, decide, label, watched_model
from ml.domains.payments.generator import generate
from users.services import client_system

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
# Three quarters and a quarter where training had halves.
PSI_75_25 = round(0.25 * log(0.75 / 0.5) - 0.25 * log(0.25 / 0.5), 4)
QUARTER = [0.0] * 150 + [1.0] * 50
HALF = [0.0] * 100 + [1.0] * 100


def test_drift_of_features_and_score_by_hand():
    watched_model()
    decide(200, days=0.5, a=QUARTER, b=HALF, probability=QUARTER)
    found = drift_figures("payments", AS_OF - DAY, AS_OF)["payments-1"]
    assert PSI_75_25 == 0.2747
    assert (found["n"], found["score"]["psi"]) == (200, 0.2747)
    assert [(row["name"], row["psi"], row["n"]) for row in found["features"]] == [
        ("a", 0.2747, 200),
        ("b", 0.0, 200),
    ]
    assert found["features"][0]["actual"] == (0.75, 0.25, 0.0)
    assert (found["moved"], found["past"], found["share_past"]) == (1, 1, 0.5)


def test_missing_values_are_a_bin_and_importance_weighs_the_features():
    watched_model(importance=[{"feature": "a", "share": 0.9}, {"feature": "b", "share": 0.1}])
    decide(200, days=0.5, a=[np.nan] * 100 + HALF[50:150], b=HALF)
    found = drift_figures("payments", AS_OF - DAY, AS_OF)["payments-1"]
    row = found["features"][0]
    assert row["missing"] == [0.0, 0.5] and row["psi"] > 3
    assert found["share_past"] == 0.9


def test_only_decisions_of_the_window_count_and_each_model_by_itself():
    watched_model()
    watched_model()
    decide(200, days=0.5, a=HALF)
    decide(250, days=0.4, a=1.0, model="payments-2")
    decide(30, days=1.5, a=1.0)
    decide(30, days=-0.1, a=1.0)  # decided after the moment
    decide(30, days=0.5, model="")  # rules alone
    found = drift_figures("payments", AS_OF - DAY, AS_OF)
    assert {version: figures["n"] for version, figures in found.items()} == {
        "payments-1": 200,
        "payments-2": 250,
    }
    assert {row["name"]: row["psi"] for row in found["payments-1"]["features"]}["a"] == 0.0


def test_too_few_decisions_give_words():
    watched_model()
    decide(199, days=0.5, a=1.0)
    found = drift_figures("payments", AS_OF - DAY, AS_OF)["payments-1"]
    assert [(row["status"], row["psi"], row["n"]) for row in found["features"]] == [
        ("too few", None, 199)
    ] * 2
    assert (found["score"]["status"], found["past"]) == ("too few", 0)


def test_a_model_without_training_bins_is_said_to_have_none():
    model = watched_model()
    del model.card["feature_bins"], model.card["score_bins"]
    model.save()
    decide(200, days=0.5)
    found = drift_figures("payments", AS_OF - DAY, AS_OF)["payments-1"]
    assert found["score"]["status"] == "no reference"
    assert {row["status"] for row in found["features"]} == {"no reference"}


def test_decisions_without_features_tell_nothing():
    watched_model()
    failed = decide(5, days=0.5)
    type(failed[0]).objects.update(degraded=True, degraded_parts=["features"])
    assert drift_figures("payments", AS_OF - DAY, AS_OF) == {}


@pytest.mark.parametrize("span", [1, 19, 20, 21, 39, 57, 1000])
def test_steps_are_bounded_and_take_no_id_twice(span):
    sets = list(steps(101, 100 + span, 20))
    ids = np.concatenate(sets)
    assert len(ids) == len(set(ids.tolist())) and ids.min() == 101 and ids.max() <= 100 + span
    assert all(len(one) <= 20 for one in sets) and len(sets) <= 5
    assert len(sets[0]) == min(span, 20)


def test_a_sample_is_spread_over_the_window():
    watched_model()
    ids = [one.pk for one in decide(100, days=0.5, a=np.arange(100))]
    assert ids[-1] - ids[0] == 99
    found = sampled_vectors("payments", AS_OF - DAY, AS_OF, most=10)
    values = [np.frombuffer(bytes(vector.packed), "<f8")[1] for vector in found]
    assert values == list(range(0, 100, 10))


def test_outcomes_by_week_as_they_were_known():
    decided = decide(10, days=10, decision="decline", with_events=True)
    label(decided[:6], "fraud", days=5)
    label(decided[6:8], "legitimate", days=5)
    label(decided[5:6], "legitimate", days=4)  # corrected: the newest label counts
    label(decided[8:], "fraud", days=-1)  # known only afterwards
    free = decide(4, days=10, released=True, with_events=True)
    label(free[:1], "fraud", days=1)
    decide(3, days=100, with_events=True)
    old, week = weekly("payments", AS_OF)
    assert (old["week"], old["decisions"], old["maturity"]) == ("2026-03-09", 3, 1.0)
    assert (week["week"], week["decisions"], week["stopped"]) == ("2026-06-01", 14, 10)
    assert (week["labelled"], week["fraud"]) == (9, 6)
    assert (week["precision"]["hits"], week["precision"]["n"], week["precision"]["value"]) == (5, 8, 0.625)
    assert (week["released"]["hits"], week["released"]["n"]) == (1, 1)
    assert week["maturity"] == round(9 / 90, 3)


def test_weeks_begin_on_monday_and_maturity_ends_at_one(settings):
    assert monday(AS_OF).isoformat() == "2026-06-15T00:00:00+00:00"
    assert [maturity(AS_OF - n * DAY, AS_OF) for n in (-1, 0, 45, 90, 400)] == [0.0, 0.0, 0.5, 1.0, 1.0]
    settings.LABEL_MATURITY_DAYS = 30
    assert maturity(AS_OF - 15 * DAY, AS_OF) == 0.5


def test_calibration_by_age_leaves_out_what_was_stopped_and_never_labelled():
    young = decide(40, days=10, probability=0.1, with_events=True)
    label(young[:8], "fraud", days=1)
    label(young[8:10], "fraud", days=-3)  # not known yet
    stopped = decide(20, days=10, probability=0.9, decision="decline", with_events=True)
    label(stopped[:9], "fraud", days=1)
    label(stopped[9:10], "legitimate", days=1)
    decide(50, days=120, probability=0.1, with_events=True)
    recent, settled = calibration_figures("payments", AS_OF)["payments-1"]
    assert (recent["from_days"], recent["until_days"], recent["settled"]) == (0, 30, False)
    assert (recent["decisions"], recent["n"], recent["labelled"]) == (60, 50, 18)
    assert recent["observed"]["value"] == 0.34 and recent["predicted"] == 0.26
    assert [(d["predicted"], d["observed"]["value"]) for d in recent["deciles"]] == [(0.1, 0.2), (0.9, 0.9)]
    assert (settled["from_days"], settled["settled"], settled["n"], settled["labelled"]) == (90, True, 50, 0)


def age(ratio, low, high, *, settled=True, labelled=50, **given):
    observed = {"value": 0.02, "n": 1000, "hits": 20, "low": 0.01, "high": 0.03}
    return {
        "from_days": 0, "until_days": 30, "settled": settled, "labelled": labelled, "predicted": 0.01,
        "observed": observed, "ratio": ratio, "ratio_low": low, "ratio_high": high,
    } | given  # fmt: skip


@pytest.mark.parametrize(
    ("ages", "excess"),
    [
        ([age(3.0, 2.0, 4.0)], 2.0),
        ([age(0.25, 0.1, 0.5)], 4 / 1.5),
        ([age(0.25, 0.1, 0.5, settled=False)], 0.0),  # more may become known
        ([age(3.0, 0.9, 9.0)], 0.0),  # may be chance
        ([age(1.2, 1.1, 1.3), age(1.8, 1.5, 2.0)], 1.2),
        ([age(0.0, 0.0, 0.2)], 66.0),
        ([age(0.0, 0.0, 0.2, labelled=0)], None),  # nobody labels
        ([age(None, None, None)], None),
        ([], None),
    ],
)
def test_when_calibration_counts_as_lost(ages, excess):
    found = calibration_finding("payments-1", ages)
    assert found.excess == (None if excess is None else pytest.approx(excess))


def week_of(hits, n):
    low, high = (hits / n - 0.05, hits / n + 0.05) if n else (0.0, 1.0)
    return {"precision": {"hits": hits, "n": n, "value": hits / n if n else None, "low": low, "high": high}}


def test_precision_is_compared_with_the_weeks_before():
    good, bad, running = week_of(80, 100), week_of(50, 100), week_of(0, 5)
    fell = precision_finding("payments", [good] * 12 + [bad] * 4 + [running])
    assert fell.excess == pytest.approx(0.3 / 0.15) and fell.severity == "critical"
    assert precision_finding("payments", [good] * 16 + [running]).excess == 0.0
    assert precision_finding("payments", [bad] * 4 + [running]).excess is None


def test_each_period_is_stored_once_and_anew_replaces_it():
    watched_model()
    decide(200, days=0.1, a=HALF, b=HALF, probability=HALF, with_events=True)
    kinds = [snapshot.kind for snapshot in watch("payments", AS_OF).snapshots]
    assert sorted(kinds) == sorted(SnapshotKind.values)
    assert watch("payments", AS_OF + timedelta(minutes=20)).snapshots == []
    later = AS_OF + timedelta(hours=1)
    assert [s.kind for s in watch("payments", later).snapshots] == [SnapshotKind.DRIFT_DAY]
    assert len(watch("payments", later, anew=True).snapshots) == 5
    assert MonitoringSnapshot.objects.count() == 6
    weekly_one = MonitoringSnapshot.objects.get(kind=SnapshotKind.DRIFT_WEEK)
    assert (weekly_one.as_of, weekly_one.period) == (later, AS_OF.replace(hour=0, minute=0))
    assert SystemAlert.objects.count() == 0


def test_one_alarm_while_it_lasts_and_none_after():
    watched_model()
    decide(400, days=1, a=1.0, b=HALF * 2, probability=HALF * 2)
    first = watch("payments", AS_OF)
    assert [finding.kind for finding in first.raised] == ["model.feature_drift"]
    watch("payments", AS_OF + DAY)
    alert = SystemAlert.objects.get()
    assert (alert.subject, alert.last_seen_at - alert.opened_at) == ("payments-1", DAY)
    assert "1 of 2 features past PSI 0.25 in 400 decisions, 50% of the model's weight: a " in alert.message
    decide(200, days=-8.5, a=HALF, b=HALF, probability=HALF)
    watch("payments", AS_OF + 9 * DAY)
    alert.refresh_from_db()
    assert alert.cleared_at == AS_OF + 9 * DAY
    states = OutboxMessage.objects.order_by("id").values_list("payload__state", flat=True)
    assert list(states) == ["open", "cleared"]


def test_how_unusual_an_event_is_is_not_held_against_outcomes():
    model = watched_model()
    model.card["calibration"] = "training percentile"
    model.save()
    label(decide(200, days=2, probability=0.9, with_events=True)[:20], "fraud", days=0.5)
    kinds = {snapshot.kind for snapshot in watch("payments", AS_OF).snapshots}
    assert kinds == {"drift_7d", "drift_30d", "outcomes"}


def test_a_model_of_generated_data_drifts_without_an_alarm():
    model = watched_model()
    model.generated_data_only = True
    model.save()
    decide(400, days=1, a=1.0)
    found = watch("payments", AS_OF)
    assert found.raised == [] and SystemAlert.objects.count() == 0
    assert "trained on generated data" in found.findings[0].message


def test_too_few_decisions_neither_open_nor_clear():
    watched_model()
    decide(400, days=1, a=1.0)
    watch("payments", AS_OF)
    assert SystemAlert.objects.filter(cleared_at=None).count() == 2
    watch("payments", AS_OF + 30 * DAY)  # nothing was decided meanwhile
    decide(10, days=-39)
    watch("payments", AS_OF + 40 * DAY)
    assert SystemAlert.objects.filter(cleared_at=None).count() == 2


def test_the_alarm_of_a_model_that_serves_no_more_is_cleared():
    watched_model()
    decide(400, days=1, a=1.0)
    watch("payments", AS_OF)
    watched_model()  # payments-2 takes over
    watch("payments", AS_OF + DAY)
    assert not SystemAlert.objects.filter(cleared_at=None).exists()
    assert OutboxMessage.objects.filter(payload__message="payments-1 no longer serves").count() == 2


def test_old_hours_are_forgotten_and_days_are_kept():
    watched_model()
    decide(200, days=0.1)
    watch("payments", AS_OF)
    watch_all(AS_OF + 61 * DAY)
    kept = set(MonitoringSnapshot.objects.filter(period__lt=AS_OF).values_list("kind", flat=True))
    assert kept == {"drift_7d", "drift_30d", "calibration", "outcomes"}


def test_real_decisions_are_held_against_the_training_of_their_model(champion):
    assert set(champion.card["feature_bins"]) == set(champion.card["features"])
    frame = generate(customers=40, days=8, fraud_rate=0.03, seed=5, until=AS_OF)
    records = [
        {name: value for name, value in row.items() if value is not None and value == value}
        for row in frame.drop(columns=["is_fraud", "scheme"]).to_dict("records")
    ]
    decide_payments(records, client=client_system("shop"))
    now = timezone.now() + timedelta(seconds=1)
    figures = drift_figures("payments", now - DAY, now)["payments-1"]
    assert figures["n"] == len(records) >= 200
    indexes = {row["name"]: row["psi"] for row in figures["features"]}
    assert set(indexes) == set(champion.card["features"])
    # A customer's first events have no history of 30 days yet, their amounts are like those of training.
    assert indexes["amount"] < 0.25 and figures["score"]["psi"] is not None


def test_the_command_looks_now_and_prints(capsys, payments_engine):
    call_command("watch_models")
    assert "no decisions of a model yet" in capsys.readouterr().out
    with pytest.raises(CommandError, match="engine 'shoes' is not installed"):
        call_command("watch_models", "shoes")


def test_the_command_prints_figures(capsys, monkeypatch):
    watched_model()
    decided = decide(200, days=3, a=QUARTER, b=HALF, probability=HALF, decision="review", with_events=True)
    label(decided[:30], "fraud", days=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: AS_OF)
    call_command("watch_models", "payments")
    printed = capsys.readouterr().out
    assert "payments-1, drift, last 7 days, n = 200: score PSI 0.0000, 1 features past the limit" in printed
    assert "a                                            PSI 0.2747" in printed
    assert "2026-06-08        200      200        30       30       2%  1.0000 (0.89 to 1.00" in printed
    assert "ALARM payments-1: 1 of 2 features past PSI 0.25" in printed
