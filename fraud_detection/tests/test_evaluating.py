"""Measuring an engine: exact counts, in a database that leaves nothing behind."""

import pytest
from django.core.management import call_command
from django.db import connection

from fraud_detection.services import serving
from fraud_detection.services.evaluating import apart, evaluate, generated_week
from ml.data_generation.planted import PlantedEvent
from transactions.models import CreditApplication

GOOD = {
    "monthly_income": 5_000,
    "verified_income": 5_000,
    "employment_length": 80,
    "requested_amount": 3_000,
    "monthly_debt": 500,
    "revolving_balance": 500,
    "revolving_limit": 10_000,
    "worst_delinquency_24m": 0,
    "oldest_account_months": 200,
    "inquiries_6m": 0,
    "public_records": 0,
    "account_types": 3,
    "address_months": 150,
    "liquid_assets": 20_000,
    "monthly_expenses": 2_000,
}


def application(name, scheme="", instance="", warmup=False, **changes):
    record = {"applicant_id": name, "application_id": name, **GOOD, **changes}
    return PlantedEvent(record, scheme, instance, warmup)


@pytest.mark.django_db
def test_counts_are_exact(payments_engine):
    serving.forget()
    events = [
        application("warm", warmup=True, public_records=1, public_record_months_ago=1),
        application("bad", "bankruptcy", "b-1", public_records=1, public_record_months_ago=1),
        application("bad-2", "bankruptcy", "b-1", public_records=1, public_record_months_ago=1),
        application("odd", monthly_debt=2_600),
        application("wrong", monthly_income=-1),
    ]
    found = evaluate("credit", events)
    # without a model every decision is at least a review, so every event raises an alert
    assert (found.ordinary, found.false_alerts, found.refused) == (1, 1, 1)
    assert (found.recall, found.false_per_thousand) == (1.0, 1000.0)
    assert (len(found.planted["bankruptcy"]), found.on_planted["BANKRUPTCY_24M"]) == (1, 2)
    assert dict(found.on_ordinary) == {"HIGH_DEBT_TO_INCOME": 1}


def test_a_week_is_the_same_again_and_holds_every_scheme():
    week = generated_week("credit", seed=3, scale=0.05)
    assert week == generated_week("credit", seed=3, scale=0.05)
    moments = [event.record["occurred_at"] for event in week]
    assert moments == sorted(moments)
    schemes = {event.scheme for event in week} - {""}
    assert schemes == {
        "recent bankruptcy",
        "debt burden",
        "thin file",
        "identity ring",
        "loan stacking",
        "inflated income",
    }
    assert all(len({e.instance for e in week if e.scheme == scheme}) == 6 for scheme in schemes)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_an_evaluation_leaves_nothing_behind(payments_engine, capsys):
    here = connection.settings_dict["NAME"]
    with apart("credit"):
        assert connection.settings_dict["NAME"] != here
        evaluate("credit", [application("one")])
        assert CreditApplication.objects.count() == 1
        inside = connection.settings_dict["NAME"]
    assert connection.settings_dict["NAME"] == here
    assert not CreditApplication.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_database where datname = %s", [inside])
        assert cursor.fetchone() == (0,)
    call_command("evaluate_engine", "credit", scale=0.03)
    printed = capsys.readouterr().out
    assert "recall of planted schemes: " in printed and "identity ring: 6 of 6 found" in printed
