"""The insurance half without a database: days, the request, the generated week, the model."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from ml.domains.fields import RecordRefused
from ml.domains.insurance.days import first_moment, span
from ml.domains.insurance.features import INSURANCE
from ml.domains.insurance.generator import START, WEEK, generate, generate_week
from ml.domains.insurance.schema import encode, parse, plain
from ml.domains.insurance.schemes import OCCURRENCES, SCHEMES
from ml.domains.insurance.training import (
    ANY_TIME,
    features,
    model_features,
    train_bootstrap,
    train_from_frame,
)
from ml.features.durations import DAY, HOUR

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CLAIM = {"claim_id": "C", "policy_id": "P", "claim_amount": "10.005", "estimated_value": 20}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("later", "earlier", "expected"),
    [
        (date(2026, 3, 31), date(2026, 3, 1), 30 * DAY),
        (moment("2026-03-31T23:00+00:00"), date(2026, 3, 1), 30 * DAY),
        (moment("2026-03-31T23:00-05:00"), date(2026, 3, 1), 30 * DAY),
        (date(2026, 3, 2), moment("2026-03-01T23:59+00:00"), DAY),
        (moment("2026-03-02T01:00+00:00"), moment("2026-03-01T23:00+00:00"), 2 * HOUR),
        (date(2026, 3, 1), date(2026, 3, 4), -3 * DAY),
    ],
)
def test_days_are_counted_in_calendar_days_and_moments_exactly(later, earlier, expected):
    assert span(later, earlier) == expected == -span(earlier, later)


def test_a_day_begins_at_its_first_moment():
    assert first_moment(date(2026, 3, 1)) == datetime(2026, 3, 1, tzinfo=UTC)
    assert first_moment(NOW) is NOW


def test_a_claim_as_integers():
    said = {"loss_date": "2026-05-01", "reported_at": "2026-05-03", "policy_inception": "2026-05-02"}
    values = parse(
        CLAIM | said | {"renewed": "yes", "claimant_id": "", "market_value": None}, now=NOW, text=True
    )
    assert values["occurred_at"] == datetime(2026, 5, 3, tzinfo=UTC)
    columns = encode(values, NOW)
    assert (columns["amount_minor"], columns["estimated_minor"], columns["market_minor"]) == (
        1000,
        2000,
        None,
    )
    assert (columns["after_inception"], columns["report_delay"]) == (-DAY, 2 * DAY)
    assert (columns["is_renewed"], columns["loss_has_time"]) == (1, False)
    assert columns["claimant_key"] == columns["policy_key"]  # the policy stands for its holder


def test_every_problem_is_named_at_once():
    said = {"loss_date": "2026-05-04", "reported_at": "2026-05-03", "policy_end": "2025", "claim_amount": "0"}
    with pytest.raises(RecordRefused) as refused:
        parse(CLAIM | said, now=NOW)
    assert [problem.field for problem in refused.value.problems] == ["claim_amount", "policy_end"]
    with pytest.raises(RecordRefused) as refused:
        parse(CLAIM | {"loss_date": "2026-05-04", "reported_at": "2026-05-03"}, now=NOW)
    assert str(refused.value) == "reported_at: lies before loss_date"


@pytest.mark.parametrize(
    ("one", "other"),
    [("+1 555-01 00", "+155501 00"), ("DE89 3704", "de893704"), ("Straße 1", "STRASSE 1"), ("---", "---")],
)
def test_what_people_write_in_many_ways_is_one_text(one, other):
    assert plain(one) == plain(other) != ""


def test_a_week_holds_every_scheme_and_claims_the_request_takes():
    week = generate_week(seed=3, scale=0.2)
    assert week == generate_week(seed=3, scale=0.2)
    instances = {event.instance for event in week if event.scheme}
    assert len(instances) == OCCURRENCES * len(SCHEMES)
    assert {event.scheme for event in week} == {"", *SCHEMES}
    times = [event.record["reported_at"] for event in week]
    assert times == sorted(times)
    counted = [event for event in week if not event.warmup]
    assert min(event.record["reported_at"] for event in counted) >= START.isoformat()
    assert max(times) < (START + WEEK).isoformat()
    for event in week:
        parse(event.record, now=START + WEEK)
    assert len({event.record["claim_id"] for event in week}) == len(week)


def test_ordinary_claims_hold_what_rules_must_not_mistake():
    X, _ = features([parse(claim, now=ANY_TIME) for claim in generate(claims=2_000, seed=5)])
    column = dict(zip(INSURANCE.numbers, X.T, strict=True))
    assert (column["estimate_over_market"] < 1.3).all()
    assert 0.02 < np.mean(column["claimant_claims_12m"] >= 2) < 0.4
    assert 0.01 < np.mean(column["phone_other_claimants_12m"] == 1) < 0.2
    assert (column["days_covered"] >= 0).all() and (column["days_to_end"] > 0).all()
    assert 0.02 < np.mean(column["days_covered"] <= 60) < 0.1
    assert 0.0 < np.mean(column["details_changed_days"] <= 30) < 0.05


def test_the_model_reads_what_history_gives_and_finds_odd_claims_odd():
    names = model_features()
    assert not {"provider_claims_over_peers", "object_policies", "duplicate_loss_days"} & set(names)
    model = train_bootstrap(seed=2, claims=3_000)
    assert (model.card.engine, model.card.source, model.card.features) == ("insurance", "generated", names)
    assert model.card.feature_set == INSURANCE.version
    place = [INSURANCE.numbers.index(name) for name in names]
    week = generate_week(seed=9, scale=0.25)
    X, _ = features([parse(event.record, now=ANY_TIME) for event in week])
    added = model.predict(X[:, place])
    ghosts = [place for place, event in enumerate(week) if event.scheme == "ghost policy"]
    ordinary = [place for place, event in enumerate(week) if not event.scheme and not event.warmup]
    assert added[ghosts].mean() > 10 * added[ordinary].mean()
    assert added.max() <= 0.5 and np.mean(added[ordinary] > 0) < 0.08


def test_a_table_of_claims_trains_and_names_what_is_wrong_in_it():
    import pandas as pd

    from ml.preprocessing.tables import DataError

    frame = pd.DataFrame(generate(claims=700, seed=4)).assign(is_fraud=0)
    assert train_from_frame(frame, seed=1).card.source == "imported"
    frame.loc[3, "claim_amount"] = -1
    with pytest.raises(DataError, match=r"line 5, column claim_amount: must not be below 0.01"):
        train_from_frame(frame, seed=1, path="claims.csv")
