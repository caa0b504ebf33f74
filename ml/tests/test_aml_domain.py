"""The aml domain's generated week, its model, and a reporting threshold of one's own."""

from collections import Counter
from datetime import datetime, timedelta

import pandas as pd
import pytest

from ml.data_generation.laundering import SCHEMES
from ml.domains.aml.features import AML, aml_features
from ml.domains.aml.generator import END, generate_week
from ml.domains.aml.training import UNSEEN, model_features, train_from_frame
from ml.domains.payments.training import parsed_rows
from ml.modeling.errors import TrainingRefused
from ml.preprocessing.tables import DataError
from ml.tests.payment_events import event, features


@pytest.fixture(scope="module")
def week():
    return generate_week(seed=5, scale=0.1)


def test_a_week_is_the_same_again_and_holds_every_scheme(week):
    assert week == generate_week(seed=5, scale=0.1)
    assert week[:50] != generate_week(seed=6, scale=0.1)[:50]
    assert {one.scheme for one in week} - {""} == set(SCHEMES)
    assert len({one.record["transaction_id"] for one in week}) == len(week)


def test_events_stand_in_order_and_what_comes_before_the_week_is_warm_up(week):
    moments = [one.record["occurred_at"] for one in week]
    begins = (END - timedelta(days=7)).isoformat()
    assert moments == sorted(moments) and moments[-1] < END.isoformat()
    assert all(one.warmup for one in week if one.record["occurred_at"] < begins)
    counted = [one for one in week if not one.warmup]
    assert 400 < sum(not one.scheme for one in counted) < 1_500
    first = datetime.fromisoformat(moments[0])
    assert END - first > timedelta(days=210)  # half a year before the month that is compared


def test_every_record_is_one_that_the_api_takes(week):
    frame = pd.DataFrame([one.record for one in week[-600:]])
    assert len(parsed_rows(frame, "week")) == 600


def test_honest_life_holds_what_looks_odd(week):
    ordinary = [one.record for one in week if not one.scheme]
    near = Counter(r["sender_id"] for r in ordinary if 8_000 <= float(r["amount"]) < 10_000)
    assert near  # cars that cost nearly T
    assert {r.get("ip_country") for r in ordinary} >= {"VN"}
    assert sum(r["receiver_id"].startswith("P5-0001") for r in ordinary) > 20  # a club's members


def test_the_model_reads_what_every_history_can_give():
    assert set(model_features()) | UNSEEN == set(AML.numbers)
    assert not UNSEEN & set(model_features())


def test_the_same_table_and_seed_give_the_same_model(week):
    frame = pd.DataFrame([one.record for one in week[-2_500:]])
    (model, report), (again, _) = (train_from_frame(frame, seed=2, source="generated") for _ in range(2))
    assert model.card.prediction_hash == again.card.prediction_hash
    assert (model.card.engine, model.card.feature_set) == ("aml", AML.version)
    assert (model.card.source, model.card.split) == ("generated", "time")
    assert report["importance"][0]["share"] >= report["importance"][-1]["share"]


def test_a_table_that_cannot_teach_is_refused():
    few = pd.DataFrame([{"transaction_id": "1", "amount": 1, "sender_id": "a", "receiver_id": "b"}])
    with pytest.raises(DataError, match="occurred_at"):
        train_from_frame(few, seed=1)
    with pytest.raises(TrainingRefused, match="1 rows"):
        train_from_frame(few.assign(occurred_at="2026-01-01T00:00:00Z"), seed=1)
    with pytest.raises(DataError, match="holds no rows"):
        train_from_frame(few[:0], seed=1)


def test_another_threshold_moves_every_limit_and_makes_another_version():
    lower = aml_features(500_000)
    assert lower.version != AML.version and lower.names == AML.names
    sent = [event(-1, 4_500), event(0, 4_000)]
    now = features(sent, feature_set=lower)[-1]
    assert (now["sender_near_count_24h"], now["sender_near_shortfall_24h"]) == (2, 500)
    assert now["amount_over_threshold"] == 0.8
    assert features(sent, feature_set=AML)[-1]["sender_near_count_24h"] == 0
    assert "4,000 to just under 5,000" in lower.feature("sender_near_count_24h").meaning
    small = [event(0, 3_999.99, sender_key=4, receiver_key=9)]
    assert features(small, feature_set=lower)[-1]["receiver_small_over_threshold_7d"] == 0.799998
