"""The pages of features and declared fields."""

import pytest

from fraud_detection.models import DeclaredField, FeatureDefinition

pytestmark = pytest.mark.django_db
FORM = {
    "engine": "payments", "name": "spent_week", "entity": "sender", "aggregate": "sum", "column": "amount",
    "window": "7d", "include_current": "on", "column-1": "type", "is-1": "in", "value-1": "transfer, payment",
    "do": "save",
}  # fmt: skip


@pytest.fixture
def signed_in(client, person, payments_engine):
    def make(role):
        client.person = person(role)
        client.force_login(client.person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


def test_a_feature_is_written_tried_submitted_and_approved(signed_in, client_system, payment):
    from fraud_detection.services.decisions import decide_payment

    decide_payment(payment(amount="1640.00"), client=client_system)
    page = signed_in("analyst")
    tried = page.post("/features/new/", {**FORM, "do": "preview"}).content.decode()
    assert "Sum of the amounts over the events of this sender in the last 7d" in tried
    assert tried.count('<div class="v">1,640.00</div>') == 3 and '<td class="num b">1,640.00</td>' in tried
    assert not FeatureDefinition.objects.exists()
    assert page.post("/features/new/", FORM).status_code == 302
    row = FeatureDefinition.objects.get()
    assert row.spec == {
        "entity": "sender", "aggregate": "sum", "column": "amount", "window": "7d", "include_current": True,
        "filter": [{"column": "type", "is": "in", "value": ["transfer", "payment"]}],
    }  # fmt: skip
    at = f"/features/{row.pk}/"
    changed = {**FORM, "window": "8d", "version": 1, "meaning": "Eight days."}
    assert page.post(at, changed).status_code == 302
    stale = page.post(at, changed)
    assert stale.status_code == 409 and "it is now at version 2" in stale.content.decode()
    assert page.post(f"{at}submit/", {"version": 2}).status_code == 302
    assert page.post(f"{at}approve/", {"version": 3}).status_code == 403
    page = signed_in("admin")
    assert page.post(f"{at}approve/", {"version": 3}).status_code == 302
    row.refresh_from_db()
    assert (row.stage, row.spec["window"], row.meaning) == ("active", "8d", "Eight days.")
    listed = page.get("/features/?search=spent_week").content.decode()
    assert "1 shown" in listed and "defined v1" in listed
    following = dict(FORM, window="9d")
    assert page.post("/features/new/", following).status_code == 302
    assert FeatureDefinition.objects.get(number=2).stage == "draft"


def test_what_does_not_hold_is_told_and_the_form_kept(signed_in):
    page = signed_in("analyst")
    refused = page.post("/features/new/", {**FORM, "window": "9y", "value-1": "gift"})
    told = refused.content.decode()
    assert refused.status_code == 422 and "must be a whole number with m, h or d" in told
    assert "must be one of payment, transfer" in told and 'value="9y"' in told
    assert not FeatureDefinition.objects.exists()


def test_every_engine_has_its_catalogue_and_its_form(signed_in):
    page = signed_in("analyst")
    for engine in ("payments", "aml", "credit", "insurance", "market"):
        assert page.get(f"/features/?engine={engine}").status_code == 200
        assert page.get(f"/features/new/?engine={engine}").status_code == 200
    assert "sender_count_1h" in page.get("/features/?search=last+1+hour").content.decode()


def test_a_field_is_declared_and_withdrawn(signed_in):
    page = signed_in("analyst")
    sent = {"name": "basket", "kind": "number", "unit": "items", "meaning": "Items in the basket."}
    assert page.post("/event-fields/", sent).status_code == 302
    row = DeclaredField.objects.get()
    assert "field_basket" in page.get("/event-fields/").content.decode()
    twice = page.post("/event-fields/", sent)
    assert twice.status_code == 409 and "declared already" in twice.content.decode()
    assert page.post("/event-fields/", {**sent, "name": "amount"}).status_code == 422
    assert page.post(f"/event-fields/{row.pk}/", {"version": 1, "do": "withdraw"}).status_code == 302
    row.refresh_from_db()
    assert row.active is False
    assert page.post(f"/event-fields/{row.pk}/", {"version": 1, "do": "take"}).status_code == 409


def test_auditors_look_and_change_nothing(signed_in):
    page = signed_in("auditor")
    assert page.get("/features/").status_code == page.get("/event-fields/").status_code == 200
    assert page.post("/features/new/", FORM).status_code == 403
    assert page.post("/event-fields/", {"name": "basket"}).status_code == 403
    assert not FeatureDefinition.objects.exists() and not DeclaredField.objects.exists()
