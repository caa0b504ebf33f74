"""The admin site over every registered model: admins look and act, auditors only look."""

from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.contrib import admin as admin_site
from django.urls import reverse
from django.utils import timezone

from alerts.services import raise_system_alert
from fraud_detection.models import (
    ApplicantGroup,
    CustomerPrediction,
    DeepSearch,
    EngineState,
    HistoryUpload,
    ImportedHistory,
    ListEntry,
    ModelVersion,
)
from fraud_detection.services.custom_lists import make_custom_list
from fraud_detection.services.decisions import decide_payment
from fraud_detection.services.lists import add_list_entry
from fraud_detection.services.model_registry import register
from fraud_detection.services.monitoring import watch
from fraud_detection.services.sources import decide_event
from fraud_detection.tests.admin_rows import make_all
from fraud_detection.tests.market_events import Tape
from logs.models import AuditEvent, IdempotentCall
from transactions.models import FxRate, Transaction
from transactions.services import record_labels
from users.models import ApiKey, Customer, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, person):
    def make(role: str):
        client.person = person(role)
        client.force_login(client.person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def a_row_of_everything(champion, drain, client_system, api_key):
    """One row at least of every model that the admin site shows; new ones go to `admin_rows`."""
    api_key("read")
    given = {
        "card_token": "c-1",
        "ip_address": "10.0.0.1",
        "latitude": 1.5,
        "metadata": {"a": 1},
        "channel": "web",
        "status": "declined",
    }
    decide_payment(drain(**given), client=client_system)
    DeepSearch.objects.create(event=Transaction.objects.get())
    record_labels([Transaction.objects.get().pk], verdict="fraud", source="customer", known_at=timezone.now())
    IdempotentCall.objects.create(caller="shop", key="k-1", digest=b"0" * 16, started_at=timezone.now())
    FxRate.objects.create(day=datetime(2026, 1, 1, tzinfo=UTC).date(), currency="EUR", usd=1)
    user = User.objects.create_user("row@example.com", role="analyst")
    add_list_entry(list="block", kind="device", value="D-1", reason="stolen", acting_user=user)
    make_custom_list(name="risky_categories", description="Watched shops", acting_user=user)
    watch("payments", timezone.now() + timedelta(seconds=1))
    raise_system_alert(
        engine="payments",
        kind="test",
        subject="payments-1",
        severity="high",
        message="moved",
        at=timezone.now(),
    )
    tape = Tape(client_system)
    tape.buy(0, "A1", 10, 100, owner_group="G")
    tape.sell(1, "A2", 10, 100, owner_group="G")
    application = {"applicant_id": "A-1", "monthly_income": 4200, "employment_length": 24}
    decide_event("credit", application, client=client_system)
    claim = {"claim_id": "C-1", "policy_id": "P-1", "claim_amount": 1, "estimated_value": 1}
    decide_event("insurance", claim | {"provider_id": "G-1"}, client=client_system)
    CustomerPrediction.objects.create(
        customer=Customer.objects.first(), model=champion, probability=0.5, threshold=0.2, unpaid=True
    )
    ImportedHistory.objects.create(
        name="cards", mapping={}, report={}, rows=2, positives=1, directory="cards-1"
    )
    HistoryUpload.objects.create(filename="cards.csv", size=9, mapping={})
    ApplicantGroup.objects.create(applicant_id="A-1", attribute="cohort", group="a")
    make_all(user)


def pages(model):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    row = model._default_manager.order_by("pk").first()
    return reverse(f"{name}_changelist"), row and reverse(f"{name}_change", args=[row.pk])


def test_every_model_of_ours_is_registered():
    shown = set(admin_site.site._registry)
    for app in ("users", "transactions", "alerts", "logs", "fraud_detection"):
        assert set(apps.get_app_config(app).get_models()) - shown == set()


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_every_page_opens_and_only_admins_change(signed_in, a_row_of_everything, role):
    browser = signed_in(role)
    assert browser.get("/admin/").status_code == 200
    for model in admin_site.site._registry:
        listed, detail = pages(model)
        assert browser.get(listed).status_code == 200, listed
        assert browser.get(f"/admin/{model._meta.app_label}/").status_code == 200, model
        if detail is None:  # nobody failed to sign in
            assert model._meta.app_label == "axes", model
            continue
        assert browser.get(detail).status_code == 200, detail
        assert browser.get(f"{listed}?q=nothing").status_code == 200, listed
        if role == "auditor":
            before = list(model._default_manager.order_by("pk").values())
            for address in (detail, f"{listed}add/", f"{detail.removesuffix('change/')}delete/"):
                assert browser.post(address, {"post": "yes"}).status_code == 403, address
            assert list(model._default_manager.order_by("pk").values()) == before


def test_no_secret_is_shown(signed_in, a_row_of_everything):
    key = ApiKey.objects.get()
    browser = signed_in("auditor")
    assert key.digest not in browser.get(pages(ApiKey)[1]).content.decode()
    assert "pbkdf2" not in browser.get(pages(User)[1]).content.decode().replace("pbkdf2_sha256", "")


def test_a_key_is_revoked_by_an_admin_and_not_by_an_auditor(signed_in, api_key):
    api_key("read")
    key = ApiKey.objects.get()
    form = {"action": "revoke", "_selected_action": [key.pk]}
    signed_in("auditor").post("/admin/users/apikey/", form)
    key.refresh_from_db()
    assert key.revoked_at is None
    browser = signed_in("admin")
    assert browser.post("/admin/users/apikey/", form).status_code == 302
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert AuditEvent.objects.get(action="api_key.revoked").actor == browser.person.email


def test_changing_a_person_leaves_a_trail(signed_in, analyst):
    browser = signed_in("admin")
    form = {"email": analyst.email.upper(), "name": "Ana"}
    assert browser.post(pages_of(analyst), form).status_code == 302
    analyst.refresh_from_db()
    assert (analyst.name, analyst.email) == ("Ana", analyst.email.lower())
    event = AuditEvent.objects.get(action="user.changed")
    assert (event.after["role"], event.after["fields"]) == ("analyst", ["email", "name"])


def pages_of(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"home_country": "1"}, "home_country"),
        ({"home_country": "É1"}, "home_country"),
        ({"email": "nobody"}, "email"),
    ],
)
def test_a_customer_gets_only_what_decisions_can_read(signed_in, change, field):
    customer = Customer.objects.create(external_id="acc-1")
    form = {"name": "Ana", "attributes": "{}"}
    answer = signed_in("admin").post(pages_of(customer), form | change)
    assert answer.status_code == 200 and list(answer.context["adminform"].form.errors) == [field]
    assert not Customer.objects.exclude(name="").exists() and not AuditEvent.objects.exists()


def test_a_customer_s_zone_counts_in_decisions(signed_in, approving_engine, payment, client_system):
    customer = Customer.objects.create(external_id="acc-1")
    form = {
        "name": "Ana",
        "attributes": '{"income": 1}',
        "time_zone": "Pacific/Kiritimati",
        "home_country": "us",
    }
    assert signed_in("admin").post(pages_of(customer), form).status_code == 302
    customer.refresh_from_db()
    assert (customer.home_country, customer.time_zone) == ("US", "Pacific/Kiritimati")
    decide_payment(payment(), client=client_system)
    event = Transaction.objects.get()
    assert event.local_hour == (event.occurred_at.astimezone(UTC) + timedelta(hours=14)).hour
    assert AuditEvent.objects.get(action="customer.changed").after == {
        "fields": ["attributes", "home_country", "name", "time_zone"]
    }


class TestLists:
    LIST = "/admin/fraud_detection/listentry/"

    def add(self, browser, **changes):
        form = {"list": "block", "kind": "device", "value": "D-1", "reason": "stolen"}
        return browser.post(f"{self.LIST}add/", form | changes)

    def test_an_entry_is_added_once_with_its_trail(self, signed_in):
        browser = signed_in("admin")
        assert self.add(browser).status_code == 302
        entry = ListEntry.objects.get()
        assert (entry.value, entry.created_by) == ("D-1", browser.person.email)
        self.add(browser)
        assert ListEntry.objects.count() == 1
        assert AuditEvent.objects.filter(action="list_entry.added").count() == 1

    def test_values_are_written_as_events_carry_them(self, signed_in):
        browser = signed_in("admin")
        self.add(browser, kind="ip", value="2001:DB8::0001")
        self.add(browser, kind="email_domain", value=" @Example.COM")
        assert sorted(ListEntry.objects.values_list("value", flat=True)) == ["2001:db8::1", "example.com"]

    def test_what_no_event_can_carry_is_refused(self, signed_in):
        answer = self.add(signed_in("admin"), kind="ip", value="10.0.0.999")
        assert answer.status_code == 200 and list(answer.context["adminform"].form.errors) == ["value"]
        assert not ListEntry.objects.exists()

    def test_an_entry_is_taken_off_and_not_edited(self, signed_in):
        browser = signed_in("admin")
        self.add(browser)
        entry = ListEntry.objects.get()
        assert browser.post(pages_of(entry), {"value": "D-2"}).status_code == 403
        browser.post(self.LIST, {"action": "remove", "_selected_action": [entry.pk]})
        entry.refresh_from_db()
        assert entry.removed_at is not None and entry.value == "D-1"
        assert browser.post(pages_of(entry), {"value": "D-1"}).status_code == 403
        assert ListEntry.objects.count() == 1


def test_four_eyes_hold_in_the_admin_site_too(signed_in, champion, small_model):
    browser = signed_in("admin")
    second = register(small_model, created_by=browser.person.email)
    act = {"action": "make_champion", "_selected_action": [second.pk]}
    answer = browser.post("/admin/fraud_detection/modelversion/", act, follow=True)
    assert "somebody else must approve it" in str(next(iter(answer.context["messages"])))
    assert EngineState.objects.get(engine="payments").model == champion
    signed_in("admin").post("/admin/fraud_detection/modelversion/", act)
    assert EngineState.objects.get(engine="payments").model == second
    assert ModelVersion.objects.get(pk=champion.pk).stage == "retired"
