"""The pages of the audit trail and the logs, as an auditor sees them."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from logs.models import AuditEvent
from logs.services import record
from logs.services.calls.writing import write
from logs.services.chain.sealing import last_seal, seal_events
from logs.services.chain.verified import verify_and_note
from logs.services.chain.verifying import verify_audit
from logs.services.personal import forget_subjects
from logs.services.system_events import note
from logs.tests.test_calls import call
from logs.tests.test_chain import as_owner

pytestmark = pytest.mark.django_db
AUDIT = reverse("dashboard:audit")


def deed(**changes):
    values = {
        "action": "alert.assigned",
        "actor_kind": "user",
        "actor": "ana@example.com",
        "subject_kind": "alert",
        "subject": "7",
        "before": {"assignee": "bob@example.com", "same": 1},
        "after": {"assignee": "ana@example.com", "same": 1, "tags": ["a", "b"]},
        "request_id": "req-00000001",
    }
    return record(**(values | changes))


@pytest.fixture
def auditor_page(signed_in):
    client = signed_in("auditor")
    return lambda address: client.get(address).content.decode()


def test_what_changed_is_shown_readably_and_links_to_the_subject(auditor_page):
    event = deed()
    shown = auditor_page(AUDIT)
    assert "<del>bob@example.com</del> <ins>ana@example.com</ins>" in shown
    assert "tags <ins>a, b</ins>" in shown and "same" not in shown
    assert 'href="/alerts/7/"' in shown and f'href="/audit/{event.pk}/"' in shown
    whole = auditor_page(f"/audit/{event.pk}/")
    assert "<del>bob@example.com</del>" in whole and "not yet: it is too new" in whole
    seal_events()
    assert f"by seal {last_seal().number}" in auditor_page(f"/audit/{event.pk}/")


def test_hostile_values_are_only_text(auditor_page):
    deed(actor="<script>alert(1)</script>", subject_kind="customer", subject='"><b>x', after={"<i>": "<u>"})
    shown = auditor_page(AUDIT)
    assert "<script>alert(1)" not in shown and "<b>x" not in shown and "<u>" not in shown
    assert "/customers/?q=%22%3E%3Cb%3Ex" in shown


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("actor=ana@example.com", 2),
        ("action=alert.assigned", 1),
        ("action=case.", 1),
        ("subject_kind=case&subject=9", 1),
        ("request_id=req-00000002", 1),
        ("request_id=none", 0),
        ("since=2001-01-01T00:00&until=2001-01-02T00:00", 0),
        ("since=nonsense", 2),
        ("since=9999-12-31T23:59&actor=%00", 2),
    ],
)
def test_the_filters(auditor_page, query, count):
    deed()
    deed(action="case.closed", subject_kind="case", subject="9", request_id="req-00000002")
    shown = auditor_page(f"{AUDIT}?{query}")
    assert shown.count("<tr data-href=") == count


def test_pages_follow_each_other(auditor_page):
    for number in range(55):
        deed(subject=str(number))
    first = auditor_page(f"{AUDIT}?actor=ana@example.com")
    assert first.count("<tr data-href=") == 50
    after = AuditEvent.objects.filter(actor="ana@example.com").order_by("-id")[49].pk
    assert f"after={after}" in first
    assert auditor_page(f"{AUDIT}?actor=ana@example.com&after={after}").count("<tr data-href=") == 5


def test_the_state_of_the_chain_is_told(auditor_page):
    event = deed()
    assert "Not verified yet" in auditor_page(AUDIT) and "Nothing is sealed yet" in auditor_page(AUDIT)
    seal_events()
    verify_and_note()
    shown = auditor_page(AUDIT)
    assert "As it was sealed" in shown and last_seal().hash[:12] in shown
    as_owner("update logs_auditevent set actor = 'x' where id = %s", event.pk)
    verify_and_note()
    shown = auditor_page(AUDIT)
    assert "Not as it was sealed" in shown and f"event {event.pk} was edited" in shown


def test_the_head_and_the_files_are_saved(signed_in):
    client = signed_in("auditor")
    deed(actor="=1+1")
    seal_events()
    head = client.get(reverse("dashboard:audit_head"))
    assert (
        json.loads(head.content)["hash"] == last_seal().hash and "attachment" in head["Content-Disposition"]
    )
    text = b"".join(client.get(f"{reverse('dashboard:audit_csv')}?subject=7").streaming_content).decode()
    assert "'=1+1" in text and len(text.splitlines()) == 2
    told = AuditEvent.objects.first()
    assert (told.action, told.actor, told.after["filters"]) == (
        "audit.exported",
        client.person.email,
        {"subject": "7"},
    )


def test_values_of_an_erased_person_are_gone_from_the_page(auditor_page):
    event = deed(subject_kind="customer", before=None, after={"name": "Claire Dubois"}, about=77)
    assert "Claire Dubois" in auditor_page(f"/audit/{event.pk}/")
    seal_events()
    forget_subjects([77])
    shown = auditor_page(f"/audit/{event.pk}/")
    assert "Claire Dubois" not in shown and "[erased]" in shown
    assert verify_audit().ok


def test_the_tabs_of_the_logs(auditor_page, decide):
    write([call(status=503), call(request_body=b'{"a": "<b>"}')])
    shown = auditor_page(reverse("dashboard:logs"))
    assert shown.count("/api/v1/transactions/") == 2 and "&lt;b&gt;" in shown
    assert auditor_page(f"{reverse('dashboard:logs')}?outcome=server").count("<b>POST</b>") == 1
    assert auditor_page(f"{reverse('dashboard:logs')}?slow=10&caller=x").count("<b>POST</b>") == 0
    assessment = decide()
    address = reverse("dashboard:logs_predictions")
    assert assessment.external_id in auditor_page(f"{address}?least=0&most=100&engine=payments")
    assert assessment.external_id not in auditor_page(f"{address}?customer=nobody")
    deed(action="model.promoted", subject_kind="model", subject="payments-2")
    assert "payments-2" in auditor_page(f"{reverse('dashboard:logs_model_versions')}?model=payments-2")
    note("backup.taken", component="database", text="Backup b-1 was taken", level="warning")
    address = reverse("dashboard:logs_system_events")
    assert "Backup b-1 was taken" in auditor_page(f"{address}?kind=backup.taken&level=warning")
    tomorrow = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    assert "Backup b-1" not in auditor_page(f"{address}?since={tomorrow}")


@pytest.mark.parametrize(
    "query", ["least=1e400", "least=%C2%B2", "most=-1", "since=0001-01-01T00:00", "after=x:y"]
)
def test_hostile_filters_are_no_error(auditor_page, query):
    for name in ("logs", "logs_predictions", "logs_model_versions", "logs_system_events", "audit"):
        assert (
            "Logs</h1>" in (page := auditor_page(f"{reverse(f'dashboard:{name}')}?{query}"))
            or "Audit" in page
        )


def test_an_analyst_sees_neither(signed_in):
    client = signed_in("analyst")
    for name in ("audit", "audit_csv", "audit_head", "logs", "logs_predictions"):
        assert client.get(reverse(f"dashboard:{name}")).status_code == 403
    assert not AuditEvent.objects.filter(action="audit.exported").exists()


def test_looking_at_a_customer_is_recorded_once(signed_in, decide):
    assessment = decide()
    client = signed_in("analyst")
    for name, pk in (("customer", assessment.customer_id), ("transaction", assessment.transaction_id)):
        assert client.get(reverse(f"dashboard:{name}", args=(pk,))).status_code == 200
    client.get(reverse("dashboard:customers"))
    (event,) = AuditEvent.objects.filter(action="customer.viewed")
    assert (event.actor, event.subject, event.after) == (
        client.person.email,
        str(assessment.customer_id),
        {"what": "page"},
    )
