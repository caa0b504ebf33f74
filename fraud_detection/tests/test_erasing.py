"""Erasing a customer: nothing that names them is left, what counts stays, and two people do it."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.models import Alert, Case, Notification, NotificationDelivery, OutboxMessage
from alerts.services.cases.commenting import comment_on_case
from alerts.services.cases.opening import open_case
from fraud_detection.models import Assessment, CustomerPrediction, ErasureRequest, ErasureState, ListEntry
from fraud_detection.services.decisions import decide_payment
from fraud_detection.services.jobs import cancel_job, do_step, download, start_upload
from fraud_detection.services.lists import add_list_entry
from fraud_detection.services.privacy import (
    ErasureConflict,
    ErasureHeld,
    SecondPerson,
    ask_erasure,
    carry_out_erasure,
    export_customer,
    run_erasures,
    withdraw_erasure,
)
from fraud_detection.services.sources import decide_event
from logs.models import AuditEvent, SubjectKey
from logs.services import record
from tests.test_card_numbers import everything_stored
from transactions.models import Label, Transaction
from transactions.services import record_labels
from users.models import Customer

pytestmark = pytest.mark.django_db
PERSONAL = {
    "user_id": "cust-77801",
    "sender_id": "acct-99120",
    "sender_name": "Philomena Quist",
    "email": "philomena.quist@mail.example",
    "device_id": "dev-a81f00e2",
    "ip_address": "198.51.100.77",
    "card_token": "tok-5567-0091",
    "latitude": 51.507351,
    "longitude": -0.127758,
    "metadata": {"phone": "+44 7700 900123", "basket": 3},
}
TRACES = (
    *("cust-77801", "acct-99120", "Philomena", "Quist", "philomena.quist", "dev-a81f00e2", "198.51.100.77"),
    *("tok-5567-0091", "51.507351", "7700 900123", "BANK-4411-7788", "AB12 CDE", "14 Rosewood Lane"),
)


@pytest.fixture
def shop(client_system):
    return client_system


@pytest.fixture
def customer(approving_engine, shop, drain, payment, analyst, settings, tmp_path):
    """A customer who stands in every kind of row, with a closed case; somebody else paid them."""
    settings.BACKTEST_DIR = tmp_path / "shelf"
    settings.BACKTEST_DIR.mkdir()
    decide_payment(drain(**PERSONAL, transaction_id="T-own"), client=shop)
    decide_payment(
        drain(
            transaction_id="T-in",
            sender_id="other-1",
            receiver_id="acct-99120",
            receiver_name="Philomena Quist",
        ),
        client=shop,
    )
    claim = {
        "claim_id": "CLM-1", "policy_id": "POL-77801", "claim_amount": 45000, "estimated_value": 52000,
        "claimant_id": "cust-77801", "bank_account": "BANK-4411-7788", "object_id": "AB12 CDE",
        "address": "14 Rosewood Lane", "phone": "+44 7700 900123",
    }  # fmt: skip
    decide_event("insurance", claim, client=shop)
    trade = {
        "event_id": "E1",
        "symbol": "ACME",
        "price": 10,
        "volume": 5,
        "trader_id": "cust-77801",
        "side": "buy",
    }
    decide_event("market", trade, client=shop)
    found = Customer.objects.get(external_id="cust-77801")
    found.name, found.attributes = "Philomena Quist", {"employer": "Rosewood and Daughters"}
    found.save()
    own = Transaction.objects.get(transaction_id="T-own")
    record_labels(
        [own.pk], verdict="fraud", source="customer", known_at=timezone.now(), reason="Philomena Quist called"
    )
    return found


def erase(customer, analyst, admin, batches=None):
    asked = ask_erasure(customer_id=customer.pk, reason="Philomena Quist asked", acting_user=analyst)
    carry_out_erasure(erasure_id=asked.pk, acting_user=admin)
    run_erasures(batches)
    asked.refresh_from_db()
    return asked


def left(*traces: str) -> list[str]:
    stored = everything_stored()
    return [trace for trace in traces if trace.lower() in stored.lower()]


def test_what_was_told_of_the_customer_and_is_still_gathered(customer, analyst, admin):
    tally = {"alert.created": {"count": 1, "first": {"subject": "acct-99120", "rule": "ACCOUNT_DRAIN"}}}
    told = {"severity": "high", "tally": tally}
    bell = Notification.objects.create(user=analyst, topic="alert.created", title="New", **told)
    mail = NotificationDelivery.objects.create(destination="email:1", lane="digest", **told)
    erase(customer, analyst, admin)
    for row in (bell, mail):
        row.refresh_from_db()
        first = row.tally["alert.created"]["first"]
        assert first["subject"].startswith("erased-") and first["rule"] == "ACCOUNT_DRAIN"


def test_files_of_ended_jobs_that_name_the_customer(
    customer, analyst, admin, shop, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.BATCH_DIR, settings.BATCH_FREE_MB = tmp_path / "batches", 0
    header = "transaction_id,amount,sender_id,receiver_id,sender_name,type\n"
    named, other = "5,1.00,cust-77801,r,Philomena Quist,transfer\n", "6,1.00,s-9,r,Ann,Philomena Quist\n"
    terms = {"engine": "payments", "priority": "normal", "client": shop, "acting": "tests"}
    dropped, done = (
        start_upload(filename="a.csv", content=[(header + row).encode()], **terms) for row in (named, other)
    )
    cancel_job(job_id=dropped.pk, acting="a@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        while do_step():
            pass
    assert "Philomena Quist" in b"".join(download(done, "errors")).decode()
    erase(customer, analyst, admin)
    dropped.refresh_from_db()
    assert dropped.files_removed_at is not None
    files = [path.read_text() for path in settings.BATCH_DIR.rglob("*") if path.is_file()]
    assert files and not any("Philomena" in text or "cust-77801" in text for text in files)
    assert "is not one of" in b"".join(download(done, "errors")).decode()


def test_nothing_that_names_the_customer_is_left_and_what_counts_stays(customer, analyst, admin):
    for alert in Alert.objects.filter(customer=customer):
        alert.note = "Spoke to Philomena; dev-a81f00e2 is hers."
        alert.save()
    add_list_entry(
        list="block", kind="device", value="dev-a81f00e2", reason="of cust-77801", acting_user=admin
    )
    before = [
        list(
            Assessment.objects.order_by("pk").values_list(
                "decision", "risk_score", "features", "amount_minor"
            )
        ),
        list(Transaction.objects.order_by("pk").values_list("amount", "type", "country", "occurred_at")),
    ]
    assert set(left(*TRACES)) == set(TRACES)
    done = erase(customer, analyst, admin)
    assert done.state == ErasureState.DONE and done.sealed == ""
    assert left(*TRACES) == []
    assert before == [
        list(
            Assessment.objects.order_by("pk").values_list(
                "decision", "risk_score", "features", "amount_minor"
            )
        ),
        list(Transaction.objects.order_by("pk").values_list("amount", "type", "country", "occurred_at")),
    ]
    own = Transaction.objects.get(transaction_id="T-own")
    their = Transaction.objects.get(transaction_id="T-in")
    customer.refresh_from_db()
    assert (own.user_id, customer.name, customer.attributes) == (customer.external_id, "", {})
    assert own.sender_id == their.receiver_id and own.sender_key == their.receiver_key
    assert own.metadata == {"phone": None, "basket": 3}
    assert Label.objects.get().device_key == own.device_key
    assert ListEntry.objects.get().value == own.device_id
    assert json.loads(OutboxMessage.objects.first().payload["alert_id"].__str__())
    last = AuditEvent.objects.latest("pk")
    assert (last.action, last.subject, last.actor) == ("customer.erased", str(customer.pk), admin.email)


def test_an_erasure_that_stops_anywhere_goes_on_where_it_was(customer, analyst, admin, monkeypatch):
    from fraud_detection.services.privacy import erasing

    monkeypatch.setattr(erasing, "BATCH", 1)
    asked = erase(customer, analyst, admin, batches=1)
    rounds = 1
    while asked.state == ErasureState.RUNNING:  # each round knows what the row says, as another process would
        run_erasures(batches=1)
        asked.refresh_from_db()
        rounds += 1
    assert left(*TRACES) == [] and rounds > len(erasing.STEPS)
    assert run_erasures() == 0


def test_who_comes_under_the_old_id_is_a_new_customer(customer, analyst, admin, shop, payment):
    erase(customer, analyst, admin)
    decide_payment(payment(user_id="cust-77801", sender_id="acct-99120"), client=shop)
    fresh = Customer.objects.get(external_id="cust-77801")
    assert fresh.pk != customer.pk and fresh.transactions.count() == 1


def test_four_eyes_and_one_request_at_a_time(customer, analyst, admin):
    asked = ask_erasure(customer_id=customer.pk, reason="asked by letter", acting_user=admin)
    with pytest.raises(SecondPerson):
        carry_out_erasure(erasure_id=asked.pk, acting_user=admin)
    with pytest.raises(ErasureConflict):
        ask_erasure(customer_id=customer.pk, reason="again", acting_user=analyst)
    assert ErasureRequest.objects.get().state == ErasureState.ASKED
    withdraw_erasure(erasure_id=asked.pk, acting_user=admin)
    with pytest.raises(ErasureConflict):
        carry_out_erasure(erasure_id=asked.pk, acting_user=analyst)
    assert left("Philomena") == ["Philomena"]


def test_an_open_case_holds_the_erasure_and_a_report_is_not_named(customer, analyst, admin, settings):
    from alerts.models import CaseReport
    from alerts.models.case_report import ReportState

    case = open_case(
        alert_ids=[Alert.objects.filter(customer=customer).first().pk], title="Philomena", acting_user=analyst
    )
    comment_on_case(case_id=case.pk, text="Philomena Quist denies it.", acting_user=analyst)
    with pytest.raises(ErasureHeld, match=f"an investigation is open \\({case}\\)"):
        ask_erasure(customer_id=customer.pk, reason="asked", acting_user=analyst)
    now = timezone.now()
    Case.objects.filter(pk=case.pk).update(status="closed", verdict="confirmed_fraud", closed_at=now)
    report = CaseReport.objects.create(
        case=case, state=ReportState.FILED, determined_on=now.date(), suspect_identified=True,
        due_on=now.date(), settled_at=now, created_by="x", changed_by="x",
    )  # fmt: skip
    with pytest.raises(ErasureHeld) as held:
        ask_erasure(customer_id=customer.pk, reason="asked", acting_user=analyst)
    assert held.value.reasons == ["records about this customer must be kept by law"]
    assert ErasureRequest.objects.count() == 0
    CaseReport.objects.filter(pk=report.pk).update(
        settled_at=now - timedelta(days=settings.REPORT_KEEP_DAYS + 1)
    )
    settings.ERASURE_KEEP_DAYS = 30
    with pytest.raises(ErasureHeld):
        ask_erasure(customer_id=customer.pk, reason="asked", acting_user=analyst)
    settings.ERASURE_KEEP_DAYS = 0
    erase(customer, analyst, admin)
    assert left(*TRACES) == []


def test_what_the_audit_trail_says_of_a_customer_goes_with_the_key(customer, analyst, admin):
    from logs.services.chain.sealing import seal_events
    from logs.services.chain.verifying import verify_audit

    told = record(
        "customer.renamed", actor_kind="user", actor="ana", subject_kind="customer", subject=str(customer.pk),
        before={"name": "Philomena Quist", "at": 1}, after={"name": "P. Quist"}, about=customer.pk,
    )  # fmt: skip
    seal_events()
    assert "Quist" not in json.dumps([told.before, told.after])
    told.refresh_from_db()
    assert told.before == {"name": "Philomena Quist", "at": 1}
    erase(customer, analyst, admin)
    told.refresh_from_db()
    assert told.before == {"name": "[erased]", "at": 1} and not SubjectKey.objects.exists()
    seal_events()
    assert verify_audit().ok


def test_an_export_holds_every_table_that_names_the_customer_but_no_report(customer, analyst, admin):
    import zipfile

    from fraud_detection.services.privacy.sections import SECTIONS

    with zipfile.ZipFile(export_customer(customer, actor_kind="user", actor=admin.email)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert set(held) == {"README.txt", *(f"{section.name}.json" for section in SECTIONS)}
    rows = {
        name.removesuffix(".json"): json.loads(text) for name, text in held.items() if name != "README.txt"
    }
    assert [row["transaction_id"] for row in rows["transactions"]] == ["T-own"]
    assert [row["transaction_id"] for row in rows["transactions_as_counterparty"]] == ["T-in"]
    assert [row["claim_id"] for row in rows["insurance_claims"]] == ["CLM-1"]
    assert [row["event_id"] for row in rows["market_events"]] == ["E1"]
    assert rows["customer"][0]["name"] == "Philomena Quist"
    assert len(rows["decisions"]) == 3 and rows["alerts"] and rows["labels"] and rows["rule_hits"]
    assert "report" not in " ".join(rows)
    assert AuditEvent.objects.filter(action="customer.exported", subject=str(customer.pk)).count() == 1


def test_every_table_has_a_section_or_a_reason():
    from django.apps import apps

    from fraud_detection.services.privacy.sections import NOT_ABOUT, SECTIONS

    ours = ("users", "transactions", "alerts", "logs", "fraud_detection")
    names = {model.__name__ for model in apps.get_models() if model._meta.app_label in ours}
    told = {section.model.__name__ for section in SECTIONS}
    assert names - told - set(NOT_ABOUT) == set()
    assert told & set(NOT_ABOUT) == set() and set(NOT_ABOUT) - names == set()
    assert CustomerPrediction.__name__ in told
