"""Applications, claims and orders in the dashboard: the list, one decision, and its alert."""

import pytest

from alerts.models import Alert
from fraud_detection.models import ApplicantGroup, Assessment
from fraud_detection.services import serving
from fraud_detection.services.sources import decide_event

pytestmark = pytest.mark.django_db
APPLICATION = {
    "application_id": "APP-1",
    "applicant_id": "ANNA-1",
    "monthly_income": 5_000,
    "verified_income": 2_000,
    "employment_length": 8,
    "revolving_balance": 8_000,
    "revolving_limit": 10_000,
}


@pytest.fixture
def decided(payments_engine, client_system):
    serving.forget()
    return decide_event("credit", APPLICATION, client=client_system)


@pytest.fixture
def page(client, person):
    client.force_login(person("analyst"))
    return lambda path: client.get(path)


def test_the_list_shows_and_filters(decided, page):
    shown = page("/decisions/").content.decode()
    assert "APP-1" in shown and f"/decisions/{decided.assessment_id}/" in shown
    for query in ("engine=credit", "decision=stopped", "q=APP-1", "q=ANNA-1", "engine=nothing"):
        assert "APP-1" in page(f"/decisions/?{query}").content.decode(), query
    for query in ("engine=insurance", "decision=approve", "q=APP"):
        assert "No decision matches" in page(f"/decisions/?{query}").content.decode(), query


def test_one_decision_with_its_scorecard(decided, page):
    shown = page(f"/decisions/{decided.assessment_id}/").content.decode()
    assert "Revolving balance" in shown and "8,000.00" in shown
    assert f"{decided.answer['credit_score']} points" in shown
    assert "INCOME_MISMATCH" in shown and "Stated income is 2.5" in shown


def test_the_alert_shows_the_application_in_the_place_of_payments(decided, page):
    alert = Alert.objects.get(rule="INCOME_MISMATCH")
    shown = page(f"/alerts/{alert.pk}/").content.decode()
    assert f"/decisions/{decided.assessment_id}/" in shown
    assert "Scorecard" in shown and "Usual payment" not in shown


def test_a_transactions_decision_is_shown_on_its_page(approving_engine, payment, page, client_system):
    from fraud_detection.services.decisions import decide_payment

    made = decide_payment(payment(), client=client_system)
    event = Assessment.objects.get(pk=made.assessment_id).transaction_id
    answer = page(f"/decisions/{made.assessment_id}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/transactions/{event}/")
    assert page("/decisions/999999/").status_code == 404


def test_the_four_fifths_report_is_for_auditors(decided, client, person):
    ApplicantGroup.objects.create(applicant_id="ANNA-1", attribute="cohort", group="blue")
    client.force_login(person("analyst"))
    assert client.get("/fairness/").status_code == 403
    client.force_login(person("auditor"))
    shown = client.get("/fairness/").content.decode()
    assert "blue" in shown and "fewer than 30 decisions" in shown
    for query in ("decided=today", "decided=nonsense"):
        assert "blue" in client.get(f"/fairness/?{query}").content.decode(), query
    ApplicantGroup.objects.all().delete()
    assert "No decided application has a group" in client.get("/fairness/").content.decode()
