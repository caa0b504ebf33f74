"""Block and allow lists in decisions: what they force, when they begin and end."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from fraud_detection.models import ListEntry
from fraud_detection.services import serving
from fraud_detection.services.decisions import decide_payment, decide_payments
from fraud_detection.services.lists import EntryRefused, add_list_entry, remove_list_entry
from logs.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("approving_engine")]
PARTIES = {
    "account": "acc-2",
    "card": "card-1",
    "device": "dev-1",
    "ip": "2001:db8::1",
    "merchant": "shop-1",
    "email_domain": "bad.example",
}


@pytest.fixture
def decide(payment, client_system):
    """decide(amount="5.00") is the body of the decision of an ordinary payment with every party."""
    parties = {
        "card_token": "card-1",
        "device_id": "dev-1",
        "ip_address": "2001:0DB8::0001",
        "merchant_id": "shop-1",
        "email": "ana@BAD.example",
    }

    def run(**changes):
        return decide_payment(payment(**(parties | changes)), client=client_system).body

    return run


@pytest.fixture
def put(analyst):
    """put("block", "device", "dev-1") makes an entry that decisions see at once."""

    def run(name, kind, value, **options):
        entry = add_list_entry(
            list=name, kind=kind, value=value, reason="seen before", acting_user=analyst, **options
        )
        serving.forget()
        return entry

    return run


def rules(body):
    return [hit["rule"] for hit in body["alerts"]]


@pytest.mark.parametrize("kind", PARTIES)
def test_a_blocked_party_is_declined(decide, put, kind):
    assert (decide()["decision"], rules(decide())) == ("approve", [])
    entry = put("block", kind, PARTIES[kind])
    body = decide()
    assert (body["decision"], rules(body)) == ("decline", ["BLOCKLIST"])
    assert body["reasons"][0]["text"] == f"On a block list: {entry.get_kind_display()} {PARTIES[kind]}"
    without = dict.fromkeys(("card_token", "device_id", "ip_address", "merchant_id", "email"))
    assert decide(**without)["decision"] == ("decline" if kind == "account" else "approve")


def test_the_kind_counts_and_not_the_text_alone(decide, put):
    put("block", "device", "card-1")
    put("block", "email_domain", "example")
    assert decide()["decision"] == "approve"


def test_lists_hold_in_a_batch_as_in_single_events(payment, put, client_system):
    put("block", "device", "dev-1")
    bodies = [d.body for d in decide_payments([payment(), payment(device_id="dev-1")], client=client_system)]
    assert [(body["decision"], rules(body)) for body in bodies] == [
        ("approve", []),
        ("decline", ["BLOCKLIST"]),
    ]


def test_an_allowed_party_is_approved_and_keeps_its_score(drain, client_system, put):
    suspected = decide_payment(drain(), client=client_system).body
    assert (suspected["decision"], suspected["risk_score"]) == ("review", 60.0)
    put("allow", "account", "acc-1")
    allowed = decide_payment(drain(), client=client_system).body
    assert (allowed["decision"], allowed["risk_score"], rules(allowed)) == (
        "approve",
        60.0,
        ["ACCOUNT_DRAIN"],
    )


def test_allowed_does_not_help_who_is_blocked(decide, put):
    put("allow", "account", "acc-1")
    put("block", "card", "card-1")
    assert decide()["decision"] == "decline"


def test_an_entry_ends_with_its_time(decide, put):
    entry = put("block", "device", "dev-1", expires_at=timezone.now() + timedelta(hours=1))
    assert decide()["decision"] == "decline"
    ListEntry.objects.filter(pk=entry.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert decide()["decision"] == "approve"


def test_an_expired_entry_does_not_stand_in_the_way_of_a_new_one(decide, put):
    old = put("block", "device", "dev-1", expires_at=timezone.now() - timedelta(hours=1))
    new = put("block", "device", "dev-1")
    assert new != old and decide()["decision"] == "decline"
    old.refresh_from_db()
    assert old.removed_at is not None and new.expires_at is None


def test_removal_counts_at_once_and_is_kept_for_the_record(decide, put, analyst):
    entry = put("block", "device", "dev-1")
    assert decide()["decision"] == "decline"
    removed = remove_list_entry(entry_id=entry.pk, acting_user=analyst, request_id="trace-1")
    assert decide()["decision"] == "approve"
    assert remove_list_entry(entry_id=entry.pk, acting_user=analyst).removed_at == removed.removed_at
    events = AuditEvent.objects.filter(subject_kind="list_entry").order_by("id")
    assert list(events.values_list("action", "actor", "subject")) == [
        ("list_entry.added", analyst.email, str(entry.pk)),
        ("list_entry.removed", analyst.email, str(entry.pk)),
    ]
    assert put("block", "device", "dev-1") != entry


def test_the_same_entry_is_made_once(put):
    first = put("block", "device", " dev-1 ")
    assert put("block", "device", "dev-1", expires_at=timezone.now()) == first
    assert put("allow", "device", "dev-1") != first
    assert AuditEvent.objects.filter(action="list_entry.added").count() == 2
    with pytest.raises(IntegrityError, match="fraud_listentry_once"), transaction.atomic():
        ListEntry.objects.create(list="block", kind="device", value="dev-1", reason="twice")


def test_the_first_entry_is_seen_by_the_next_look_of_a_process(decide, analyst):
    assert decide()["decision"] == "approve"
    add_list_entry(list="block", kind="device", value="dev-1", reason="x", acting_user=analyst)
    assert decide()["decision"] == "approve"  # within the two seconds between looks
    serving._checked_at.clear()
    assert decide()["decision"] == "decline"


@pytest.mark.parametrize(
    ("kind", "value"),
    [("ip", "10.0.0.999"), ("ip", ""), ("device", "  "), ("device", "nul\x00"), ("email_domain", "@")],
)
def test_what_no_event_can_carry_is_refused(put, kind, value):
    with pytest.raises(EntryRefused):
        put("block", kind, value)
    assert (
        not ListEntry.objects.exists() and not AuditEvent.objects.filter(subject_kind="list_entry").exists()
    )
